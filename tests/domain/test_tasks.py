"""Which states of a task are final."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from domain.errors import Code, DomainError, Kind
from domain.tasks import Task, TaskStatus
from tests.factories.leads import task_row

NOON = datetime(2024, 1, 15, 12, tzinfo=UTC)


def task(status: TaskStatus) -> Task:
    return task_row("lead_1", "org_1", NOON, status=status)


@pytest.mark.parametrize("before", [TaskStatus.OPEN, TaskStatus.IN_PROGRESS])
@pytest.mark.parametrize("after", list(TaskStatus))
def test_an_unfinished_task_takes_any_status(before: TaskStatus, after: TaskStatus) -> None:
    changed = task(before)
    assert changed.take_status(after, NOON) is (before is not after)
    assert changed.status is after
    assert changed.completed_at == (NOON if after is TaskStatus.COMPLETED else None)


@pytest.mark.parametrize("before", [TaskStatus.COMPLETED, TaskStatus.CANCELLED])
@pytest.mark.parametrize("after", list(TaskStatus))
def test_a_finished_task_keeps_its_status(before: TaskStatus, after: TaskStatus) -> None:
    finished = task(before)
    if after is before:
        assert not finished.take_status(after, NOON)
        return
    with pytest.raises(DomainError) as refused:
        finished.take_status(after, NOON)
    assert (refused.value.code, refused.value.kind) == (Code.TASK_CLOSED, Kind.CONFLICT)
    assert refused.value.field == "status"
    assert finished.status is before
