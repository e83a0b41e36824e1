"""Notes, tasks and reported activities: what is stored and what is told."""

from __future__ import annotations

from typing import Any

import pytest

from domain.viewer import Viewer
from gateway.database import Database
from tests.clocks import SetClock
from tests.factories.desk import Desk, desk
from tests.factories.organizations import make_user

__all__ = ["desk"]


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
                "createdByName": "Jane Agent",
                "createdByEmail": told[0][1]["createdByEmail"],
                "leadId": desk.lead,
            },
        )
    ]
    assert told[0][1]["createdByEmail"].endswith("@agency.example.com")
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
