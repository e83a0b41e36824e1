"""From the text of a document to a validated operation, remembered for the next request with the same text."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    GraphQLSyntaxError,
    NoSchemaIntrospectionCustomRule,
    OperationDefinitionNode,
    OperationType,
    parse,
    specified_rules,
    validate,
)

from gateway.graphql.cost import CostPlan
from gateway.graphql.errors import Code, Refused, over_limit
from gateway.graphql.limits import GraphQLLimits
from gateway.graphql.shape import Outline, outlines
from schema.compiled.operations import Compiled, Compiler

# Measured: a parsed document with its locations takes about 550 bytes per token, and compiled as much again.
_BYTES_PER_TOKEN = 1_100
# Names and texts of errors quote the document; what is quoted need not be longer than this.
_QUOTED = 80
# A name goes into the log of calls, so it must be short, and not look like a key or a token of ours.
_SANE_NAME = re.compile(r"(?!tg[a-z]{1,2}_)[A-Za-z0-9_]{1,64}")
_NAMED_FIELDS = 10


@dataclass(frozen=True, slots=True)
class Operation:
    """One executable operation of a validated document; `label` is how it is called in the log of calls."""

    document: DocumentNode
    definition: OperationDefinitionNode
    name: str | None
    label: str
    plan: CostPlan
    compiled: Compiled | None = None

    @property
    def is_mutation(self) -> bool:
        """Whether executing it may change something."""
        return self.definition.operation is OperationType.MUTATION

    @property
    def is_query(self) -> bool:
        """Whether it only reads, once."""
        return self.definition.operation is OperationType.QUERY

    @property
    def is_subscription(self) -> bool:
        """Whether it answers more than once."""
        return self.definition.operation is OperationType.SUBSCRIPTION


@dataclass(slots=True)
class _Validated:
    document: DocumentNode
    outlines: Mapping[int, list[Outline]]
    weight: int
    operations: dict[str | None, Operation] = field(default_factory=dict)


class Documents:
    """Parses, measures and validates documents; keeps the latest ones within a count and a size."""

    def __init__(self, schema: GraphQLSchema, limits: GraphQLLimits, compiler: Compiler | None = None) -> None:
        self._schema = schema
        self._limits = limits
        self._compiler = compiler
        self._kept: OrderedDict[str, _Validated] = OrderedDict()
        self._weight = 0
        self._dropped: list[Callable[[], None]] = []
        self._rules = list(specified_rules)
        if not limits.introspection:
            self._rules.append(NoSchemaIntrospectionCustomRule)

    def operation(self, text: str, name: str | None) -> Operation:
        """The operation of that name, or the only one when no name is given.

        Raises:
            Refused: when the text is too long, does not parse, exceeds a limit, is not valid, or the operation
                cannot be determined.
        """
        validated = self._kept.get(text)
        if validated is None:
            validated = self._validated(text)
            self._keep(text, validated)
        else:
            self._kept.move_to_end(text)
        known = validated.operations.get(name)
        if known is None:
            known = validated.operations[name] = self._selected(validated, name)
        return known

    def known(self, text: str, name: str | None) -> Operation | None:
        """The same if it was asked for before, and is still remembered."""
        validated = self._kept.get(text)
        if validated is None:
            return None
        self._kept.move_to_end(text)
        return validated.operations.get(name)

    def on_drop(self, heard: Callable[[], None]) -> None:
        """Call `heard` whenever there is no room for a document any more."""
        self._dropped.append(heard)

    def _validated(self, text: str) -> _Validated:
        document = self._parsed(text)
        measured = outlines(document, self._limits)
        self._validate(document)
        return _Validated(document, measured, document.token_count * _BYTES_PER_TOKEN + len(text))

    def _keep(self, text: str, validated: _Validated) -> None:
        self._kept[text] = validated
        self._weight += validated.weight
        while len(self._kept) > self._limits.cached_documents or self._weight > self._limits.cached_bytes:
            self._weight -= self._kept.popitem(last=False)[1].weight
            for heard in self._dropped:
                heard()

    def _parsed(self, text: str) -> DocumentNode:
        limits = self._limits
        if len(text) > limits.document_characters:
            raise over_limit(
                Code.DOCUMENT_LIMIT_EXCEEDED,
                f"The document has {len(text)} characters; at most {limits.document_characters} are allowed.",
                maximum=limits.document_characters,
            )
        try:
            return parse(text, max_lexical_tokens=limits.tokens, max_comments=limits.tokens)
        except GraphQLSyntaxError as error:
            raise self._unparsed(error) from None

    def _unparsed(self, error: GraphQLSyntaxError) -> Refused:
        if error.description.startswith("Document contains more than"):
            return over_limit(Code.TOKEN_LIMIT_EXCEEDED, error.description, maximum=self._limits.tokens)
        if error.description.startswith("Document is nested too deeply"):
            return over_limit(Code.DEPTH_LIMIT_EXCEEDED, error.description, maximum=self._limits.depth)
        return Refused([error], Code.GRAPHQL_PARSE_FAILED)

    def _validate(self, document: DocumentNode) -> None:
        errors = validate(
            self._schema,
            document,
            self._rules,
            max_errors=self._limits.validation_errors,
            hide_suggestions=not self._limits.suggestions,
        )
        if errors:
            raise Refused(errors, Code.GRAPHQL_VALIDATION_FAILED)

    def _selected(self, validated: _Validated, name: str | None) -> Operation:
        index = self._index(validated, name)
        definition = validated.document.definitions[index]
        assert isinstance(definition, OperationDefinitionNode)  # noqa: S101 - only operations have outlines
        roots = validated.outlines[index]
        plan = CostPlan(self._schema, definition, roots, self._limits)
        compiled = self._compiler.operation(validated.document, definition) if self._compiler else None
        return Operation(validated.document, definition, name, _label(definition, roots), plan, compiled)

    def _index(self, validated: _Validated, name: str | None) -> int:
        if name is None:
            if len(validated.outlines) == 1:
                return next(iter(validated.outlines))
            several = "`operationName` is required: the document has several operations."
            raise _unresolved(several if validated.outlines else "The document has no operation.")
        for index in validated.outlines:
            definition = validated.document.definitions[index]
            named = getattr(definition, "name", None)
            if named is not None and named.value == name:
                return index
        raise _unresolved(f"The document has no operation named {name[:_QUOTED]!r}.")


def _label(definition: OperationDefinitionNode, roots: Sequence[Outline]) -> str:
    """Kind and fields of an operation, such as `query Leads { leads }`: names of the schema, and its own if sane."""
    named = definition.name.value if definition.name else ""
    kind = f"{definition.operation.value} {named}" if _SANE_NAME.fullmatch(named) else definition.operation.value
    fields = list(dict.fromkeys(root.name for root in roots))
    more = [f"{len(fields) - _NAMED_FIELDS} more"] if len(fields) > _NAMED_FIELDS else []
    return f"{kind} {{ {', '.join([*fields[:_NAMED_FIELDS], *more])} }}"


def _unresolved(message: str) -> Refused:
    return Refused([GraphQLError(message)], Code.OPERATION_RESOLUTION_FAILURE)
