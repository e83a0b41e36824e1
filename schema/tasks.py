"""Tasks on leads."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry
from strawberry import UNSET

from resolvers import abm_campaigns, contacts, leads, scheduled_content, tasks
from resolvers.reads import ToOne
from schema.engine.forms import change, connection, link, one
from schema.engine.inputs import mirrors
from schema.enums import TaskPriority, TaskStatus, TaskType
from schema.filters import TaskFilter
from schema.nodes import Connection, Node, Payload
from schema.users import User

if TYPE_CHECKING:
    from schema.abm_campaigns import AbmCampaign
    from schema.contacts import Contact
    from schema.leads import Lead
    from schema.scheduled_content import ScheduledContent


@strawberry.type(description="Something somebody has to do for a lead, or for a contact by a campaign.")
class Task(Node, read=tasks.visible):
    """Something somebody has to do for a lead, or for a contact by a campaign."""

    title: str
    description: str | None
    priority: TaskPriority
    status: TaskStatus
    type: TaskType
    due_date: datetime | None
    created_at: datetime
    updated_at: datetime
    completed_at: datetime | None
    assignee: User | None = link(tasks.assignee)
    created_by: User | None = link(tasks.author)
    lead: Annotated["Lead", strawberry.lazy("schema.leads")] | None = link(leads.of_task)
    contact: Annotated["Contact", strawberry.lazy("schema.contacts")] | None = link(
        contacts.of_task, "Whom it is about, where a campaign has given it."
    )
    campaign: Annotated["AbmCampaign", strawberry.lazy("schema.abm_campaigns")] | None = link(abm_campaigns.of_task)
    content: Annotated["ScheduledContent", strawberry.lazy("schema.scheduled_content")] | None = link(
        scheduled_content.of_task, "The planned piece that it does."
    )


@mirrors(tasks.TaskDraft)
class CreateTaskInput:
    """A task to be made; without an assignee it is the caller's own."""

    lead_id: strawberry.ID
    title: str
    description: str | None = UNSET
    priority: TaskPriority | None = UNSET
    due_date: datetime | None = UNSET
    assignee_id: strawberry.ID | None = UNSET
    type: TaskType | None = UNSET


@mirrors(tasks.TaskPatch)
class UpdateTaskInput:
    """Changes to a task: what is left out stays."""

    id: strawberry.ID
    status: TaskStatus | None = UNSET
    title: str | None = UNSET
    description: str | None = UNSET
    priority: TaskPriority | None = UNSET
    due_date: datetime | None = UNSET
    assignee_id: strawberry.ID | None = UNSET
    type: TaskType | None = UNSET


@strawberry.type
class CreateTaskPayload(Payload):
    """The task that was made."""

    task: Task | None = link(ToOne(tasks.visible, "task"))


@strawberry.type
class UpdateTaskPayload(Payload):
    """The task as it is now."""

    task: Task | None = link(ToOne(tasks.visible, "task"))


@strawberry.type
class TaskQueries:
    """Reads of tasks."""

    task: Task | None = one(tasks.visible, "A task.")
    tasks: Connection[Task] = connection(tasks.search, "Tasks, newest first.", where=TaskFilter)


@strawberry.type
class TaskMutations:
    """What can be done with tasks."""

    create_task: CreateTaskPayload = change(tasks.create, input=CreateTaskInput)
    update_task: UpdateTaskPayload = change(tasks.change, input=UpdateTaskInput)
