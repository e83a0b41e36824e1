"""How the calls that the process answers itself stand in a dialect's OpenAPI document and on its docs page."""

from __future__ import annotations

import json
from collections.abc import Iterator
from html import escape
from typing import Any

from domain.errors import Kind
from rest_compat.engine.dialect import Dialect
from rest_compat.engine.faults import Refusal
from rest_compat.engine.pages import block, prose
from rest_compat.engine.routes import parts
from rest_compat.engine.served import Served
from rest_compat.engine.services import DoorSettings
from rest_compat.engine.spelling import JsonSchema

_TEXT: JsonSchema = {"type": "string"}
_REASONS = (Kind.UNAUTHENTICATED, Kind.FORBIDDEN, Kind.RATE_LIMITED, Kind.UNAVAILABLE, Refusal.INTERNAL)


def operation(dialect: Dialect, served: Served) -> JsonSchema:
    """The call as an OpenAPI operation."""
    status = "101" if served.websocket else "200"
    answer: JsonSchema = {"description": served.title}
    if served.media_type:
        shown = {"example": json.loads(served.sample)} if served.request else {}
        answer["content"] = {served.media_type: {"schema": served.schema, **shown}}
    rows = () if served.public else _REASONS
    statuses = sorted({*(dialect.errors.rows[reason].status for reason in rows), *served.statuses})
    refused = {str(each): {"$ref": f"#/components/responses/Error{each}"} for each in statuses}
    return {
        "operationId": served.id,
        "summary": served.title,
        "description": served.about,
        "tags": [served.group],
        **({"security": []} if served.public else {}),
        "parameters": [
            {"name": name, "in": where, "required": where == "path", "description": about, "schema": _TEXT}
            for name, where, about in _parameters(served)
        ],
        **_body(served),
        "responses": {status: answer, **refused},
    }


def article(dialect: Dialect, served: Served, settings: DoorSettings) -> Iterator[str]:
    """The call as a section of the docs page."""
    name = escape(served.id)
    yield f'<article id="{name}" aria-labelledby="{name}-title"><h3 id="{name}-title">{escape(served.title)}</h3>'
    yield f"<p>{signature(served)}</p><p>{prose(served.about)}</p>"
    parameters = [*_parameters(served), *_properties(served)]
    if parameters:
        yield f'<div class="scroll" role="region" aria-labelledby="{name}-takes" tabindex="0"><table>'
        yield f'<caption id="{name}-takes">What {escape(served.title)} takes</caption><thead><tr>'
        yield '<th scope="col">Name</th><th scope="col">In</th><th scope="col">Notes</th></tr></thead><tbody>'
        for named, where, about in parameters:
            yield f"<tr><td><code>{escape(named)}</code></td><td>{where}</td><td>{prose(about)}</td></tr>"
        yield "</tbody></table></div>"
    yield block("Address", _address(dialect, served, settings))
    if served.sample:
        yield block(_sampled(served), served.sample)
    if served.schema:
        yield block(
            "Form of a message" if served.websocket else "Form of the data", json.dumps(served.schema, indent=2)
        )
    yield "</article>"


def signature(served: Served) -> str:
    """Method and path."""
    method = "WebSocket" if served.websocket else served.method
    return f'<code><span class="method">{method}</span> {escape(served.path)}</code>'


def _sampled(served: Served) -> str:
    if served.websocket:
        return "Subscribe"
    return "Answer" if served.request else "Messages"


def _body(served: Served) -> JsonSchema:
    """What is sent, as JSON or as a form."""
    if not served.request:
        return {}
    media = {label: {"schema": served.request} for label in ("application/json", "application/x-www-form-urlencoded")}
    return {"requestBody": {"required": True, "content": media}}


def _properties(served: Served) -> Iterator[tuple[str, str, str]]:
    properties: Any = served.request.get("properties", {})
    for name, schema in properties.items():
        yield name, "body", schema.get("description", "")


def _address(dialect: Dialect, served: Served, settings: DoorSettings) -> str:
    url = f"{dialect.site(settings.public_url)}{dialect.bases[0]}{served.path}"
    # ws for http, wss for https.
    return f"ws{url.removeprefix('http')}" if served.websocket else url


def _parameters(served: Served) -> Iterator[tuple[str, str, str]]:
    """Name, place and purpose of each."""
    for part in parts(served.path):
        if part.startswith("{"):
            yield part[1:-1], "path", served.parameters.get(part[1:-1], "")
    if served.token:
        yield served.token, "query", "The key or token, where no Authorization header can be set."
    for name, about in served.parameters.items():
        if f"{{{name}}}" not in served.path:
            yield name, "query", about
