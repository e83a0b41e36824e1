"""What clients send becomes what resolvers take, as Strawberry's own conversion would have it."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any

import pytest
import strawberry
from graphql import GraphQLEnumType, GraphQLInputObjectType, get_nullable_type, is_list_type
from strawberry.schema.config import StrawberryConfig
from strawberry.types.arguments import convert_arguments

from schema.engine.plan import FieldPlan, Plans
from schema.engine.scalars import SCALAR_MAP
from schema.graph import Mutation, Query, Subscription

_DEEPEST = 4


@pytest.fixture(scope="module")
def source() -> strawberry.Schema:
    config = StrawberryConfig(scalar_map=SCALAR_MAP)
    return strawberry.Schema(query=Query, mutation=Mutation, subscription=Subscription, config=config)


@pytest.fixture(scope="module")
def plans(source: strawberry.Schema) -> Plans:
    return Plans(source, source._schema)


def _asked(plans: Plans) -> Iterator[tuple[str, FieldPlan]]:
    for type_ in plans.types.values():
        for name, plan in type_.fields.items():
            if plan.graphql.args:
                yield f"{type_.graphql.name}.{name}", plan


def _drafted(value: Any) -> Any:
    """What Strawberry makes, as dataclasses without what was not sent."""
    mirrored = getattr(type(value), "mirrored", None)
    if mirrored is not None:
        sent = {each.name: getattr(value, each.name) for each in fields(value)}
        return mirrored(**{name: _drafted(item) for name, item in sent.items() if item is not strawberry.UNSET})
    return [_drafted(item) for item in value] if isinstance(value, list) else value


def _value(type_: Any, how: str, depth: int = 0) -> Any:
    """A coerced value: `all` of its fields, `nulls` in all that may be null, or the `least`."""
    if how == "nulls" and type_ is get_nullable_type(type_) and depth:
        return None
    named = get_nullable_type(type_)
    if is_list_type(named):
        return [_value(named.of_type, how, depth)] * 2
    if isinstance(named, GraphQLEnumType):
        return named.coerce_input_value(next(iter(named.values)))
    if not isinstance(named, GraphQLInputObjectType):
        return object()
    optional = {name for name, field in named.fields.items() if get_nullable_type(field.type) is field.type}
    left = optional if how == "least" or depth > _DEEPEST else set()
    return {name: _value(field.type, how, depth + 1) for name, field in named.fields.items() if name not in left}


@pytest.mark.parametrize("how", ["all", "nulls", "least"])
def test_arguments_are_taken_as_strawberry_converts_them(source: strawberry.Schema, plans: Plans, how: str) -> None:
    converter, asked, drafts = source.schema_converter, 0, 0
    for place, plan in _asked(plans):
        values = {name: _value(argument.type, how) for name, argument in plan.graphql.args.items()}
        theirs = convert_arguments(values, plan.declared.arguments, converter.scalar_registry, converter.config)
        expected = {name: _drafted(value) for name, value in theirs.items() if value is not None}
        taken = plans.converted(plan.declared, values)
        assert taken == expected, place
        assert list(map(type, taken.values())) == list(map(type, expected.values())), place
        asked += 1
        drafts += any(is_dataclass(each) for each in taken.values())
    assert asked > 150
    assert drafts > 100


def test_what_is_null_or_was_not_sent_is_left_out(plans: Plans) -> None:
    leads = plans.types["Query"].fields["leads"]

    assert plans.converted(leads.declared, {}) == {}
    assert plans.converted(leads.declared, {"where": None, "first": None}) == {}


def test_a_list_that_is_taken_is_not_the_one_that_was_given(plans: Plans) -> None:
    """It may be the default of every request."""
    create = plans.types["Mutation"].fields["createLead"]
    tags = ["new"]

    (draft,) = plans.converted(create.declared, {"input": {"source": "website", "tags": tags}}).values()

    assert draft.tags == tags
    assert draft.tags is not tags
