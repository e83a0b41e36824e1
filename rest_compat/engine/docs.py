"""One page that documents a dialect: no script, no other host, the same declarations as everything else."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from html import escape
from typing import Any

from rest_compat.engine.dialect import Dialect
from rest_compat.engine.error_pages import error_list
from rest_compat.engine.examples import Example, curl, example_of, variables_of
from rest_compat.engine.pages import block, link, page, prose
from rest_compat.engine.prepared import PreparedRoute
from rest_compat.engine.request_schemas import parameters, request_body
from rest_compat.engine.responses import Response
from rest_compat.engine.served_docs import article, signature
from rest_compat.engine.services import DoorSettings


def docs_page(dialect: Dialect, routes: Sequence[PreparedRoute], settings: DoorSettings) -> Response:
    """The page."""
    return page(dialect.title, _content(dialect, routes, settings))


def _content(dialect: Dialect, routes: Sequence[PreparedRoute], settings: DoorSettings) -> Iterator[str]:
    title, site = escape(dialect.title), dialect.site(settings.public_url)
    yield f'<a class="skip" href="#routes">Skip to the routes</a><header><h1>{title}</h1>'
    yield f"<p>{prose(dialect.description)}</p>" if dialect.description else ""
    yield f"<p>Base URL: <code>{escape(site + dialect.bases[0])}</code>. "
    yield f"Machine-readable: {link(f'{site}/openapi.json', 'OpenAPI 3.1')}. "
    yield f"Successor: {link(f'{settings.public_url}/graphql', 'GraphQL')}.</p></header>"
    yield '<nav aria-label="Routes"><ul>'
    for each in routes:
        yield f'<li><a href="#{escape(each.route.id)}">{_signature(each)}</a></li>'
    for served in dialect.described:
        yield f'<li><a href="#{escape(served.id)}">{signature(served)}</a></li>'
    yield '</ul></nav><main id="routes">'
    group = None
    for each in routes:
        if each.route.group != group:
            group = each.route.group
            yield f"<h2>{escape(group)}</h2>"
        yield from _article(dialect, each, settings)
    for served in dialect.described:
        if served.group != group:
            group = served.group
            yield f"<h2>{escape(group)}</h2>"
        yield from article(dialect, served, settings)
    yield from error_list(dialect, site)
    yield "</main>"


def _article(dialect: Dialect, each: PreparedRoute, settings: DoorSettings) -> Iterator[str]:
    example = example_of(dialect, each)
    name = escape(each.route.id)
    yield f'<article id="{name}" aria-labelledby="{name}-title">'
    yield f'<h3 id="{name}-title">{escape(each.route.title or each.route.id)}</h3><p>{_signature(each)}</p>'
    rows = list(_rows(each))
    if rows:
        yield f'<div class="scroll" role="region" aria-labelledby="{name}-takes" tabindex="0"><table>'
        yield f'<caption id="{name}-takes">What {escape(each.route.title or each.route.id)} takes</caption>'
        yield '<thead><tr><th scope="col">Name</th><th scope="col">In</th><th scope="col">Type</th>'
        yield '<th scope="col">Notes</th></tr></thead><tbody>'
        yield from rows
        yield "</tbody></table></div>"
    yield block("Request", curl(dialect, each, example, settings))
    if example.response is not None:
        yield block(f"Answer {each.route.status}", _json(example.response))
    yield from _in_graphql(each, example)
    yield "</article>"


def _in_graphql(each: PreparedRoute, example: Example) -> Iterator[str]:
    variables = variables_of(each, example)
    yield "<details><summary>The same call in GraphQL</summary>"
    yield block("Document", each.operation.text)
    if variables:
        yield block("Variables", _json(variables))
    yield "</details>"


def _signature(each: PreparedRoute) -> str:
    return f'<code><span class="method">{each.route.method}</span> {escape(each.route.path)}</code>'


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)


def _rows(each: PreparedRoute) -> Iterator[str]:
    for parameter in parameters(each):
        yield _row(parameter["name"], parameter["in"], parameter["schema"], parameter.get("required"), parameter)
    body: Any = request_body(each, None)
    if body:
        yield from _properties(body["content"]["application/json"]["schema"], "")


def _properties(schema: Any, prefix: str) -> Iterator[str]:
    for name, inner in schema.get("properties", {}).items():
        yield _row(f"{prefix}{name}", "body", inner, name in schema.get("required", ()), inner)
        items, keyed = inner.get("items"), inner.get("additionalProperties")
        if isinstance(keyed, dict):
            yield from _properties(keyed, f"{prefix}{name}{{}}.")
        else:
            yield from _properties(items, f"{prefix}{name}[].") if items else _properties(inner, f"{prefix}{name}.")


def _row(name: object, where: object, schema: Any, required: object, described: Any) -> str:
    kind = schema.get("type", "")
    notes = [str(described.get("description", ""))]
    if schema.get("enum"):
        notes.append("One of " + ", ".join(str(word) for word in schema["enum"] if word is not None) + ".")
    if "default" in schema:
        notes.append(f"Default {schema['default']}.")
    kind = " or ".join(kind) if isinstance(kind, list) else kind
    must = " <strong>required</strong>" if required else ""
    cells = (f"<code>{escape(str(name))}</code>{must}", str(where), escape(kind), prose(" ".join(filter(None, notes))))
    return "<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"
