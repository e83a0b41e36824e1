"""What the GraphQL door says when something goes wrong, and what it keeps to itself."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from math import ceil
from typing import Any

from graphql import FieldNode, GraphQLError

from domain.errors import Code as DomainCode
from domain.errors import DomainError, Kind
from domain.texts import camel
from domain.values import iso

log = logging.getLogger(__name__)

# A failing field can repeat for every row of a list; the log needs to see a bug once.
_LOGGED_PER_ANSWER = 5


class Code(StrEnum):
    """Codes of this door in `extensions.code`; the domain's own codes stand beside them."""

    BAD_REQUEST = "BAD_REQUEST"
    PREFLIGHT_REQUIRED = "PREFLIGHT_REQUIRED"
    METHOD_NOT_ALLOWED = "METHOD_NOT_ALLOWED"
    NOT_ACCEPTABLE = "NOT_ACCEPTABLE"
    REQUEST_TIMEOUT = "REQUEST_TIMEOUT"
    PAYLOAD_TOO_LARGE = "PAYLOAD_TOO_LARGE"
    UNSUPPORTED_MEDIA_TYPE = "UNSUPPORTED_MEDIA_TYPE"
    SUBSCRIPTION_NEEDS_STREAM = "SUBSCRIPTION_NEEDS_STREAM"
    PERSISTED_QUERY_NOT_FOUND = "PERSISTED_QUERY_NOT_FOUND"
    PERSISTED_QUERY_NOT_SUPPORTED = "PERSISTED_QUERY_NOT_SUPPORTED"
    DOCUMENT_NOT_TRUSTED = "DOCUMENT_NOT_TRUSTED"
    GRAPHQL_PARSE_FAILED = "GRAPHQL_PARSE_FAILED"
    GRAPHQL_VALIDATION_FAILED = "GRAPHQL_VALIDATION_FAILED"
    OPERATION_RESOLUTION_FAILURE = "OPERATION_RESOLUTION_FAILURE"
    BAD_USER_INPUT = "BAD_USER_INPUT"
    DOCUMENT_LIMIT_EXCEEDED = "DOCUMENT_LIMIT_EXCEEDED"
    TOKEN_LIMIT_EXCEEDED = "TOKEN_LIMIT_EXCEEDED"  # noqa: S105 - tokens of a document
    DEPTH_LIMIT_EXCEEDED = "DEPTH_LIMIT_EXCEEDED"
    FIELD_LIMIT_EXCEEDED = "FIELD_LIMIT_EXCEEDED"
    ALIAS_LIMIT_EXCEEDED = "ALIAS_LIMIT_EXCEEDED"
    DIRECTIVE_LIMIT_EXCEEDED = "DIRECTIVE_LIMIT_EXCEEDED"
    ROOT_FIELD_LIMIT_EXCEEDED = "ROOT_FIELD_LIMIT_EXCEEDED"
    PAGE_LIMIT_EXCEEDED = "PAGE_LIMIT_EXCEEDED"
    NODE_LIMIT_EXCEEDED = "NODE_LIMIT_EXCEEDED"
    COST_LIMIT_EXCEEDED = "COST_LIMIT_EXCEEDED"
    OPERATION_LIMIT_EXCEEDED = "OPERATION_LIMIT_EXCEEDED"
    SUBSCRIBER_TOO_SLOW = "SUBSCRIBER_TOO_SLOW"
    TIMEOUT = "TIMEOUT"
    INTERNAL_ERROR = "INTERNAL_ERROR"


STATUS_OF: Mapping[Kind, int] = {
    Kind.INVALID: 400,
    Kind.UNAUTHENTICATED: 401,
    Kind.FORBIDDEN: 403,
    Kind.NOT_FOUND: 404,
    Kind.CONFLICT: 409,
    Kind.RATE_LIMITED: 429,
    Kind.QUOTA_EXCEEDED: 429,
    Kind.UNAVAILABLE: 503,
    Kind.TIMEOUT: 504,
}
"""Status of a request that the domain refused as a whole, before anything ran."""


