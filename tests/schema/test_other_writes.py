"""Notes, tasks, e-mail, templates and reported activities: what is stored and what is told."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select, update

from domain.emails import Email, EmailStatus
from domain.viewer import Viewer
from gateway.database import Database
from resolvers import mail_delivery
from resolvers.unit import Keys, Unit
from tests.clocks import SetClock
from tests.factories.leads import email_row, make_lead, template_row
from tests.factories.organizations import make_user, store
from tests.graphs import Graph


class Desk:
    """Does things for one lead."""

    def __init__(self, graph: Graph, lead: str) -> None:
        self.graph = graph
        self.lead = lead

    async def do(self, mutation: str, answer: str, **fields: Any) -> Any:
        kind = mutation[0].upper() + mutation[1:] + "Input"
        query = f"mutation ($i: {kind}!) {{ {mutation}(input: $i) {{ {answer} errors {{ code field }} }} }}"
        return (await self.graph.data(query, i=fields))[mutation]

    async def told(self) -> list[tuple[str, Any]]:
        nodes = (await self.graph.data("{ events { nodes { type data } } }"))["events"]["nodes"]
        return [(node["type"], node["data"]) for node in nodes]

    async def types(self) -> list[str]:
        return [name for name, _ in await self.told()]

    async def timeline(self) -> list[tuple[str, str, Any]]:
        query = "query ($id: ID!) { lead(id: $id) { activities { nodes { type description metadata } } } }"
        nodes = (await self.graph.data(query, id=self.lead))["lead"]["activities"]["nodes"]
        return [(node["type"], node["description"], node["metadata"]) for node in reversed(nodes)]


@pytest.fixture
async def desk(graph: Graph, database: Database, organization: str) -> Desk:
    lead = await make_lead(
        database,
        organization,
        email="john@example.com",
        first_name="John",
        custom_fields={"quoteAmount": 120, "secret": ["x"]},
    )
    return Desk(graph, lead)


async def test_a_note(desk: Desk, viewer: Viewer) -> None:
    fields = "note { id content visibility createdAt createdBy { id } lead { id notesCount lastActivityAt } }"
    done = await desk.do("createNote", fields, leadId=desk.lead, content=" Called.\n", visibility="PUBLIC")
    note = done["note"]
    assert note == {
        "id": note["id"],
        "content": " Called.\n",
        "visibility": "PUBLIC",
        "createdAt": "2024-01-15T14:30:00Z",
        "createdBy": {"id": viewer.user_id},
        "lead": {"id": desk.lead, "notesCount": 1, "lastActivityAt": "2024-01-15T14:30:00Z"},
    }
    told = await desk.told()
    assert told == [
        (
            "NOTE_CREATED",
            {
                "id": note["id"],
                "content": " Called.\n",
                "visibility": "PUBLIC",
                "createdAt": "2024-01-15T14:30:00Z",
                "createdBy": viewer.user_id,
                "leadId": desk.lead,
            },
        )
    ]
    assert await desk.timeline() == [("NOTE_ADDED", "Note added", {"noteId": note["id"]})]


@pytest.mark.parametrize("content", ["", "  ", "x" * 20_001, "a\x00b"])
async def test_a_note_has_to_say_something_that_can_be_stored(desk: Desk, content: str) -> None:
    done = await desk.do("createNote", "note { id }", leadId=desk.lead, content=content)
    assert (done["note"], done["errors"][0]["field"]) == (None, "content")
    assert await desk.told() == []


TASK = (
    "task { id title description priority status type dueDate completedAt updatedAt assignee { id } createdBy { id } }"
)


async def test_a_task(desk: Desk, viewer: Viewer, database: Database, organization: str) -> None:
    task = (await desk.do("createTask", TASK, leadId=desk.lead, title="Call back"))["task"]
    assert task == {
        "id": task["id"],
        "title": "Call back",
        "description": None,
        "priority": "MEDIUM",
        "status": "OPEN",
        "type": "OTHER",
        "dueDate": None,
        "completedAt": None,
        "updatedAt": "2024-01-15T14:30:00Z",
        "assignee": {"id": viewer.user_id},
        "createdBy": {"id": viewer.user_id},
    }
    bob = await make_user(database, organization)
    given = {"priority": "URGENT", "type": "CALL", "dueDate": "2024-01-20T10:00:00+02:00", "description": " d "}
    other = (await desk.do("createTask", TASK, leadId=desk.lead, title="Other", assigneeId=bob, **given))["task"]
    assert (other["priority"], other["type"], other["dueDate"]) == ("URGENT", "CALL", "2024-01-20T08:00:00Z")
    assert (other["assignee"], other["description"]) == ({"id": bob}, "d")
    nobody = (await desk.do("createTask", TASK, leadId=desk.lead, title="Nobody's", assigneeId=None))["task"]
    assert nobody["assignee"] is None
    assert await desk.types() == ["TASK_CREATED"] * 3
    assert (await desk.timeline())[0] == ("TASK_CREATED", "Task created: Call back", {"taskId": task["id"]})


async def test_a_task_is_changed_and_finished_once(desk: Desk, clock: SetClock) -> None:
    task = (await desk.do("createTask", TASK, leadId=desk.lead, title="Call back"))["task"]
    clock.advance(hours=1)
    same = {"title": "Call back", "status": "OPEN", "priority": "MEDIUM", "dueDate": None}
    assert (await desk.do("updateTask", TASK, id=task["id"], **same))["task"] == task
    assert await desk.types() == ["TASK_CREATED"]

    moved = (await desk.do("updateTask", TASK, id=task["id"], status="IN_PROGRESS", title="Call"))["task"]
    assert moved == task | {"status": "IN_PROGRESS", "title": "Call", "updatedAt": "2024-01-15T15:30:00Z"}
    finished = (await desk.do("updateTask", TASK, id=task["id"], status="COMPLETED"))["task"]
    assert (finished["status"], finished["completedAt"]) == ("COMPLETED", "2024-01-15T15:30:00Z")
    assert (await desk.do("updateTask", TASK, id=task["id"], status="COMPLETED"))["task"] == finished
    assert await desk.types() == ["TASK_CREATED", "TASK_UPDATED", "TASK_COMPLETED"]
    assert (await desk.timeline())[-1] == ("TASK_COMPLETED", "Task completed: Call", {"taskId": task["id"]})

    refused = await desk.do("updateTask", TASK, id=task["id"], status="OPEN", title="Again")
    assert refused == {"task": None, "errors": [{"code": "TASK_CLOSED", "field": "status"}]}
    found = await desk.graph.data("query ($id: ID!) { task(id: $id) { title } }", id=task["id"])
    assert found["task"] == {"title": "Call"}


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"title": " "}, "title"),
        ({"title": None}, "title"),
        ({"title": "x" * 201}, "title"),
        ({"status": None}, "status"),
        ({"assigneeId": "nobody"}, "assigneeId"),
        ({"description": "x" * 20_001}, "description"),
    ],
)
async def test_a_task_that_cannot_be_is_refused(desk: Desk, fields: dict[str, Any], field: str) -> None:
    task = (await desk.do("createTask", TASK, leadId=desk.lead, title="Call back"))["task"]
    refused = await desk.do("updateTask", TASK, id=task["id"], **fields)
    assert (refused["task"], [error["field"] for error in refused["errors"]]) == (None, [field])
    assert await desk.types() == ["TASK_CREATED"]


async def test_tasks_are_listed_by_what_they_are(desk: Desk, viewer: Viewer) -> None:
    for title, fields in {"a": {"dueDate": "2024-01-20"}, "b": {"dueDate": "2024-01-22T10:00:00Z"}, "c": {}}.items():
        await desk.do("createTask", TASK, leadId=desk.lead, title=title, **fields)
    query = "query ($w: TaskFilter) { tasks(where: $w) { totalCount nodes { title } } }"
    for where, titles in (
        ({}, "cba"),
        ({"status": "OPEN"}, "cba"),
        ({"status": "COMPLETED"}, ""),
        ({"assignee": viewer.user_id}, "cba"),
        ({"lead": desk.lead}, "cba"),
        ({"dueFrom": "2024-01-20", "dueTo": "2024-01-20"}, "a"),
        ({"dueFrom": "2024-01-21"}, "b"),
        ({"dueTo": "2024-01-22"}, "ba"),
    ):
        page = (await desk.graph.data(query, w=where))["tasks"]
        assert ("".join(node["title"] for node in page["nodes"]), page["totalCount"]) == (titles, len(titles)), where


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
    assert await desk.types() == ["EMAIL_OPENED"]
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

    async def due() -> list[str]:
        return [row.id for row in await database.rows(mail_delivery.due(clock.now())) if row.id == sent]

    async def run(step: Any, *arguments: Any) -> Any:
        async def work(unit: Unit) -> Keys:
            return {"answer": await step(unit, sent, *arguments)}

        return (await database.transact(viewer, work))["answer"]

    assert await due() == []
    assert await run(mail_delivery.take) is False
    clock.advance(days=1)
    assert await due() == [sent]
    assert await run(mail_delivery.take) is True
    assert await run(mail_delivery.take) is False
    assert await due() == []
    outgoing = await run(mail_delivery.outgoing, "CRM <crm@agency.example.com>")
    assert (outgoing.to, outgoing.subject, outgoing.message_id) == (
        ("john@example.com",),
        "s",
        f"<{sent}@agency.example.com>",
    )
    await run(mail_delivery.note_failed, "refused", 3, 60)
    clock.advance(minutes=1)
    assert await due() == [sent]
    await run(mail_delivery.note_sent)
    await run(mail_delivery.note_sent)
    assert await run(mail_delivery.outgoing, "crm@agency.example.com") is None
    assert await desk.types() == ["EMAIL_SCHEDULED", "EMAIL_SENT"]
    assert [(entry[0], entry[2]) for entry in await desk.timeline()] == [
        ("EMAIL_SENT", {"emailId": sent, "template": template.id.removeprefix("template_")})
    ]


async def test_a_message_that_keeps_failing_is_given_up_and_told(
    desk: Desk, database: Database, viewer: Viewer, clock: SetClock
) -> None:
    sent = (await desk.do("sendEmail", EMAIL, leadId=desk.lead, subject="s", body="b"))["email"]["id"]

    async def fail(unit: Unit) -> Keys:
        await mail_delivery.note_failed(unit, sent, "refused", 3, 60)
        return {}

    pauses = []
    for _ in range(4):
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
    assert [row.id for row in await database.rows(mail_delivery.due(clock.now())) if row.id == sent] == []

    async def hand_over(unit: Unit) -> Keys:
        return {
            "taken": await mail_delivery.take(unit, sent),
            "mail": await mail_delivery.outgoing(unit, sent, "a@b.c"),
        }

    assert await database.transact(viewer, hand_over) == {"taken": False, "mail": None}


async def test_other_organizations_do_not_touch_mail(desk: Desk, database: Database, stranger: Viewer) -> None:
    sent = (await desk.do("sendEmail", EMAIL, leadId=desk.lead, subject="s", body="b"))["email"]["id"]

    async def meddle(unit: Unit) -> Keys:
        await mail_delivery.note_sent(unit, sent)
        return {"mail": await mail_delivery.outgoing(unit, sent, "a@b.c")}

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


ACTIVITY = "activity { id type description metadata createdBy { id } lead { id } }"


@pytest.mark.parametrize("kind", ["CALL_MADE", "MEETING_SCHEDULED", "QUOTE_GENERATED"])
async def test_an_activity_without_another_source_is_reported(desk: Desk, viewer: Viewer, kind: str) -> None:
    details = {"amount": 120.5, "nested": {"a": [1, None, True]}}
    done = await desk.do(
        "recordActivity", ACTIVITY, leadId=desk.lead, type=kind, description=" Done ", metadata=details
    )
    activity = done["activity"]
    assert activity == {
        "id": activity["id"],
        "type": kind,
        "description": "Done",
        "metadata": details,
        "createdBy": {"id": viewer.user_id},
        "lead": {"id": desk.lead},
    }
    assert await desk.types() == ["ACTIVITY_RECORDED"]


async def test_what_use_cases_put_on_the_timeline_cannot_be_reported(desk: Desk) -> None:
    for kind in ("LEAD_CREATED", "NOTE_ADDED", "WON", "EMAIL_OPENED"):
        done = await desk.do("recordActivity", ACTIVITY, leadId=desk.lead, type=kind, description="x")
        assert done["errors"] == [{"code": "INVALID", "field": "type"}]
    assert await desk.told() == []


async def test_activities_are_listed_by_what_they_are(desk: Desk, clock: SetClock) -> None:
    for kind in ("CALL_MADE", "QUOTE_GENERATED"):
        await desk.do("recordActivity", ACTIVITY, leadId=desk.lead, type=kind, description=kind)
        clock.advance(days=1)
    query = "query ($w: ActivityFilter) { activities(where: $w) { nodes { type } } }"
    for where, kinds in (
        ({}, ["QUOTE_GENERATED", "CALL_MADE"]),
        ({"type": "CALL_MADE"}, ["CALL_MADE"]),
        ({"lead": desk.lead, "createdFrom": "2024-01-16"}, ["QUOTE_GENERATED"]),
        ({"createdTo": "2024-01-15"}, ["CALL_MADE"]),
    ):
        nodes = (await desk.graph.data(query, w=where))["activities"]["nodes"]
        assert [node["type"] for node in nodes] == kinds


async def test_a_message_in_somebody_elses_hands_is_left_alone_until_the_lease_ends(
    desk: Desk, database: Database, clock: SetClock
) -> None:
    sent = (await desk.do("sendEmail", EMAIL, leadId=desk.lead, subject="s", body="b"))["email"]["id"]

    async def due() -> bool:
        return sent in [row.id for row in await database.rows(mail_delivery.due(clock.now()))]

    assert not await due()
    clock.advance(minutes=5)
    assert await due()

    async def give_up(session: Any) -> None:
        await session.execute(update(Email).where(Email.id == sent).values(due_at=None))

    await database.store(give_up)
    assert not await due()
