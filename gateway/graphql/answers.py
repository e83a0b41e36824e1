"""What operations answer, as it goes out."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from graphql.execution import ExecutionResult

from domain.values import ShownOnce
from gateway import json
from gateway.calls import CallRecord
from gateway.graphql.errors import Refused, rendered


@dataclass(slots=True)
class Answer:
    """A serialised GraphQL response; `codes` are those of its errors.

    `once` tells that it holds what is shown once, so that it may not be kept.
    """

    body: bytes
    codes: tuple[str, ...] = ()
    event_id: str | None = None
    once: bool = False


class PlainAnswer(NamedTuple):
    """The response to a query of which nothing is told but its data and its cost, both as JSON."""

    data: bytes
    cost: bytes

    @property
    def parts(self) -> tuple[bytes, ...]:
        """What it is written of: pages are long, and copied once."""
        return b'{"data":', self.data, b',"extensions":{"cost":', self.cost, b"}}"

    @property
    def body(self) -> bytes:
        """It, as it goes out."""
        return b"".join(self.parts)


class Events:
    """The answers of a subscription. Closing them closes their source, also when none was read."""

    def __init__(self, answers: AsyncGenerator[Answer, None], source: AsyncIterable[Any]) -> None:
        self._answers = answers
        self._source: AsyncIterable[Any] | None = source

    def __aiter__(self) -> AsyncIterator[Answer]:
        # From here on the generator closes the source; one that was never entered would not.
        self._source = None
        return self._answers

    async def aclose(self) -> None:
        """Close the answers and their source."""
        await self._answers.aclose()
        close = getattr(self._source, "aclose", None)
        if close is not None:
            await close()


def answer_of(result: ExecutionResult, request_id: str, extensions: Mapping[str, Any] | None = None) -> Answer:
    """The response that says what graphql-core has made of an operation."""
    response: dict[str, Any] = {"data": result.data}
    codes: tuple[str, ...] = ()
    if result.errors:
        response["errors"] = rendered(result.errors, request_id)
        codes = tuple(entry["extensions"]["code"] for entry in response["errors"])
    if extensions is not None:
        response["extensions"] = extensions
    return Answer(json.dumps(response), codes, cursor_of(result.data) if extensions is None else None)


def shows_once(value: Any) -> bool:
    """Whether an answer holds a new key or another text that is kept nowhere."""
    if isinstance(value, dict):
        return any(map(shows_once, value.values()))
    if isinstance(value, list):
        return any(map(shows_once, value))
    return isinstance(value, ShownOnce)


def cursor_of(data: Mapping[str, Any] | None) -> str | None:
    """The cursor of an event, when the subscription selected it under its own name."""
    for event in (data or {}).values():
        cursor = event.get("cursor") if isinstance(event, dict) else None
        if isinstance(cursor, str) and not any(sign in cursor for sign in "\r\n\0"):
            return cursor
    return None


def refusal(refused: Refused, call: CallRecord) -> dict[str, Any]:
    """The GraphQL response of a refused request: errors, and no data; the call is known to have been refused."""
    errors = rendered(refused.errors, call.request_id, refused.code or None)
    call.answered_with([entry["extensions"]["code"] for entry in errors])
    return {"errors": errors}
