"""The messages of the graphql-transport-ws protocol, as they are read and written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from gateway import json
from gateway.graphql import request
from gateway.graphql.errors import Refused
from gateway.graphql.request import GraphQLRequest

PROTOCOL = "graphql-transport-ws"

# The protocol leaves the form of ids to the client; libraries send UUIDs or counters.
_LONGEST_ID = 128


class Type(StrEnum):
    """The types a client may send."""

    CONNECTION_INIT = "connection_init"
    PING = "ping"
    PONG = "pong"
    SUBSCRIBE = "subscribe"
    COMPLETE = "complete"


class Invalid(Exception):
    """A message the protocol does not know; its text is the reason the socket is closed with."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a client; `request` belongs to `subscribe`, `payload` to the others."""

    type: Type
    id: str = ""
    payload: Mapping[str, Any] | None = None
    request: GraphQLRequest | None = None


def read(text: str) -> Message:
    """The message of a text frame.

    Raises:
        Invalid: naming what is wrong.
    """
    try:
        value = json.loads(text)
    except json.MalformedJSON as error:
        raise Invalid(f"Invalid message: not JSON ({error})") from None
    if not isinstance(value, dict):
        raise Invalid("Invalid message: expected a JSON object")
    kind = _type(value.get("type"))
    if kind is Type.SUBSCRIBE:
        return Message(kind, _id(value, kind), request=_request(value.get("payload")))
    if kind is Type.COMPLETE:
        return Message(kind, _id(value, kind))
    payload = value.get("payload")
    if payload is not None and not isinstance(payload, dict):
        raise Invalid(f"Invalid message: `payload` of {kind} must be an object")
    return Message(kind, payload=payload)


def ack() -> str:
    """The connection is accepted."""
    return '{"type":"connection_ack"}'


def ping() -> str:
    """A sign of life that asks for one."""
    return '{"type":"ping"}'


def pong(payload: Mapping[str, Any] | None) -> str:
    """The answer to a ping, with its payload."""
    if payload is None:
        return '{"type":"pong"}'
    return json.dumps({"type": "pong", "payload": payload}).decode()


def next_head(id: str) -> bytes:
    """What comes before the answer in a result; after it comes a closing brace."""
    return f'{{"id":{_quoted(id)},"type":"next","payload":'.encode()


def next_result(id: str, answer: bytes) -> str:
    """A result, around an answer that was serialised before and may be shared by many sockets."""
    return (next_head(id) + answer + b"}").decode()


def error(id: str, errors: list[dict[str, Any]]) -> str:
    """The operation was refused or broke; nothing follows."""
    return json.dumps({"id": id, "type": "error", "payload": errors}).decode()


def complete(id: str) -> str:
    """The operation has come to its end."""
    return f'{{"id":{_quoted(id)},"type":"complete"}}'


def _quoted(id: str) -> str:
    return json.dumps(id).decode()


def _type(value: Any) -> Type:
    if not isinstance(value, str):
        raise Invalid("Invalid message: `type` must be a string")
    try:
        return Type(value)
    except ValueError:
        raise Invalid(f"Invalid message: unknown type {value[:40]!r}") from None


def _id(value: Mapping[str, Any], kind: Type) -> str:
    given = value.get("id")
    if given is None:
        raise Invalid(f"Invalid message: `id` is required in {kind}")
    if not isinstance(given, str) or not given:
        raise Invalid("Invalid message: `id` must be a non-empty string")
    if len(given) > _LONGEST_ID:
        raise Invalid(f"Invalid message: `id` is longer than {_LONGEST_ID} characters")
    return given


def _request(payload: Any) -> GraphQLRequest:
    try:
        return request.from_object(payload, "`payload`")
    except Refused as refused:
        raise Invalid(f"Invalid message: {refused}") from None
