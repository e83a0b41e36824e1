"""Companies, their personas and contacts: made, changed, and found again by what callers call them."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from graphql import GraphQLError
from sqlalchemy import func, select

from domain.accounts import Account
from domain.viewer import Viewer
from gateway.database import Database
from resolvers import account_writes
from resolvers.account_writes import AccountDraft
from resolvers.unit import Unit
from tests.clocks import SetClock
from tests.graphs import Graph

CREATE = """mutation ($i: CreateAccountInput!) { createAccount(input: $i) {
  account { id name domain website technologies location } errors { code field message } } }"""


async def made(graph: Graph, **input: Any) -> dict[str, Any]:
    answer = (await graph.data(CREATE, i=input))["createAccount"]
    assert answer["errors"] == []
    return dict(answer["account"])


async def test_a_company_is_made_once_and_joins_its_people(graph: Graph) -> None:
    first = await graph.data(
        'mutation { createContact(input: {email: "Ada@techcorp.com"}) { contact { id account { id } } } }'
    )
    assert first["createContact"]["contact"]["account"] is None

    account = await made(
        graph,
        name=" TechCorp  Solutions",
        domain="https://www.TechCorp.com/about",
        technologies=["AWS", "aws", "React"],
        location="San Francisco, CA",
    )
    assert account["name"] == "TechCorp Solutions"
    assert account["domain"] == "techcorp.com"
    assert account["website"] == "https://techcorp.com"
    assert account["technologies"] == ["AWS", "React"]

    again = await graph.data(CREATE, i={"name": "Other", "domain": "techcorp.com"})
    assert [(e["code"], e["field"]) for e in again["createAccount"]["errors"]] == [("CONFLICT", "domain")]
    found = await graph.data(
        """{ contacts { nodes { account { id } } }
             us: accounts(where: {jurisdiction: "California", technology: "react"}) { totalCount }
             de: accounts(where: {jurisdiction: "DE"}) { totalCount } }""",
    )
    assert found["contacts"]["nodes"] == [{"account": {"id": account["id"]}}]
    assert (found["us"]["totalCount"], found["de"]["totalCount"]) == (1, 0)


async def test_changes_merge_and_one_name_may_be_that_of_two_domains(graph: Graph) -> None:
    one = await made(graph, name="Blue Sky", domain="blue.example.com")
    two = await made(graph, name="Blue Sky", domain="bluesky.example.com")
    assert one["id"] != two["id"]
    change = """mutation ($i: UpdateAccountInput!) { updateAccount(input: $i) {
      account { name industry domain } errors { code field } } }"""
    merged = (await graph.data(change, i={"id": one["id"], "industry": "Retail"}))["updateAccount"]
    assert merged["account"] == {
        "name": "Blue Sky",
        "industry": "Retail",
        "domain": "blue.example.com",
    }
    taken = (await graph.data(change, i={"id": one["id"], "domain": "bluesky.example.com"}))["updateAccount"]
    assert taken["errors"] == [{"code": "CONFLICT", "field": "domain"}]
    wrong = await graph.data(change, i={"id": one["id"], "domain": "no domain", "website": "javascript:alert(1)"})
    assert [each["field"] for each in wrong["updateAccount"]["errors"]] == ["domain", "website"]


async def test_the_same_company_named_at_once_in_two_ways_is_one(database: Database, viewer: Viewer) -> None:
    async def named(draft: AccountDraft) -> str:
        async def work(unit: Unit) -> dict[str, Any]:
            return {"id": (await account_writes.find_or_make(unit, draft)).id}

        return str((await database.transact(viewer, work))["id"])

    drafts = [AccountDraft(name="Acme Inc"), AccountDraft(name="ACME  inc", domain="acme.example.com", size="10")] * 4
    ids = await asyncio.gather(*(named(each) for each in drafts))

    rows = await database.rows(select(func.count()).where(Account.organization_id == viewer.organization_id))
    # Whoever came first without the domain was given it; whoever came first with it is found by name.
    assert rows[0][0] == 1
    assert len(set(ids)) == 1


async def test_a_persona_is_one_per_company_and_name_and_joins_its_contact(graph: Graph, clock: SetClock) -> None:
    account = await made(graph, name="TechCorp", domain="techcorp.com")
    create = """mutation ($i: CreatePersonaInput!) { createPersona(input: $i) {
      persona { id name influence preferredChannels contact { email title } } errors { code field } } }"""
    given = {"accountId": account["id"], "name": "Sarah  Johnson", "title": "CTO", "influence": 0.95}
    sarah = await graph.data(create, i=given | {"email": "Sarah.Johnson@techcorp.com", "preferredChannels": ["EMAIL"]})
    persona = sarah["createPersona"]["persona"]
    assert persona["name"] == "Sarah Johnson"
    assert persona["contact"] == {"email": "sarah.johnson@techcorp.com", "title": "CTO"}
    again = await graph.data(create, i={"accountId": account["id"], "name": "sarah johnson"})
    assert again["createPersona"]["errors"] == [{"code": "CONFLICT", "field": "name"}]
    much = await graph.data(create, i={"accountId": account["id"], "name": "Michael Chen", "influence": 95})
    assert much["createPersona"]["errors"] == [{"code": "INVALID", "field": "influence"}]

    change = """mutation ($i: UpdatePersonaInput!) { updatePersona(input: $i) { persona { title contact { id } } } }"""
    counted = "query ($id: ID!) { account(id: $id) { contacts { totalCount } } }"
    leave = """mutation { updateContact(input: {id: "%s", accountId: null}) { errors { code } } }"""
    contact = (await graph.data("{ contacts { nodes { id } } }"))["contacts"]["nodes"][0]["id"]
    await graph.data(leave % contact)
    assert (await graph.data(counted, id=account["id"]))["account"]["contacts"]["totalCount"] == 0
    clock.advance(seconds=5)
    await graph.data(change, i={"id": persona["id"], "email": "sarah.johnson@techcorp.com"})
    assert (await graph.data(counted, id=account["id"]))["account"]["contacts"]["totalCount"] == 1
    told = await graph.data("{ events(types: [CONTACT_UPDATED]) { nodes { type } } }")
    assert len(told["events"]["nodes"]) == 2
    changed = await graph.data(change, i={"id": persona["id"], "title": None, "email": None})
    assert changed["updatePersona"]["persona"] == {"title": None, "contact": None}
    deleted = await graph.data(
        "mutation ($id: ID!) { deletePersona(id: $id) { id errors { code } } }", id=persona["id"]
    )
    assert deleted["deletePersona"] == {"id": persona["id"], "errors": []}
    assert (await graph.data("{ personas { totalCount } }"))["personas"]["totalCount"] == 0


async def test_contacts_that_come_with_personas_are_told_like_others(graph: Graph) -> None:
    account = await made(graph, name="TechCorp", domain="techcorp.com")
    persona = """mutation ($a: ID!, $n: String!, $e: String!) {
      createPersona(input: {accountId: $a, name: $n, email: $e}) { persona { id } } }"""
    await graph.data('mutation { createContact(input: {email: "bo@techcorp.com"}) { contact { id } } }')
    for name, email in (("Ada", "ada@techcorp.com"), ("Bo", "Bo@techcorp.com"), ("Ada L", "ada@techcorp.com")):
        await graph.data(persona, a=account["id"], n=name, e=email)
    told = await graph.data("{ events(types: [CONTACT_CREATED, CONTACT_UPDATED]) { nodes { type data } } }")
    found = {(each["type"], each["data"]["email"], each["data"]["name"]) for each in told["events"]["nodes"]}
    assert len(told["events"]["nodes"]) == len(found)
    assert found == {
        ("CONTACT_CREATED", "bo@techcorp.com", None),
        ("CONTACT_CREATED", "ada@techcorp.com", "Ada"),
        ("CONTACT_UPDATED", "bo@techcorp.com", "Bo"),
    }
    assert {each["data"]["accountId"] for each in told["events"]["nodes"]} == {account["id"]}


async def test_who_unsubscribes_is_remembered_since_when(graph: Graph) -> None:
    person = await graph.data(
        'mutation { createContact(input: {email: "a@b.example.com", name: "A"}) { contact { id } } }'
    )
    contact = person["createContact"]["contact"]["id"]
    change = """mutation ($id: ID!, $u: Boolean!) { updateContact(input: {id: $id, unsubscribed: $u}) {
      contact { name unsubscribedAt } } }"""
    off = (await graph.data(change, id=contact, u=True))["updateContact"]["contact"]
    on = (await graph.data(change, id=contact, u=False))["updateContact"]["contact"]
    told = await graph.data("{ events(types: [CONTACT_UNSUBSCRIBED]) { nodes { data subject { id } } } }")
    assert [(each["subject"]["id"], each["data"]["unsubscribedAt"]) for each in told["events"]["nodes"]] == [
        (contact, off["unsubscribedAt"])
    ]
    assert off["unsubscribedAt"] is not None
    assert on == {"name": "A", "unsubscribedAt": None}


async def test_names_beyond_ascii_are_found_in_any_case(graph: Graph) -> None:
    account = await made(graph, name="MÜNCHEN Bau_1", industry="Überlandbau", technologies=["Go", "ÜBERBAU"])
    people = """mutation ($a: ID!) { createContact(input: {email: "a@b.example.com", name: "Änne Öz", accountId: $a}) {
      contact { id } } createPersona(input: {accountId: $a, name: "Änne Öz", role: "Älteste"}) {
      persona { contact { name } } } }"""
    told = await graph.data(people, a=account["id"])
    assert told["createPersona"]["persona"]["contact"] == {"name": "Änne Öz"}
    find = """query ($s: String!, $i: String!, $r: String!, $t: String!) {
      accounts(where: {search: $s, industry: $i, technology: $t}) { totalCount }
      personas(where: {search: "ÄNNE ö", role: $r}) { totalCount } contacts(where: {search: "Öz"}) { totalCount } }"""
    for search, industry, role, technology, count in (
        ("münchen BAU_", "Überlandbau", "Älteste", "Überbau", 1),
        ("münchen BAU_", "überlandBAU", "älteste", "überbau", 1),
        ("münchenXbau", "überlandbau", "x", "ÜBERBAU", 0),
    ):
        found = await graph.data(find, s=search, i=industry, r=role, t=technology)
        assert (found["accounts"]["totalCount"], found["personas"]["totalCount"]) == (count, count)
        assert found["contacts"]["totalCount"] == 1


async def test_what_is_sent_of_people_is_one_line_and_refused_by_its_field(graph: Graph) -> None:
    create = """mutation ($i: CreateContactInput!) { createContact(input: $i) { contact { name title linkedin }
      errors { code field } } }"""
    given = {"email": "a@b.example.com", "name": "A\r\nBcc: x@y.example.com", "title": " CTO\n", "linkedin": " "}
    told = (await graph.data(create, i=given))["createContact"]["contact"]
    assert told == {"name": "A Bcc: x@y.example.com", "title": "CTO", "linkedin": None}
    for field, value, code in (("accountId", "", "UNKNOWN_REFERENCE"), ("linkedin", "https://<b>x</b>", "INVALID")):
        refused = await graph.data(create, i={"email": "c@b.example.com", field: value})
        assert refused["createContact"]["errors"] == [{"code": code, "field": field}]
    persona = """mutation ($v: Fraction) { createPersona(input: {accountId: "acc_1", name: "A", influence: $v}) {
      errors { field } } }"""
    for wrong in ("high", True):
        with pytest.raises(GraphQLError, match="a number from 0 to 1"):
            await graph(persona, {"v": wrong})
