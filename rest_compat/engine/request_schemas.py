"""What a route takes, as OpenAPI parameters and a request body."""

from __future__ import annotations

from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLScalarType,
)

from domain.values import ABSENT
from rest_compat.engine.arguments import IN_BODIES, LARGEST_OFFSET, Argument, Segment, Source, segments
from rest_compat.engine.binding import Binder
from rest_compat.engine.input_types import LARGEST_NUMBER
from rest_compat.engine.prepared import PreparedRoute
from rest_compat.engine.shapes import nullable
from rest_compat.engine.spelling import JsonSchema, Spelling

IDEMPOTENCY_KEY: JsonSchema = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "Same key and same request within 24 hours: the first answer again.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255},
}
_FILE: JsonSchema = {"type": "string", "format": "binary"}
_FILE_AS_TEXT: JsonSchema = {
    "type": ["string", "null"],
    "minLength": 1,
    "description": "The content as base64, as a `data:` address, or as the text it is; no path is opened.",
}


def parameters(prepared: PreparedRoute) -> list[JsonSchema]:
    """Path, query and header parameters."""
    binder = prepared.binder
    listed: list[JsonSchema] = []
    for each in binder.arguments:
        if each.source is Source.EITHER:
            entry: JsonSchema = {"name": binder.parameters[each][0], "in": Source.QUERY.value, "required": False}
        elif each.source not in IN_BODIES:
            entry = {"name": each.name, "in": each.source.value, "required": binder.required(each)}
        else:
            continue
        note = each.note or binder.places[each].description
        listed.append(entry | ({"description": note} if note else {}) | {"schema": _schema(binder, each, False)})
    return [*listed, IDEMPOTENCY_KEY] if prepared.writes else listed


def request_body(prepared: PreparedRoute, example: object | None) -> JsonSchema | None:
    """The body; None for a route that looks at none."""
    binder = prepared.binder
    if not binder.reads_body:
        return None
    content: JsonSchema = {"schema": _properties(binder, _FILE_AS_TEXT) | prepared.route.demands}
    if example is not None:
        content["example"] = example
    whole = [each for each in binder.arguments if each.source in IN_BODIES and each.source is not Source.EITHER]
    needed = any(binder.required(each) or binder.lists[each] for each in whole)
    kinds: JsonSchema = {"application/json": content}
    if binder.files:
        # The first is what tools send when they have the choice.
        form = _properties(binder, _FILE)
        for name in binder.files & form["properties"].keys():
            _demand(form, name)
        kinds = {"multipart/form-data": {"schema": form}, **kinds}
    return {"required": needed, "content": kinds}


def _properties(binder: Binder, file: JsonSchema) -> dict[str, Any]:
    root: dict[str, Any] = {"type": "object", "properties": {}}
    for each in binder.arguments:
        if each.source in (Source.BODY, Source.EITHER, Source.FILE):
            _plant(root, binder, each, file)
    return root


def _plant(node: dict[str, Any], binder: Binder, argument: Argument, file: JsonSchema) -> None:
    *parents, last = segments(argument.name)
    always = binder.required(argument) and argument.source is not Source.EITHER
    demanded = len(parents) if always else len(binder.lists[argument])
    for position, step in enumerate(parents):
        below = node["properties"].setdefault(step.name, _branch(step))
        if position < demanded:
            _demand(node, step.name)
            # A list that has to be there has to hold something.
            below |= {"type": "array", "minItems": 1} if step.many else {"type": "object"}
        node = below["additionalProperties"] if step.keyed else below["items"] if step.many else below
    if last.keyed:
        node["properties"].setdefault(last.name, _branch(last))["propertyNames"] = dict(argument.bounds)
        return
    schema = dict(file) if argument.source is Source.FILE else _schema(binder, argument, True)
    note = argument.note or binder.places[argument].description
    if argument.aliases:
        note = f"{note} Also taken as {', '.join(argument.aliases)}.".lstrip()
    node["properties"][last.name] = {"description": note, **schema} if note else schema
    within = binder.places[argument].within and argument.source is not Source.EITHER
    if always or (within and argument.default is ABSENT):
        _demand(node, last.name)


def _branch(step: Segment) -> dict[str, Any]:
    inside: dict[str, Any] = {"type": "object", "properties": {}}
    if step.keyed:
        return {"type": ["object", "null"], "additionalProperties": inside}
    return {"type": ["array", "null"], "items": inside} if step.many else {**inside, "type": ["object", "null"]}


def _demand(node: dict[str, Any], name: str) -> None:
    required = node.setdefault("required", [])
    if name not in required:
        required.append(name)


def _schema(binder: Binder, argument: Argument, of_body: bool) -> JsonSchema:
    if argument.accepts is not None:
        # What the body leaves open may be said by the query.
        return nullable(argument.accepts) if of_body and argument.source is Source.EITHER else argument.accepts
    kind = binder.places[argument].type
    if not of_body and isinstance(kind, GraphQLNonNull):
        kind = kind.of_type
    schema = _typed(kind, binder.spelling, argument.numeric, null=of_body)
    if not of_body and argument.source is not Source.PATH:
        _as_sent_in_urls(schema, argument)
    if of_body and not argument.numeric:
        _as_graph_counts(schema)
    schema |= argument.bounds
    if argument.minimum is not None:
        schema["minimum"] = argument.minimum
    if argument.default is not ABSENT:
        schema["default"] = argument.default
    if argument.examples:
        schema["examples"] = list(argument.examples)
    return schema


def _as_graph_counts(schema: JsonSchema) -> None:
    """Whole numbers of the graph have 32 bits."""
    if schema.get("type") in ("integer", ["integer", "null"]):
        schema |= {"minimum": -LARGEST_OFFSET - 1, "maximum": LARGEST_OFFSET}


def _as_sent_in_urls(schema: JsonSchema, argument: Argument) -> None:
    if schema.get("type") == "integer" and argument.cut is None:
        schema["maximum"] = LARGEST_NUMBER
    forms = schema.get("anyOf")
    if isinstance(forms, list):
        # `name=` means not given.
        schema["anyOf"] = [*forms, {"maxLength": 0}]


def _typed(kind: GraphQLInputType, spelling: Spelling, numeric: bool, null: bool) -> JsonSchema:
    if isinstance(kind, GraphQLNonNull):
        return _solid(kind.of_type, spelling, numeric)
    schema = _solid(kind, spelling, numeric)
    return nullable(schema) if null else schema


def _solid(kind: GraphQLInputType, spelling: Spelling, numeric: bool) -> JsonSchema:
    if isinstance(kind, GraphQLList):
        return {"type": "array", "items": _typed(kind.of_type, spelling, numeric, null=True)}
    if isinstance(kind, GraphQLEnumType):
        return {"type": "string", "enum": list(spelling.word_of(kind).values())}
    if isinstance(kind, GraphQLInputObjectType):
        return {"type": "object"}
    if numeric and isinstance(kind, GraphQLScalarType) and kind.name in ("ID", "String"):
        return {**spelling.scalar(kind.name).read, "type": ["string", "integer"]}
    return dict(spelling.scalar(kind.name).read) if isinstance(kind, GraphQLScalarType) else {}
