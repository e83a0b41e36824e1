"""A GraphQL request, and how it is read from JSON, from a query string and from a message."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from gateway import json
from gateway.graphql.errors import malformed

_PARAMETERS = ("query", "operationName", "variables", "extensions")
# More than the four known parameters are allowed and ignored, but not without end.
_MOST_PARAMETERS = 100


@dataclass(frozen=True, slots=True)
class GraphQLRequest:
    """One request, however it arrived."""

    query: str
    operation_name: str | None = None
    variables: dict[str, Any] = field(default_factory=dict)
    extensions: dict[str, Any] = field(default_factory=dict)


def parsed(text: bytes | str, what: str) -> Any:
    """A JSON value; `what` names it for the caller.

    Raises:
        Refused: 400 when it is not JSON.
    """
    try:
        return json.loads(text)
    except json.MalformedJSON as error:
        raise malformed(f"{what} must be JSON in UTF-8: {error}.") from None


def from_body(body: bytes) -> GraphQLRequest:
    """The request of a JSON body.

    Raises:
        Refused: 400 naming what was expected.
    """
    if not body:
        raise malformed("The request body is empty; expected a JSON object with `query`.")
    return from_object(parsed(body, "The request body"), "The request body")


def from_object(value: Any, what: str) -> GraphQLRequest:
    """The request a JSON object stands for; properties it does not know are ignored.

    Raises:
        Refused: 400 naming the property and the expected type.
    """
    if isinstance(value, list):
        raise malformed(f"{what} must be one JSON object with `query`; arrays of requests are not supported.")
    if not isinstance(value, dict):
        raise malformed(f"{what} must be a JSON object with `query`, not {_kind(value)}.")
    query = value.get("query")
    if query is None:
        raise malformed("`query` is required: the text of a GraphQL document.")
    if not isinstance(query, str):
        raise malformed(f"`query` must be a string, not {_kind(query)}.")
    if not query.strip():
        raise malformed("`query` must not be empty.")
    name = value.get("operationName")
    if name is not None and not isinstance(name, str):
        raise malformed(f"`operationName` must be a string, not {_kind(name)}.")
    return GraphQLRequest(query, name or None, _object(value, "variables"), _object(value, "extensions"))


def from_query_string(query_string: bytes) -> GraphQLRequest:
    """The request of a GET: `query`, `operationName`, and `variables` and `extensions` as JSON texts.

    Raises:
        Refused: 400 naming the parameter and what was expected.
    """
    found = parameters(query_string)
    value: dict[str, Any] = {name: found[name] for name in ("query", "operationName") if found.get(name)}
    for name in ("variables", "extensions"):
        if found.get(name):
            value[name] = parsed(found[name], f"The parameter `{name}`")
    return from_object(value, "The query string")


def parameters(query_string: bytes) -> Mapping[str, str]:
    """The parameters of a query string; each of the four known ones may appear once.

    Raises:
        Refused: 400 when it is not UTF-8, repeats a parameter or has too many.
    """
    try:
        pairs = parse_qsl(
            query_string.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=_MOST_PARAMETERS
        )
    except UnicodeError:
        raise malformed("The query string must be percent-encoded UTF-8.") from None
    except ValueError:
        raise malformed(f"The query string has more than {_MOST_PARAMETERS} parameters.") from None
    for name in _PARAMETERS:
        if sum(1 for key, _ in pairs if key == name) > 1:
            raise malformed(f"The parameter `{name}` is given more than once.")
    return dict(pairs)


def _object(value: Mapping[str, Any], name: str) -> dict[str, Any]:
    found = value.get(name)
    if found is None:
        return {}
    if not isinstance(found, dict):
        raise malformed(f"`{name}` must be a JSON object, not {_kind(found)}.")
    return found


def _kind(value: Any) -> str:
    if value is None:
        return "null"
    names = {bool: "a boolean", str: "a string", int: "a number", float: "a number", list: "an array"}
    return names.get(type(value), "an object")
