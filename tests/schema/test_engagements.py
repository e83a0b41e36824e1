"""Engagement is told through the graph and read in it."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from domain.abm import CampaignDay
from domain.emails import Email
from domain.event_log import Event
from domain.events import EventType
from gateway.database import Database
from tests.clocks import SetClock
from tests.factories.abm import Reached, item_row, loaded, make_campaign
from tests.factories.leads import email_row
from tests.factories.organizations import store
from tests.graphs import Graph

RECORD = """mutation ($i: RecordEngagementInput!) { recordEngagement(input: $i) {
  engagement { id type channel score counted occurredAt city contact { email } account { id } email { id } }
  errors { code field } } }"""
MANY = """mutation ($i: RecordEngagementsInput!) { recordEngagements(input: $i) {
  recorded results { engagement { id } } errors { code field } } }"""
READ = """query ($where: EngagementFilter) { engagements(where: $where) { totalCount nodes { id type } } }"""


class Told:
    """A campaign with a message that has left, and somebody who tells of it."""

    def __init__(self, graph: Graph, reached: Reached, email: str) -> None:
        self.graph, self.reached, self.email = graph, reached, email

    async def one(self, **given: Any) -> dict[str, Any]:
        answer: dict[str, Any] = (await self.graph.data(RECORD, i=given))["recordEngagement"]
        return answer

    async def noted(self, **given: Any) -> dict[str, Any]:
        answer = await self.one(**given)
        assert answer["errors"] == []
        engagement: dict[str, Any] = answer["engagement"]
        return engagement

    async def refused(self, **given: Any) -> tuple[str, str]:
        answer = await self.one(**given)
        assert answer["engagement"] is None
        (error,) = answer["errors"]
        return error["code"], error["field"]


@pytest.fixture
async def told(graph: Graph, database: Database, organization: str, clock: SetClock) -> Told:
    reached = await make_campaign(database, organization)
    item = item_row(await loaded(database, reached), clock.now())
    own = {"contact_id": reached.contacts[0], "campaign_id": reached.campaign, "item_id": item.id}
    message = email_row(None, organization, clock.now(), **own)  # type: ignore[arg-type]
    await store(database, item)
    await store(database, message)
    return Told(graph, reached, message.id)


async def test_a_reply_belongs_to_the_message_it_answers_and_is_noted_once(
    told: Told, database: Database, clock: SetClock
) -> None:
    clock.advance(hours=3)
    reply = {
        "type": "RESPONSE_RECEIVED",
        "campaignId": told.reached.campaign,
        "contactId": told.reached.contacts[0],
        "contentId": "cnt_week1_email",
        "occurredAt": "2024-01-15T16:30:00Z",
        "externalId": "reply-1",
        "location": {"city": "San Francisco"},
    }
    first = await told.noted(**reply)
    assert (await told.noted(**reply))["id"] == first.pop("id")
    assert first == {
        "type": "RESPONSE_RECEIVED",
        "channel": "EMAIL",
        "score": 0.7,
        "counted": True,
        "occurredAt": "2024-01-15T16:30:00Z",
        "city": "San Francisco",
        "contact": {"email": "person0@northwind.example"},
        "account": {"id": told.reached.account},
        "email": {"id": told.email},
    }
    ((replied_at,),) = await database.rows(select(Email.replied_at).where(Email.id == told.email))
    assert replied_at == clock.now() - timedelta(hours=1)
    meeting = await told.noted(type="MEETING_SCHEDULED", contactId=told.reached.contacts[0])
    assert (meeting["channel"], meeting["email"], meeting["score"]) == ("OTHER", None, 0.85)
    found = (await told.graph.data(READ, where={"campaign": told.reached.campaign}))["engagements"]
    assert (found["totalCount"], found["nodes"][0]["type"]) == (1, "RESPONSE_RECEIVED")
    for where, count in (
        ({"contact": told.reached.contacts[0]}, 2),
        ({"type": "MEETING_SCHEDULED"}, 1),
        ({"occurredTo": "2024-01-15T17:00:00Z"}, 1),
        ({"channel": "EMAIL", "account": told.reached.account}, 1),
    ):
        assert (await told.graph.data(READ, where=where))["engagements"]["totalCount"] == count, where


async def test_mail_that_came_back_is_taken_off_once_by_many_who_tell_it_at_once(
    told: Told, database: Database, clock: SetClock
) -> None:
    clock.advance(hours=1)
    kinds = [kind for _ in range(6) for kind in ("BOUNCE", "EMAIL_OPEN")]
    await asyncio.gather(
        *(told.noted(type=kind, emailId=told.email, externalId=f"{kind}-{n}") for n, kind in enumerate(kinds))
    )
    columns = (CampaignDay.emails_delivered, CampaignDay.emails_opened, CampaignDay.engagements)
    days = await database.rows(select(*columns).where(CampaignDay.campaign_id == told.reached.campaign))
    assert [tuple(day) for day in days] == [(-1, 1, 6)]
    opened = select(Event.sequence).where(Event.type == EventType.EMAIL_OPENED)
    assert len(await database.rows(opened.where(Event.data["id"].as_string() == told.email))) == 1


async def test_what_is_wrong_is_named_and_of_many_none_is_noted(told: Told, clock: SetClock) -> None:
    (contact,) = told.reached.contacts
    for given, refusal in (
        ({}, ("REQUIRED", "contactId")),
        ({"contactId": "ctc_unknown"}, ("NOT_FOUND", "contactId")),
        ({"contactId": contact, "campaignId": "cmp_unknown"}, ("NOT_FOUND", "campaignId")),
        ({"contactId": contact, "contentId": "cnt_week1_email"}, ("NOT_FOUND", "contentId")),
        ({"emailId": "email_unknown"}, ("NOT_FOUND", "emailId")),
        ({"contactId": contact, "occurredAt": "2024-01-15T14:32:00Z"}, ("INVALID", "occurredAt")),
        ({"contactId": contact, "occurredAt": "1999-01-15T14:32:00Z"}, ("INVALID", "occurredAt")),
        ({"contactId": contact, "ipAddress": "here"}, ("INVALID", "ipAddress")),
    ):
        assert await told.refused(type="LINK_CLICK", **given) == refusal, given

    async def many(*items: dict[str, Any]) -> Any:
        return (await told.graph.data(MANY, i={"items": list(items)}))["recordEngagements"]

    good = {"type": "LINK_CLICK", "contactId": contact, "externalId": "x"}
    wrong = await many(good, {"type": "LINK_CLICK"}, good | {"contactId": "ctc_unknown"})
    assert wrong == {
        "recorded": 0,
        "results": [],
        "errors": [
            {"code": "REQUIRED", "field": "items.1.contactId"},
            {"code": "NOT_FOUND", "field": "items.2.contactId"},
        ],
    }
    assert (await many())["errors"] == [{"code": "REQUIRED", "field": "items"}]
    assert (await many(*[good] * 501))["errors"] == [{"code": "INVALID", "field": "items"}]
    assert (await told.graph.data(READ, where={}))["engagements"]["totalCount"] == 0
    right = await many(good, good, good | {"externalId": "y", "campaignId": told.reached.campaign})
    assert (right["recorded"], right["errors"], len(right["results"])) == (2, [], 3)
    assert right["results"][0] == right["results"][1] != right["results"][2]
