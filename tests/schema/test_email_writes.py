"""E-mail and templates: what is stored, what is sent when, and what is told."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from sqlalchemy import select, update

from domain.emails import Email, EmailStatus
from domain.viewer import Viewer
from gateway.database import Database
from resolvers import mail_delivery
from resolvers.emails import FIRST
from resolvers.unit import Keys, Unit
from tests.clocks import SetClock
from tests.factories.desk import Desk, desk
from tests.factories.leads import email_row, make_lead, template_row
from tests.factories.organizations import store

__all__ = ["desk"]


async def taken(database: Database, clock: SetClock, email_id: str) -> list[int]:
    """Take up everything that is due: the attempt at this message, if it was among that."""
    found = await database.store(partial(mail_delivery.take, now=clock.now(), most=1000))
    return [attempt for _, each, attempt in found if each == email_id]


EMAIL = """email { id status to subject body scheduledFor sentAt opened openedAt template { id } createdBy { id } }"""


async def test_an_email_is_due_at_once_or_in_its_time(desk: Desk, viewer: Viewer) -> None:
    now = (await desk.do("sendEmail", EMAIL, leadId=desk.lead, subject=" Your\r\nquote ", body="Hello"))["email"]
    assert now == {
        "id": now["id"],
        "status": "SCHEDULED",
        "to": ["john@example.com"],
        "subject": "Your quote",
        "body": "Hello",
        "scheduledFor": None,
        "sentAt": None,
        "opened": False,
        "openedAt": None,
        "template": None,
        "createdBy": {"id": viewer.user_id},
    }
    assert await desk.told() == []
    later = (
        await desk.do("sendEmail", EMAIL, leadId=desk.lead, subject="s", body="b", scheduledFor="2024-01-17T10:00:00Z")
    )["email"]
    assert (later["status"], later["scheduledFor"]) == ("SCHEDULED", "2024-01-17T10:00:00Z")
    past = (await desk.do("sendEmail", EMAIL, leadId=desk.lead, subject="s", body="b", scheduledFor="2024-01-01"))[
        "email"
    ]
    assert past["scheduledFor"] == "2024-01-01T00:00:00Z"
    assert await desk.types() == ["EMAIL_SCHEDULED"]


async def test_given_texts_win_over_a_templates(
    desk: Desk, database: Database, organization: str, clock: SetClock
) -> None:
    template = template_row(
        organization,
        clock.now(),
        subject="{{firstName}}, your quote",
        body="{{quoteAmount}}{{secret}}{{lastName}}{{unlisted}}{{email.__class__}}!",
        variables=["firstName", "quoteAmount", "secret", "lastName"],
    )
    await store(database, template)
    filled = (await desk.do("sendEmail", EMAIL, leadId=desk.lead, templateId=template.id))["email"]
    assert (filled["subject"], filled["body"]) == ("John, your quote", "120{{email.__class__}}!")
    assert filled["template"] == {"id": template.id}
    mixed = (await desk.do("sendEmail", EMAIL, leadId=desk.lead, templateId=template.id, subject="Mine"))["email"]
    assert (mixed["subject"], mixed["body"]) == ("Mine", "120{{email.__class__}}!")


@pytest.mark.parametrize(
    ("fields", "code", "field"),
    [
        ({"subject": "s"}, "REQUIRED", "body"),
        ({"body": "b"}, "REQUIRED", "subject"),
        ({"subject": "s", "body": "b", "to": ["nonsense"]}, "INVALID", "to"),
        ({"subject": "s", "body": "b", "to": ["a@example.com"] * 51}, "INVALID", "to"),
        ({"subject": "s", "body": "b", "templateId": "nothing"}, "INVALID", "templateId"),
        ({"subject": "s" * 501, "body": "b"}, "INVALID", "subject"),
    ],
)
async def test_a_message_that_cannot_be_sent_is_refused(
    desk: Desk, fields: dict[str, Any], code: str, field: str
) -> None:
    done = await desk.do("sendEmail", EMAIL, leadId=desk.lead, **fields)
    assert done["email"] is None
    assert [(error["code"], error["field"].split(".")[0]) for error in done["errors"]] == [(code, field)]
    assert (await desk.graph.data("query ($id: ID!) { lead(id: $id) { emailsCount } }", id=desk.lead)) == {
        "lead": {"emailsCount": 0}
    }


async def test_a_lead_without_an_address_needs_one(desk: Desk, database: Database, organization: str) -> None:
    silent = await make_lead(database, organization, email=None, phone="5551234567")
    done = await desk.do("sendEmail", EMAIL, leadId=silent, subject="s", body="b")
    assert done["errors"] == [{"code": "REQUIRED", "field": "to"}]
    sent = await desk.do(
        "sendEmail", EMAIL, leadId=silent, subject="s", body="b", to=["A@example.com", "b@example.com"]
    )
    assert sent["email"]["to"] == ["A@example.com", "b@example.com"]


OPENED = "mutation ($id: ID!) { markEmailOpened(id: $id) { email { opened openedAt } errors { code field } } }"


async def test_only_the_first_opening_is_told(
    desk: Desk, database: Database, organization: str, clock: SetClock
) -> None:
    message = email_row(desk.lead, organization, clock.now())
    await store(database, message)
    clock.advance(minutes=5)
    first = (await desk.graph.data(OPENED, id=message.id))["markEmailOpened"]["email"]
    assert first == {"opened": True, "openedAt": "2024-01-15T14:35:00Z"}
    clock.advance(minutes=5)
    assert (await desk.graph.data(OPENED, id=message.id))["markEmailOpened"]["email"] == first
    assert await desk.types() == ["EMAIL_OPENED", "ENGAGEMENT_DETECTED"]
    assert [entry[0] for entry in await desk.timeline()] == ["EMAIL_OPENED"]
    waiting = (await desk.do("sendEmail", EMAIL, leadId=desk.lead, subject="s", body="b"))["email"]["id"]
    refused = (await desk.graph.data(OPENED, id=waiting))["markEmailOpened"]
    assert refused == {"email": None, "errors": [{"code": "INVALID", "field": "id"}]}


async def test_a_due_message_is_taken_by_one_and_sent_once(
    desk: Desk, database: Database, viewer: Viewer, clock: SetClock, organization: str
) -> None:
    template = template_row(organization, clock.now(), subject="s", body="b")
    template.id = "template_quote_followup_" + template.id[-8:]
    await store(database, template)
    sent = (
        await desk.do("sendEmail", EMAIL, leadId=desk.lead, templateId=template.id, scheduledFor="2024-01-16T14:30:00Z")
    )["email"]["id"]

    async def take() -> list[int]:
        return await taken(database, clock, sent)

    async def run(step: Any, *arguments: Any) -> Any:
        async def work(unit: Unit) -> Keys:
            return {"answer": await step(unit, sent, *arguments)}

        return (await database.transact(viewer, work))["answer"]

    assert await take() == []
    clock.advance(days=1)
    assert await take() == [1]
    assert await take() == []
    outgoing = await run(mail_delivery.outgoing, 1, "CRM <crm@agency.example.com>")
    assert (outgoing.to, outgoing.subject, outgoing.message_id) == (
        ("john@example.com",),
        "s",
        f"<{sent}@agency.example.com>",
    )
    await run(mail_delivery.note_failed, 1, "refused", 3, 60)
    assert await run(mail_delivery.outgoing, 1, "crm@agency.example.com") is None
    clock.advance(minutes=1)
    (again,) = await take()
    assert await run(mail_delivery.outgoing, again, "crm@agency.example.com") is not None
    await run(mail_delivery.note_sent)
    await run(mail_delivery.note_sent)
    assert await run(mail_delivery.outgoing, again, "crm@agency.example.com") is None
    assert await take() == []
    assert await desk.types() == ["EMAIL_SCHEDULED", "EMAIL_SENT"]
    assert [(entry[0], entry[2]) for entry in await desk.timeline()] == [
        ("EMAIL_SENT", {"emailId": sent, "template": template.id.removeprefix("template_")})
    ]


async def test_a_message_that_keeps_failing_is_given_up_and_told(
    desk: Desk, database: Database, viewer: Viewer, clock: SetClock
) -> None:
    sent = (await desk.do("sendEmail", EMAIL, leadId=desk.lead, subject="s", body="b"))["email"]["id"]

    async def fail(unit: Unit) -> Keys:
        await mail_delivery.note_failed(unit, sent, attempt, "refused", 3, 60)
        return {}

    pauses = []
    for _ in range(4):
        attempt = (await database.rows(select(Email.taken).where(Email.id == sent)))[0][0]
        await database.transact(viewer, fail)
        due = (await database.rows(select(Email.due_at).where(Email.id == sent)))[0][0]
        pauses.append((due - clock.now()).total_seconds() if due else None)
    assert pauses == [60, 120, None, None]
    assert await desk.types() == ["EMAIL_FAILED"]
    query = "query ($id: ID!) { node(id: $id) { ... on Email { status failure } } }"
    assert (await desk.graph.data(query, id=sent))["node"] == {"status": "FAILED", "failure": "refused"}


async def test_a_deleted_leads_mail_is_never_sent(
    desk: Desk, database: Database, clock: SetClock, viewer: Viewer
) -> None:
    sent = (await desk.do("sendEmail", EMAIL, leadId=desk.lead, subject="s", body="b", scheduledFor="2024-01-16"))[
        "email"
    ]["id"]
    await desk.graph.data("mutation ($id: ID!) { deleteLead(id: $id) { deleted } }", id=desk.lead)
    clock.advance(days=3)
    assert await taken(database, clock, sent) == []

    async def hand_over(unit: Unit) -> Keys:
        return {"mail": await mail_delivery.outgoing(unit, sent, 0, "a@b.c")}

    assert await database.transact(viewer, hand_over) == {"mail": None}


async def test_other_organizations_do_not_touch_mail(desk: Desk, database: Database, stranger: Viewer) -> None:
    sent = (await desk.do("sendEmail", EMAIL, leadId=desk.lead, subject="s", body="b"))["email"]["id"]

    async def meddle(unit: Unit) -> Keys:
        await mail_delivery.note_sent(unit, sent)
        return {"mail": await mail_delivery.outgoing(unit, sent, FIRST, "a@b.c")}

    assert await database.transact(stranger, meddle) == {"mail": None}
    status = (await database.rows(select(Email.status).where(Email.id == sent)))[0][0]
    assert status is EmailStatus.SCHEDULED


TEMPLATE = "emailTemplate { id name subject body variables createdAt updatedAt }"


async def test_a_template_is_made_and_changed(desk: Desk, clock: SetClock) -> None:
    made = (
        await desk.do("createEmailTemplate", TEMPLATE, name=" Quote Follow-Up ", subject="{{a}}", body="{{b}} {{a}}")
    )["emailTemplate"]
    assert made["id"].startswith("template_quote_follow_up_")
    assert (made["name"], made["variables"]) == ("Quote Follow-Up", ["a", "b"])
    clock.advance(hours=1)
    unchanged = await desk.do(
        "updateEmailTemplate", TEMPLATE, id=made["id"], name="Quote Follow-Up", variables=["a", "b"]
    )
    assert unchanged["emailTemplate"] == made
    changed = await desk.do("updateEmailTemplate", TEMPLATE, id=made["id"], subject="New", variables=["c", "c"])
    expected = {"subject": "New", "variables": ["c"], "updatedAt": "2024-01-15T15:30:00Z"}
    assert changed["emailTemplate"] == made | expected
    assert await desk.types() == ["TEMPLATE_CREATED", "TEMPLATE_UPDATED"]
    listed = await desk.graph.data("{ emailTemplates { nodes { id } } }")
    assert listed["emailTemplates"]["nodes"] == [{"id": made["id"]}]


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"name": " ", "subject": "s", "body": "b"}, "name"),
        ({"name": "n", "subject": "", "body": "b"}, "subject"),
        ({"name": "n", "subject": "s", "body": "x" * 20_001}, "body"),
        ({"name": "n", "subject": "s", "body": "b", "variables": ["a b"]}, "variables"),
        ({"name": "n", "subject": "s", "body": "b", "variables": ["x" * 10] * 51}, "variables"),
        ({"name": "n", "subject": "s", "body": "b", "variables": ["é"]}, "variables"),
    ],
)
async def test_a_template_that_cannot_be_is_refused(desk: Desk, fields: dict[str, Any], field: str) -> None:
    done = await desk.do("createEmailTemplate", TEMPLATE, **fields)
    assert (done["emailTemplate"], [error["field"] for error in done["errors"]]) == (None, [field])
    assert await desk.told() == []


async def test_a_message_in_somebody_elses_hands_is_left_alone_until_the_lease_ends(
    desk: Desk, database: Database, clock: SetClock
) -> None:
    sent = (await desk.do("sendEmail", EMAIL, leadId=desk.lead, subject="s", body="b"))["email"]["id"]

    assert await taken(database, clock, sent) == []
    clock.advance(minutes=5)
    assert await taken(database, clock, sent) == [2]
    clock.advance(minutes=5)

    async def give_up(session: Any) -> None:
        await session.execute(update(Email).where(Email.id == sent).values(due_at=None))

    await database.store(give_up)
    assert await taken(database, clock, sent) == []
