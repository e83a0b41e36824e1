"""Answers beside rows: for all parents of a level at once, with arguments, rights and relations of their own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

import graphql
import pytest
import strawberry
from sqlalchemy import func, select
from strawberry.schema.config import StrawberryConfig

from domain.contacts import Contact as Person
from domain.errors import DomainError, invalid
from domain.permissions import Permission
from domain.viewer import Viewer
from gateway.database import Database
from gateway.graphql.cost import CostPlan
from gateway.graphql.limits import GraphQLLimits
from gateway.graphql.shape import outlines
from resolvers import accounts, contacts
from resolvers.reads import Run, ToOne, reckons, visibility
from resolvers.unit import Keys, Unit, requires
from schema.engine.binding import bind
from schema.engine.forms import Reckoned, any_node, change, collection, connection, link, one, reckoned
from schema.engine.plan import Plans
from schema.engine.scalars import SCALAR_MAP
from schema.graph import plans
from schema.nodes import Connection, Node, Payload
from tests.conftest import CountStatements
from tests.factories.crm import make_crm
from tests.graphs import Graph


@dataclass(frozen=True)
class Part:
    """One person of a company."""

    contact_id: str


@dataclass(frozen=True)
class People:
    """Whom a company has."""

    id: str
    count: int
    since: date | None
    at: datetime
    parts: list[Part]


@reckons(Permission.READ_ACCOUNTS)
async def people(
    run: Run, viewer: Viewer, now: datetime, ids: Sequence[str], since: date | None = None
) -> dict[str, People]:
    if since == date(1999, 1, 1):
        raise invalid("since", "since must be later.")
    theirs = [*visibility(viewer, Person), Person.account_id.in_(ids)]
    counts = await run(select(Person.account_id, func.count()).where(*theirs).group_by(Person.account_id))
    members = await run(select(Person.account_id, Person.id).where(*theirs))
    return {
        account: People(account, count, since, now, [Part(contact) for of, contact in members if of == account])
        for account, count in counts
    }


@reckons(Permission.READ_FEEDBACK, key=Person.account_id)
async def opinions(run: Run, viewer: Viewer, now: datetime, ids: Sequence[str]) -> dict[str, Any]:
    return {each: len(ids) for each in ids}


@reckons(Permission.READ_ACCOUNTS)
async def nothing(run: Run, viewer: Viewer, now: datetime, ids: Sequence[str]) -> dict[str, Any]:
    return {}


@reckons(Permission.READ_ACCOUNTS)
async def broken(run: Run, viewer: Viewer, now: datetime, ids: Sequence[str]) -> dict[str, Any]:
    await run(select(Person.id))
    raise ZeroDivisionError


@requires(Permission.WRITE_LEADS)
async def touch(unit: Unit, draft: str) -> Keys:
    """Change nothing."""
    return {"company": draft}


@strawberry.type
class PartAnswer:
    contact_id: str
    contact: Contact | None = link(ToOne(contacts.visible, "contact_id"))
    subject: Node | None = any_node("contact_id")


@strawberry.type
class PeopleAnswer:
    count: int
    since: date | None
    at: datetime
    parts: list[PartAnswer]
    contacts: Connection[Contact] = collection(contacts.of_account)


@strawberry.type
class Contact(Node, read=contacts.visible):
    email: str
    account: Account | None = link(accounts.of_contact)
    opinions: int | None = reckoned(opinions)


@strawberry.type
class Account(Node, read=accounts.visible):
    people: PeopleAnswer | None = reckoned(people, since=date)
    nobody: PeopleAnswer | None = reckoned(nothing)
    none: list[PartAnswer] = reckoned(nothing)
    broken: int | None = reckoned(broken)
    contacts: Connection[Contact] = collection(contacts.of_account)


@strawberry.type
class TouchPayload(Payload):
    company: Account | None = link(ToOne(accounts.visible, "company"))


@strawberry.type
class Query:
    account: Account | None = one(accounts.visible)
    accounts: Connection[Account] = connection(accounts.search)


@strawberry.type
class Mutation:
    touch: TouchPayload = change(touch, id=strawberry.ID)


@pytest.fixture(scope="module")
def schema() -> Any:

    source = strawberry.Schema(query=Query, mutation=Mutation, config=StrawberryConfig(scalar_map=SCALAR_MAP))
    bind(Plans(source, source._schema))
    return source._schema


async def asked(schema: Any, graph: Graph, query: str, viewer: Viewer | None = None, **variables: Any) -> Any:
    document = graphql.parse(query)
    assert graphql.validate(schema, document) == []
    ran = graphql.execute(schema, document, context_value=graph._context(viewer), variable_values=variables)
    return ran if isinstance(ran, graphql.ExecutionResult) else await ran


PEOPLE = """people(since: "2024-01-02") { count since at parts { contactId contact { email } subject { id } }
  contacts(first: 1) { nodes { email account { people { count } } } } }"""
EVERYWHERE = f"""query ($id: ID!) {{ account(id: $id) {{ {PEOPLE} }} accounts(first: 100) {{ nodes {{ {PEOPLE}
  nobody {{ count }} none {{ contactId }} contacts {{ nodes {{ opinions account {{ {PEOPLE} }} }} }} }} }} }}"""


async def test_answers_are_beside_every_row_from_statements_that_do_not_grow(
    schema: Any, graph: Graph, database: Database, viewer: Viewer, count_statements: CountStatements
) -> None:
    counts = []
    for more in (1, 3):
        crm = await make_crm(database, viewer.organization_id, more)
        with count_statements() as ran:
            result = await asked(schema, graph, EVERYWHERE, id=crm.ids["Account"])
        assert result.errors is None
        counts.append(len(ran))
    assert counts[0] == counts[1]
    email = result.data["account"]["people"]["parts"][0]["contact"]["email"]
    told = {
        "count": 1,
        "since": "2024-01-02",
        "at": "2024-01-15T14:30:00Z",
        "parts": [
            {"contactId": crm.ids["Contact"], "contact": {"email": email}, "subject": {"id": crm.ids["Contact"]}}
        ],
        "contacts": {"nodes": [{"email": email, "account": {"people": {"count": 1}}}]},
    }
    assert result.data["account"]["people"] == told
    newest = result.data["accounts"]["nodes"][0]
    assert newest["people"] == told
    assert (newest["nobody"], newest["none"]) == (None, [])
    assert newest["contacts"]["nodes"] == [{"opinions": 4, "account": {"people": told}}]

    payload = await asked(
        schema, graph, f"mutation ($id: ID!) {{ touch(id: $id) {{ company {{ {PEOPLE} }} }} }}", id=crm.ids["Account"]
    )
    assert (payload.errors, payload.data["touch"]["company"]["people"]) == (None, told)


async def test_what_is_refused_is_an_error_of_its_field(
    schema: Any, graph: Graph, database: Database, viewer: Viewer
) -> None:
    await make_crm(database, viewer.organization_id)
    lacking = replace(viewer, permissions=viewer.permissions - {Permission.READ_FEEDBACK})
    result = await asked(
        schema,
        graph,
        '{ accounts { nodes { id people(since: "1999-01-01") { count } contacts { nodes { email opinions } } } } }',
        lacking,
    )
    node = result.data["accounts"]["nodes"][0]
    assert (node["people"], node["contacts"]["nodes"][0]["opinions"]) == (None, None)
    assert node["contacts"]["nodes"][0]["email"]
    refused = {".".join(map(str, error.path)): error.original_error for error in result.errors}
    assert {path: error.code for path, error in refused.items() if isinstance(error, DomainError)} == {
        "accounts.nodes.0.people": "INVALID",
        "accounts.nodes.0.contacts.nodes.0.opinions": "FORBIDDEN",
    }


def test_what_can_be_refused_for_its_arguments_does_not_take_its_row_along() -> None:
    reckonings = [
        (f"{name}.{field.name}", graphql.is_non_null_type(field.graphql.type))
        for name, type_ in plans.types.items()
        for field in type_.fields.values()
        if isinstance(field.form, Reckoned) and field.graphql.args
    ]
    assert ("AbmCampaign.performance", False) in reckonings
    assert [name for name, not_null in reckonings if not_null] == []


MANY = """query ($id: ID!, $no: Boolean!, $since: Date = "2024-01-03") { account(id: $id) { ...Known
    b: people(since: $since) { since parts { contact { email } } } people { since } nobody @include(if: $no) { count }
    people @skip(if: $no) { count } ... @skip(if: $no) { b: people(since: $since) { parts { contactId } } } } }
  fragment Known on Account { a: people(since: "2024-01-02") { since } ... on Node { id } ...More }
  fragment More on Account { a: people(since: "2024-01-02") { contacts { totalCount } } }"""


async def test_one_answer_is_asked_for_in_many_ways(
    schema: Any, graph: Graph, database: Database, viewer: Viewer
) -> None:
    crm = await make_crm(database, viewer.organization_id)
    found = (await asked(schema, graph, MANY, id=crm.ids["Account"], no=False)).data["account"]
    assert found["a"] == {"since": "2024-01-02", "contacts": {"totalCount": 1}}
    assert (found["b"]["since"], found["people"]) == ("2024-01-03", {"since": None, "count": 1})
    ((part,), kept) = found["b"]["parts"], set(found)
    assert (part["contactId"], bool(part["contact"]["email"])) == (crm.ids["Contact"], True)
    assert kept == {"a", "b", "id", "people"}
    less = (await asked(schema, graph, MANY, id=crm.ids["Account"], no=True)).data["account"]
    assert (less["people"], less["nobody"], set(less["b"]["parts"][0])) == ({"since": None}, None, {"contact"})

    # What is no refusal but a mistake of ours ends its root field, and nothing beside it.
    two = "query ($id: ID!) { account(id: $id) { id broken } accounts { nodes { id people { count } } } }"
    result = await asked(schema, graph, two, id=crm.ids["Account"])
    assert [type(each.original_error) for each in result.errors] == [ZeroDivisionError]
    assert result.data["account"] is None
    assert result.data["accounts"]["nodes"] == [{"id": crm.ids["Account"], "people": {"count": 1}}]


@pytest.mark.parametrize(
    ("query", "price"),
    [
        ("{ accounts(first: 20) { nodes { people { count } } } }", 1 + 20 * (1 + 5)),
        ("{ accounts(first: 20) { nodes { people { parts { contactId } } } } }", 1 + 20 * (1 + 5 + 10)),
        (
            "{ accounts(first: 2) { nodes { contacts(first: 3) { nodes { opinions } } } } }",
            1 + 2 * (1 + 1 + 3 * (1 + 5)),
        ),
    ],
)
def test_they_are_paid_for_even_without_parts(schema: Any, query: str, price: int) -> None:
    document, limits = graphql.parse(query), GraphQLLimits()
    (roots,) = outlines(document, limits).values()
    (operation,) = document.definitions
    assert CostPlan(schema, operation, roots, limits).price({}).requested == price  # type: ignore[arg-type]