class Refused(Exception):
    """A request that gets errors and no data.

    `status` is what HTTP says; `in_document` tells a fault of the GraphQL request itself (document, operation,
    variables, limits), which the legacy JSON media type answers with 200, from a fault of the HTTP request around it.
    """

    def __init__(
        self,
        errors: Sequence[GraphQLError],
        code: str,
        *,
        status: int = 400,
        in_document: bool = True,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__("; ".join(error.message for error in errors))
        self.errors = errors
        self.code = code
        self.status = status
        self.in_document = in_document
        self.headers: Mapping[str, str] = headers or {}


def malformed(message: str, status: int = 400, code: Code = Code.BAD_REQUEST, **headers: str) -> Refused:
    """A refusal of the HTTP request around a GraphQL request."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Refused([GraphQLError(message)], code, status=status, in_document=False, headers=named)


def over_limit(code: Code, message: str, **data: object) -> Refused:
    """A refusal because a limit is exceeded; `data` tells the numbers."""
    return Refused([GraphQLError(message, extensions={"code": code.value, **data})], code)


def refused_by_domain(error: DomainError) -> Refused:
    """A refusal the domain pronounced before anything was executed, with the headers its kind asks for."""
    headers: dict[str, str] = {}
    if error.kind is Kind.UNAUTHENTICATED:
        # A token is called invalid only where one was presented (RFC 6750, section 3.1).
        told = ', error="invalid_token"' if error.code is DomainCode.INVALID_TOKEN else ""
        headers["WWW-Authenticate"] = f'Bearer realm="trigraph"{told}, ApiKey realm="trigraph"'
    retry_after = error.data.get("retry_after")
    if isinstance(retry_after, int | float):
        headers["Retry-After"] = str(max(1, ceil(retry_after)))
    wrapped = GraphQLError(error.message, original_error=error)
    return Refused([wrapped], error.code.value, status=STATUS_OF[error.kind], in_document=False, headers=headers)


def internal(error: BaseException, request_id: str) -> Refused:
    """The refusal that stands for a bug outside of any field; the bug itself goes to the log."""
    log.error("GraphQL request %s failed", request_id, exc_info=error, extra={"request_id": request_id})
    message = [GraphQLError("Internal error")]
    return Refused(message, Code.INTERNAL_ERROR, status=500, in_document=False)


def rendered(errors: Iterable[GraphQLError], request_id: str, code: str | None = None) -> list[dict[str, Any]]:
    """Errors as the answer carries them.

    `code` is for errors of graphql-core that have none of their own; without it they come from execution, where
    whatever is neither the domain's nor the caller's fault is a bug: masked here and logged.
    """
    masked: dict[str, BaseException] = {}
    entries = [_entry(error, request_id, code, masked) for error in errors]
    for bug in list(masked.values())[:_LOGGED_PER_ANSWER]:
        log.error("GraphQL request %s failed", request_id, exc_info=bug, extra={"request_id": request_id})
    return entries


def _entry(error: GraphQLError, request_id: str, code: str | None, masked: dict[str, BaseException]) -> dict[str, Any]:
    message, extensions = _said(error, code, masked)
    entry: dict[str, Any] = {"message": message}
    if error.locations:
        entry["locations"] = [{"line": place.line, "column": place.column} for place in error.locations]
    if error.path:
        entry["path"] = error.path
    entry["extensions"] = {**extensions, "requestId": request_id}
    return entry


def _said(error: GraphQLError, code: str | None, masked: dict[str, BaseException]) -> tuple[str, dict[str, Any]]:
    cause = _cause(error)
    if isinstance(cause, DomainError):
        return cause.message, _of_domain(cause)
    if isinstance(cause, GraphQLError):
        own = (error.extensions or {}).get("code") or code or (Code.BAD_USER_INPUT if _in_input(cause) else None)
        if own:
            return error.message, {**(error.extensions or {}), "code": str(own)}
    masked.setdefault(f"{type(cause).__name__}: {cause}", cause)
    return "Internal error", {"code": Code.INTERNAL_ERROR.value}


def _cause(error: GraphQLError) -> BaseException:
    cause: BaseException = error
    while isinstance(cause, GraphQLError) and cause.original_error is not None:
        cause = cause.original_error
    return cause


def _of_domain(error: DomainError) -> dict[str, Any]:
    extensions = {camel(name): _written(value) for name, value in error.data.items()}
    extensions["code"] = error.code.value
    if error.field is not None:
        extensions["field"] = error.field
    if len(error.problems) > 1:
        extensions["problems"] = [
            {"code": problem.code.value, "message": problem.message, "field": problem.field}
            for problem in error.problems
        ]
    return extensions


def _written(value: object) -> Any:
    return iso(value) if isinstance(value, datetime) else value


def _in_input(error: GraphQLError) -> bool:
    # graphql-core points at an argument or a value when the caller's input is at fault, and at the field alone
    # when a resolver returned something its type cannot express.
    return any(not isinstance(node, FieldNode) for node in error.nodes or ())
