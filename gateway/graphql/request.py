"""A GraphQL request, and how it is read from JSON, from a query string and from a message."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from domain.documents import identifier
from gateway import json
from gateway.graphql.errors import malformed

_PARAMETERS = ("query", "documentId", "operationName", "variables", "extensions")
# More than the known parameters are allowed and ignored, but not without end.
_MOST_PARAMETERS = 100


DOCUMENT = frozenset(("query", "documentId", "extensions"))
"""Parameters of a query string that say which document is meant."""
_APOLLO = "persistedQuery"
_APOLLO_VERSION = 1


@dataclass(frozen=True, slots=True)
class Naming:
    """The document a request names, as `domain.documents.identifier` writes it; `automatic` in Apollo's way."""

    id: str
    automatic: bool


@dataclass(frozen=True, slots=True)
class GraphQLRequest:
    """One request, however it arrived; `query` is empty until the document that it names is looked up."""

    query: str
    operation_name: str | None = None
    variables: dict[str, Any] = field(default_factory=dict)
    extensions: dict[str, Any] = field(default_factory=dict)
    named: Naming | None = None


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
        raise malformed("The request body is empty; expected a JSON object with `query` or `documentId`.")
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
    extensions = _object(value, "extensions")
    named = _named(value.get("documentId"), extensions.get(_APOLLO))
    query = _query(value.get("query"), named)
    name = value.get("operationName")
    if name is not None and not isinstance(name, str):
        raise malformed(f"`operationName` must be a string, not {_kind(name)}.")
    return GraphQLRequest(query, name or None, _object(value, "variables"), extensions, named)


def from_query_string(query_string: bytes) -> GraphQLRequest:
    """The request of a GET: `query` or `documentId`, `operationName`, `variables` and `extensions` as JSON texts.

    Raises:
        Refused: 400 naming the parameter and what was expected.
    """
    found = parameters(query_string)
    value: dict[str, Any] = {name: found[name] for name in ("query", "documentId", "operationName") if found.get(name)}
    for name in ("variables", "extensions"):
        if found.get(name):
            value[name] = parsed(found[name], f"The parameter `{name}`")
    return from_object(value, "The query string")


def parameters(query_string: bytes) -> Mapping[str, str]:
    """The parameters of a query string; each of the known ones may appear once.

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


def _query(text: Any, named: Naming | None) -> str:
    # Some clients write an empty text where they send none.
    if named is not None and (text is None or text == ""):
        return ""
    if text is None:
        raise malformed("`query` is required: the text of a GraphQL document; or `documentId`, which names one.")
    if not isinstance(text, str):
        raise malformed(f"`query` must be a string, not {_kind(text)}.")
    if not text.strip():
        raise malformed("`query` must not be empty.")
    return text


def _named(given: Any, apollo: Any) -> Naming | None:
    named = None if given is None else Naming(_identifier(given, "documentId"), automatic=False)
    if apollo is None:
        return named
    automatic = Naming(_apollo_hash(apollo), automatic=True)
    if named is not None and named.id != automatic.id:
        raise malformed(f"`documentId` and `extensions.{_APOLLO}` name two documents; send one of them.")
    return named or automatic


def _apollo_hash(given: Any) -> str:
    where = f"extensions.{_APOLLO}"
    if not isinstance(given, dict):
        raise malformed(f"`{where}` must be a JSON object with `version` and `sha256Hash`, not {_kind(given)}.")
    version = given.get("version")
    if version != _APOLLO_VERSION or isinstance(version, bool):
        raise malformed(f"`{where}.version` must be {_APOLLO_VERSION}; no other is supported.")
    return _identifier(given.get("sha256Hash"), f"{where}.sha256Hash")


def _identifier(value: Any, name: str) -> str:
    if not isinstance(value, str):
        raise malformed(f"`{name}` must be a string, not {_kind(value)}.")
    try:
        return identifier(value)
    except ValueError as error:
        raise malformed(f"`{name}` {error}.") from None


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
