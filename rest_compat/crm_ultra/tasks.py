"""Tasks (documentation, section API Endpoints / Tasks)."""

from __future__ import annotations

from rest_compat.engine.answers import take
from rest_compat.engine.arguments import bodies, body, path
from rest_compat.engine.routes import Route

ROUTES = (
    Route(
        "POST",
        "/leads/{lead_id}/tasks",
        "CreateTask",
        take("createTask.task"),
        (
            path("lead_id", "input.leadId", "Id of the lead."),
            *bodies("input", "title", "description"),
            body("priority", "input.priority", default="MEDIUM"),
            body("dueDate", "input.dueDate"),
            body("assigneeId", "input.assigneeId", note="Id of a user; the calling user when absent."),
            body("type", "input.type", default="OTHER"),
        ),
        status=201,
        title="Create Task",
        group="Tasks",
        example="tasks_create",
        sample="/leads/lead_123456789/tasks",
    ),
    Route(
        "PUT",
        "/tasks/{task_id}",
        "UpdateTask",
        take("updateTask.task"),
        (path("task_id", "input.id", "Id of the task."), body("status", "input.status", required=True)),
        title="Update Task Status",
        group="Tasks",
        example="tasks_update",
        sample="/tasks/task_xyz789",
    ),
)
