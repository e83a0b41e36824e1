"""OpenAPI 3.1 of a dialect, derived from the declarations its requests are served by."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime

from domain.errors import Kind
from domain.limits import LimitWindow
from rest_compat.engine.arguments import Source
from rest_compat.engine.dialect import Dialect
from rest_compat.engine.examples import example_of
from rest_compat.engine.faults import ErrorFacts, ErrorRow, Reason, Refusal
from rest_compat.engine.prepared import PreparedRoute
from rest_compat.engine.request_schemas import parameters, request_body
from rest_compat.engine.served_docs import operation
from rest_compat.engine.services import DoorSettings, RateState
from rest_compat.engine.spelling import JsonSchema

_ALWAYS: tuple[Reason, ...] = (
    Refusal.UNREADABLE,
    Kind.UNAUTHENTICATED,
    Kind.FORBIDDEN,
    Kind.RATE_LIMITED,
    Refusal.INTERNAL,
    Kind.UNAVAILABLE,
    Kind.TIMEOUT,
)
_OF_STATUS: Mapping[int, Mapping[str, JsonSchema]] = {
    401: {"WWW-Authenticate": {"schema": {"type": "string"}}},
    403: {"WWW-Authenticate": {"schema": {"type": "string"}}},
    405: {"Allow": {"schema": {"type": "string"}}},
    429: {"Retry-After": {"description": "Seconds.", "schema": {"type": "integer", "minimum": 1}}},
}
_SAMPLE_ID = "req_123456789"
_SAMPLE_TIME = datetime(2024, 1, 15, 14, 30, tzinfo=UTC)
_EXHAUSTED = RateState(1000, 0, datetime(2024, 1, 15, 15, tzinfo=UTC), 1800, LimitWindow.HOUR)


def openapi(dialect: Dialect, routes: Sequence[PreparedRoute], settings: DoorSettings) -> JsonSchema:
    """The whole document, in the order of the declarations."""
    paths: dict[str, dict[str, JsonSchema]] = {}
    for each in routes:
        paths.setdefault(each.route.path, {})[each.route.method.lower()] = _operation(dialect, each, settings)
    for served in dialect.described:
        paths.setdefault(served.path, {})[served.method.lower()] = operation(dialect, served)
    groups = [*(each.route.group for each in routes if each.route.group), *(each.group for each in dialect.described)]
    info: JsonSchema = {"title": dialect.title, "version": dialect.version}
    if dialect.description:
        info["description"] = dialect.description
    site = dialect.site(settings.public_url)
    return {
        "openapi": "3.1.0",
        "info": info,
        "servers": [{"url": f"{site}{base}"} for base in dialect.bases],
        "security": [
            {name: [] for name in each} for each in dialect.together or [(name,) for name in dialect.security]
        ],
        "tags": [{"name": name} for name in dict.fromkeys(groups)],
        "paths": paths,
        "components": {
            "securitySchemes": _located(dialect.security, site),
            "headers": _headers(dialect),
            "responses": _error_responses(dialect, site),
        },
    }


def _requirements(dialect: Dialect) -> list[JsonSchema]:
    combinations = dialect.together or [[name] for name in dialect.security]
    return [{name: [] for name in names} for names in combinations]


def _located(value: object, site: str) -> object:
    """A declaration with its addresses filled in."""
    if isinstance(value, Mapping):
        return {key: _located(each, site) for key, each in value.items()}
    return value.replace("{site}", site) if isinstance(value, str) else value


def reasons(prepared: PreparedRoute) -> Iterator[Reason]:
    """Why a call of this route may be refused."""
    yield from _ALWAYS
    yield from prepared.route.also
    arguments = prepared.binder.arguments
    if any(each.source is Source.PATH for each in arguments) or (
        not prepared.writes and prepared.result.may_be_missing()
    ):
        yield Kind.NOT_FOUND
    if prepared.writes or any(each.source is not Source.PATH for each in arguments):
        yield Kind.INVALID
    if prepared.writes:
        yield from (Kind.CONFLICT, Refusal.TOO_SLOW, Refusal.TOO_LARGE)
    if prepared.binder.reads_body:
        yield from (Refusal.MEDIA_TYPE, Refusal.TOO_SLOW, Refusal.TOO_LARGE)


def _operation(dialect: Dialect, prepared: PreparedRoute, settings: DoorSettings) -> JsonSchema:
    route, example = prepared.route, example_of(dialect, prepared)
    content: JsonSchema = {"schema": prepared.answer_schema}
    if example.response is not None:
        content["example"] = example.response
    success = {
        "description": route.title or route.id,
        "headers": {name: {"$ref": f"#/components/headers/{name}"} for name in _headers(dialect)},
        "content": {"application/json": content},
    }
    statuses = sorted({dialect.errors.rows[reason].status for reason in reasons(prepared)})
    refused = {str(status): {"$ref": f"#/components/responses/Error{status}"} for status in statuses}
    operation: JsonSchema = {"operationId": route.id, "summary": route.title or route.id}
    if route.group:
        operation["tags"] = [route.group]
    if route.deprecated or settings.deprecated_at:
        operation["deprecated"] = True
    if prepared.binder.arguments or prepared.writes:
        operation["parameters"] = parameters(prepared)
    body = request_body(prepared, example.request)
    if body:
        operation["requestBody"] = body
    return {**operation, "responses": {str(route.status): success, **refused}}


def _headers(dialect: Dialect) -> dict[str, JsonSchema]:
    request_id: JsonSchema = {
        "description": "Names this request; quote it when asking for help.",
        "schema": {"type": "string", "pattern": "^req_[A-Za-z0-9_-]+$"},
    }
    limits: dict[str, JsonSchema] = {name: {"schema": schema} for name, schema in dialect.rate_headers.schemas.items()}
    return {"X-Request-Id": request_id, **limits}


def _error_responses(dialect: Dialect, site: str) -> dict[str, JsonSchema]:
    by_status: dict[int, list[ErrorRow]] = {}
    for row in dialect.errors.every_row():
        rows = by_status.setdefault(row.status, [])
        if row.code not in [each.code for each in rows]:
            rows.append(row)
    responses: dict[str, JsonSchema] = {}
    for status, rows in sorted(by_status.items()):
        first = rows[0]
        message = first.message.format(message="…", retry_after=15)
        data = _EXHAUSTED.facts if status == 429 else {}
        facts = ErrorFacts(status, first.code, message, {}, data, 15, _SAMPLE_ID, _SAMPLE_TIME, site)
        schema, example = dialect.errors.schema(status), dialect.errors.envelope(facts)
        responses[f"Error{status}"] = {
            "description": "; ".join(row.code for row in rows),
            "headers": {"X-Request-Id": {"$ref": "#/components/headers/X-Request-Id"}, **_OF_STATUS.get(status, {})},
            "content": {"application/json": {"schema": schema, "example": example}},
        }
    return responses
