"""Tasks on leads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from domain.activities import ActivityType
from domain.errors import invalid
from domain.events import EventType
from domain.leads import Lead
from domain.permissions import Permission
from domain.tasks import Task, TaskPriority, TaskStatus, TaskType
from domain.texts import TEXT, line, needed
from domain.values import ABSENT, Absent, Moment, end_of, iso, present, start_of
from domain.viewer import Viewer
from resolvers import activities, users
from resolvers.reads import Listing, Statement, ToMany, ToOne, newest_first, reads, visible_to
from resolvers.unit import Keys, Unit, requires


@dataclass(frozen=True, slots=True)
class TaskFilter:
    """Which tasks are wanted; bounds are inclusive."""

    status: TaskStatus | None = None
    assignee: str | None = None
    lead: str | None = None
    due_from: Moment | None = None
    due_to: Moment | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskDraft:
    """A task to be made; without an assignee it is the caller's own."""

    lead_id: str
    title: str
    description: str | Absent | None = ABSENT
    priority: TaskPriority | Absent | None = ABSENT
    due_date: Moment | Absent | None = ABSENT
    assignee_id: str | Absent | None = ABSENT
    type: TaskType | Absent | None = ABSENT


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskPatch:
    """Changes to a task; absent stays, null clears where that makes sense."""

    id: str
    status: TaskStatus | Absent | None = ABSENT
    title: str | Absent | None = ABSENT
    description: str | Absent | None = ABSENT
    priority: TaskPriority | Absent | None = ABSENT
    due_date: Moment | Absent | None = ABSENT
    assignee_id: str | Absent | None = ABSENT
    type: TaskType | Absent | None = ABSENT


@reads(Task, Permission.READ_LEADS)
def visible(viewer: Viewer) -> Statement:
    """Tasks of every lead."""
    return visible_to(viewer, Task)


@reads(Task, Permission.READ_LEADS)
def search(viewer: Viewer, where: TaskFilter | None = None) -> Listing:
    """Tasks, newest first."""
    statement = visible_to(viewer, Task)
    where = where or TaskFilter()
    if where.status:
        statement = statement.where(Task.status == where.status)
    if where.assignee:
        statement = statement.where(Task.assignee_id == where.assignee)
    if where.lead:
        statement = statement.where(Task.lead_id == where.lead)
    if where.due_from:
        statement = statement.where(Task.due_date >= start_of(where.due_from))
    if where.due_to:
        statement = statement.where(Task.due_date <= end_of(where.due_to))
    return Listing(statement, newest_first(Task))


of_lead = ToMany(search, Task.lead_id)
of_contact = ToMany(search, Task.contact_id)
of_user = ToMany(search, Task.assignee_id)
assignee = ToOne(users.visible, Task.assignee_id)
author = ToOne(users.visible, Task.created_by_id)


@requires(Permission.WRITE_LEADS)
async def create(unit: Unit, draft: TaskDraft) -> Keys:
    """Make a task for a lead."""
    lead = await unit.load(Lead, draft.lead_id, "leadId")
    due = present(draft.due_date, None)
    task = await put(
        unit,
        lead_id=lead.id,
        title=needed("title", draft.title),
        description=line("description", present(draft.description, None), TEXT),
        priority=present(draft.priority, None) or TaskPriority.MEDIUM,
        type=present(draft.type, None) or TaskType.OTHER,
        due_date=start_of(due) if due else None,
        assignee_id=await _assignee(unit, present(draft.assignee_id, unit.viewer.user_id)),
    )
    return {"task": task.id}


async def put(unit: Unit, **values: Any) -> Task:
    """Put an open task down, checked already; on its lead's timeline too, where it has one."""
    given = {"priority": TaskPriority.MEDIUM, "created_by_id": unit.viewer.user_id} | values
    task = Task(
        id=Task.new_id(),
        organization_id=unit.viewer.organization_id,
        created_at=unit.now,
        updated_at=unit.now,
        status=TaskStatus.OPEN,
        **given,
    )
    unit.add(task)
    if task.lead_id:
        text = f"Task created: {task.title}"
        activities.add(unit, task.lead_id, ActivityType.TASK_CREATED, text, {"taskId": task.id})
    unit.record(EventType.TASK_CREATED, task, await _facts(unit, task), lead_id=task.lead_id)
    return task


@requires(Permission.WRITE_LEADS)
async def change(unit: Unit, patch: TaskPatch) -> Keys:
    """Merge changes into a task; completing it is told once, and its final status stays (CU-47)."""
    task = await unit.load(Task, patch.id)
    changed = await _take_fields(unit, task, patch)
    moved = False
    if patch.status is None:
        raise invalid("status", "status must be OPEN, IN_PROGRESS, COMPLETED or CANCELLED.")
    if not isinstance(patch.status, Absent):
        moved = task.take_status(patch.status, unit.now)
    if not (changed or moved):
        return {"task": task.id}
    task.updated_at = unit.now
    if moved and task.status is TaskStatus.COMPLETED:
        text = f"Task completed: {task.title}"
        if task.lead_id:
            activities.add(unit, task.lead_id, ActivityType.TASK_COMPLETED, text, {"taskId": task.id})
        unit.record(EventType.TASK_COMPLETED, task, await _facts(unit, task), lead_id=task.lead_id)
    else:
        unit.record(EventType.TASK_UPDATED, task, await _facts(unit, task), lead_id=task.lead_id)
    return {"task": task.id}


async def _take_fields(unit: Unit, task: Task, patch: TaskPatch) -> bool:
    taken: dict[str, Any] = {}
    if not isinstance(patch.title, Absent):
        taken["title"] = needed("title", patch.title)
    if not isinstance(patch.description, Absent):
        taken["description"] = line("description", patch.description, TEXT)
    if not isinstance(patch.priority, Absent):
        taken["priority"] = patch.priority or TaskPriority.MEDIUM
    if not isinstance(patch.type, Absent):
        taken["type"] = patch.type or TaskType.OTHER
    if not isinstance(patch.due_date, Absent):
        taken["due_date"] = start_of(patch.due_date) if patch.due_date else None
    if not isinstance(patch.assignee_id, Absent):
        taken["assignee_id"] = await _assignee(unit, patch.assignee_id)
    changed = {name: value for name, value in taken.items() if getattr(task, name) != value}
    for name, value in changed.items():
        setattr(task, name, value)
    return bool(changed)


async def _assignee(unit: Unit, id: str | None) -> str | None:
    return (await users.existing(unit, id, "assigneeId")).id if id else None


async def _facts(unit: Unit, task: Task) -> dict[str, Any]:
    return {
        "id": task.id,
        "title": task.title,
        "description": task.description,
        "priority": task.priority,
        "status": task.status,
        "type": task.type,
        "dueDate": iso(task.due_date) if task.due_date else None,
        "assignee": task.assignee_id,
        "createdAt": iso(task.created_at),
        "leadId": task.lead_id,
        **await users.named(unit, "assignee", task.assignee_id, "name"),
    }
