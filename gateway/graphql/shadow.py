"""A share of compiled answers looked at again: graphql-core runs the same query, beside the request.

The data may change meanwhile, so that an answer which differs says nothing yet. What graphql-core answered is right
where it was asked between two compiled answers that are the same; if these are not, both are asked again.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Mapping
from hashlib import sha256
from typing import Any, Protocol

from graphql import FieldNode, Visitor, visit

from domain.viewer import Viewer
from gateway import json
from gateway.graphql.document import Operation
from gateway.graphql.outcomes import Outcomes
from gateway.graphql.request import GraphQLRequest
from gateway.logging import logger

_AT_ONCE = 2
"""More than one core can do: what comes meanwhile is not looked at."""
_ATTEMPTS = 3
"""How often both are asked again of what keeps changing."""

_log = logger(__name__)


class Asker(Protocol):
    """On whose behalf an operation ran."""

    @property
    def viewer(self) -> Viewer | None:
        """Who called."""
        ...

    @property
    def request_id(self) -> str:
        """The id the call is known by; errors tell it."""
        ...


class Again(Protocol):
    """Runs a query again for the same viewer, in a context of its own: it costs no points and is in no log."""

    async def __call__(
        self, operation: Operation, request: GraphQLRequest, asker: Asker, /, *, compiled: bool
    ) -> bytes:
        """The response: as compiled, which may fall back, or by graphql-core."""
        ...


class Shadow:
    """Compares a share of compiled answers with those of graphql-core; logs where they differ, and counts."""

    def __init__(self, share: float, again: Again, outcomes: Outcomes) -> None:
        self._share = share
        self._again = again
        self._counts = outcomes.shadows
        self._looking: set[asyncio.Task[None]] = set()

    def look(self, operation: Operation, request: GraphQLRequest, asker: Asker, body: bytes) -> None:
        """Have a compiled answer of a query looked at, if it is of the share; the caller waits for nothing."""
        # Which ones is nothing to be kept from anybody.
        if not self._share or random.random() >= self._share:  # noqa: S311
            return
        if len(self._looking) >= _AT_ONCE:
            self._counts["skipped"] += 1
            return
        looking = asyncio.create_task(self._look(operation, request, asker, body))
        self._looking.add(looking)
        looking.add_done_callback(self._looking.discard)

    async def stop(self) -> None:
        """Give up what is being looked at."""
        for each in self._looking:
            each.cancel()
        await asyncio.gather(*self._looking, return_exceptions=True)

    async def _look(self, operation: Operation, request: GraphQLRequest, asker: Asker, body: bytes) -> None:
        try:
            outcome, place = await self._compared(operation, request, asker, body)
        except Exception as error:
            outcome, place = "failed", type(error).__name__
        self._counts[outcome] += 1
        if outcome in ("different", "failed"):
            known = {"operation": operation.label, "document": sha256(request.query.encode()).hexdigest()}
            _log.warning("compiled answer looked at again", outcome=outcome, place=place, **known)

    async def _compared(
        self, operation: Operation, request: GraphQLRequest, asker: Asker, body: bytes
    ) -> tuple[str, str]:
        before = _answer(body)
        for _ in range(_ATTEMPTS):
            right = _answer(await self._again(operation, request, asker, compiled=False))
            if _written(right) == _written(before):
                return "same", ""
            after = _answer(await self._again(operation, request, asker, compiled=True))
            if _written(after) == _written(before):
                return "different", _difference(right, before, _fields(operation))
            before = after
        return "changing", ""


def _answer(body: bytes) -> dict[str, Any]:
    """What is compared: the data and the errors; what an operation cost may differ."""
    response = json.loads(body)
    return {name: response.get(name) for name in ("data", "errors")}


def _written(answer: dict[str, Any]) -> bytes:
    # The order of fields counts, too.
    return json.dumps(answer)


def _fields(operation: Operation) -> Mapping[str, str]:
    """What the keys of an answer are called in the schema: aliases are a client's own words."""
    names: dict[str, str] = {"data": "data", "errors": "errors"}

    class Naming(Visitor):
        def enter_field(self, node: FieldNode, *_: Any) -> None:
            names.setdefault(node.alias.value if node.alias else node.name.value, node.name.value)

    visit(operation.document, Naming())
    return names


def _difference(right: Any, found: Any, names: Mapping[str, str]) -> str:
    """Where two answers begin to differ, such as `data.leads.nodes[3].email`."""
    if isinstance(right, dict) and isinstance(found, dict):
        if list(right) != list(found):
            return ""
        for key, value in right.items():
            # Below a field that holds JSON keys are stored values, which no log may tell.
            if _written(value) != _written(found[key]):
                inner = _difference(value, found[key], names) if key in names else ""
                return f".{names[key]}{inner}" if key in names else inner
    if isinstance(right, list) and isinstance(found, list) and len(right) == len(found):
        for number, (one, other) in enumerate(zip(right, found, strict=True)):
            if _written(one) != _written(other):
                return f"[{number}]{_difference(one, other, names)}"
    return ""
