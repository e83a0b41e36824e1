"""Documents of the process itself: trusted, run in process, read from a file beside whoever asks."""

from __future__ import annotations

from functools import cached_property
from inspect import isawaitable
from pathlib import Path
from typing import Any

from graphql import DocumentNode, GraphQLSchema, execute, parse

from domain.errors import DomainError
from schema.context import Context


class OwnDocument:
    """One operation of ours; parsed when it is first run."""

    def __init__(self, schema: GraphQLSchema, file: Path) -> None:
        self._schema = schema
        self._file = file

    async def run(self, context: Context, **variables: object) -> dict[str, Any]:
        """What the graph answers.

        Raises:
            DomainError: what was asked for is refused.
            Exception: the graph failed, by the first of its reasons.
        """
        result = execute(self._schema, self._document, context_value=context, variable_values=variables)
        if isawaitable(result):
            result = await result
        errors = result.errors or []
        refusals = [each.original_error for each in errors if isinstance(each.original_error, DomainError)]
        for error in errors:
            raise refusals[0] if len(refusals) == len(errors) else error.original_error or error
        return result.data or {}

    @cached_property
    def _document(self) -> DocumentNode:
        return parse(self._file.read_text("utf-8"), no_location=True)
