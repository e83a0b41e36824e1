"""What each object type of the graph can yield, worked out once: its entity, and a plan per field."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from graphql import (
    GraphQLField,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
)
from graphql.execution.collect_fields import FieldDetails, FragmentDetails, collect_subfields
from graphql.execution.values import get_argument_values
from strawberry import Schema
from strawberry.types.field import StrawberryField

from domain.entity import Entity
from schema.context import Info
from schema.engine.forms import Attribute, DeclaredField, Form
from schema.engine.inputs import Taking, refuse_unstorable

_BACK = "strawberry-definition"
_PLACES = frozenset({"cursor", "start_cursor", "end_cursor"})
AHEAD = frozenset({"has_next_page", "has_previous_page"})
"""What only a row beyond a page tells; which of both, depends on its direction."""

Details = list[FieldDetails]


@dataclass(frozen=True, slots=True)
class FieldPlan:
    """One field: its form, its GraphQL definition, and the object type it leads to, if any."""

    name: str
    form: Form
    graphql: GraphQLField
    declared: StrawberryField
    target: str | None


@dataclass(frozen=True, slots=True)
class TypePlan:
    """One object type: the entity its rows are of, and its fields by their GraphQL names."""

    graphql: GraphQLObjectType
    entity: type[Entity] | None
    fields: dict[str, FieldPlan]


@dataclass(frozen=True, slots=True)
class Wanted:
    """A field an operation asks for, with the nodes that ask."""

    plan: FieldPlan
    details: Details

    @property
    def key(self) -> int:
        """By what the asking field finds its answer beside the row."""
        return id(self.details[0].node)


@dataclass(frozen=True, slots=True)
class PageSelection:
    """What is asked of a page: of each row, whether rows are needed at all, their places, others, and the total."""

    nodes: list[Details]
    rows: bool
    places: bool
    ahead: bool
    total: bool


class Plans:
    """The plans of a schema's object types, and how to read an operation with them."""

    def __init__(self, source: Schema, schema: GraphQLSchema) -> None:
        self._taking = Taking(source)
        self.schema = schema
        self.types = {
            name: _type_plan(type_)
            for name, type_ in schema.type_map.items()
            if isinstance(type_, GraphQLObjectType) and not name.startswith("__")
        }
        self.by_entity: dict[type[Entity], TypePlan] = {
            plan.entity: plan for plan in self.types.values() if plan.entity
        }

    def arguments(self, info: Info, wanted: Wanted) -> dict[str, Any]:
        """The arguments of a field as resolvers take them."""
        asked = wanted.details[0]
        values = get_argument_values(
            wanted.plan.graphql, asked.node, info.variable_values, asked.fragment_variable_values
        )
        refuse_unstorable(values)
        return self.converted(wanted.plan.declared, values)

    def converted(self, declared: StrawberryField, values: dict[str, Any]) -> dict[str, Any]:
        """Coerced argument values as resolvers take them; what is null or was not sent is left out."""
        return self._taking.taken(declared, values)

    def selected(self, info: Info, type_: TypePlan, selections: list[Details]) -> list[Wanted]:
        """The fields that selections ask of a type, by graphql-core's own collection of fields."""
        fragments = {name: FragmentDetails(definition) for name, definition in info.fragments.items()}
        found: dict[int, Wanted] = {}
        for details in selections:
            grouped = collect_subfields(
                info.schema, fragments, info.variable_values, info.operation, type_.graphql, details
            ).grouped_field_set
            for asked in grouped.values():
                plan = type_.fields.get(asked[0].node.name.value)
                if plan is not None:
                    wanted = Wanted(plan, asked)
                    found[wanted.key] = wanted
        return list(found.values())

    def page_selection(self, info: Info, page: TypePlan, details: Details) -> PageSelection:
        """What a page's selection asks of its rows, under `nodes` and under `edges`, and of the list as a whole."""
        selections: list[Details] = []
        about: set[str] = set()
        asked = self.selected(info, page, [details])
        for wanted in asked:
            if wanted.plan.name == "nodes":
                selections.append(wanted.details)
            elif wanted.plan.target:
                inside = self.selected(info, self.types[wanted.plan.target], [wanted.details])
                selections.extend(each.details for each in inside if each.plan.target)
                about |= {each.plan.name for each in inside}
        names = {wanted.plan.name for wanted in asked}
        places, ahead = not about.isdisjoint(_PLACES), not about.isdisjoint(AHEAD)
        return PageSelection(selections, names != {"total_count"}, places, ahead, "total_count" in names)

    def page_parts(self, plan: FieldPlan) -> tuple[TypePlan, TypePlan]:
        """The connection type of a paged field, and the type of its rows."""
        page = self.types[plan.target or ""]
        return page, self.types[page.fields["nodes"].target or ""]


def declared_fields(type_: GraphQLObjectType) -> Iterator[tuple[str, GraphQLField, StrawberryField]]:
    """The fields of an object type with their Strawberry definitions."""
    for name, field in type_.fields.items():
        declared = field.extensions.get(_BACK)
        if isinstance(declared, StrawberryField):
            yield name, field, declared


def _type_plan(type_: GraphQLObjectType) -> TypePlan:
    definition = type_.extensions.get(_BACK)
    entity = getattr(getattr(definition, "origin", None), "entity", None)
    plans = {name: _field_plan(field, declared) for name, field, declared in declared_fields(type_)}
    return TypePlan(type_, entity, {name: plan for name, plan in plans.items() if plan is not None})


def _field_plan(field: GraphQLField, declared: StrawberryField) -> FieldPlan | None:
    named = get_named_type(field.type)
    target = named.name if hasattr(named, "fields") else None
    if isinstance(declared, DeclaredField):
        form = declared.form
    else:
        form = Attribute(declared.python_name) if declared.is_basic_field else None
    return FieldPlan(declared.python_name, form, field, declared, target) if form is not None else None
