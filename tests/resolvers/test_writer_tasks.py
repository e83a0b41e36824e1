"""Several tasks of one request for a language model: together, but not all at once."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

from domain.errors import DomainError, forbidden, unavailable
from domain.outside import Outside, WriterAnswer, WriterTask
from domain.viewer import Viewer
from resolvers.desk import Desk
from resolvers.writer_tasks import TOGETHER, asked

TASKS = [WriterTask(str(number), "", {}, {}) for number in range(9)]


class Slow:
    """Answers with the name of the task once it may; those named in `fails` fail at once."""

    def __init__(self, **fails: DomainError) -> None:
        self.fails = {name.lstrip("_"): error for name, error in fails.items()}
        self.may = asyncio.Event()
        self.begun: list[str] = []
        self.given_up: list[str] = []
        self.under_way = self.most = 0

    async def write(self, _: Viewer, task: WriterTask) -> WriterAnswer:
        if task.purpose in self.fails:
            raise self.fails[task.purpose]
        self.begun.append(task.purpose)
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        try:
            await self.may.wait()
        except asyncio.CancelledError:
            self.given_up.append(task.purpose)
            raise
        finally:
            self.under_way -= 1
        return WriterAnswer(task.purpose, "small")


def desk(writer: Any) -> Desk:
    async def rows(_: Any) -> list[Any]:
        return []

    return Desk(Viewer.nobody("org"), datetime(2024, 1, 15, tzinfo=UTC), Outside(writer=writer), rows, 500)


async def test_answers_are_in_order_and_a_failure_is_its_own_tasks_alone() -> None:
    writer = Slow(_2=unavailable("busy"))
    writer.may.set()
    answers = await asked(desk(writer), TASKS)
    assert [each.value if isinstance(each, WriterAnswer) else each.message for each in answers] == [
        "busy" if task.purpose == "2" else task.purpose for task in TASKS
    ]
    assert await asked(desk(writer), []) == []


async def test_a_few_are_under_way_and_whoever_leaves_ends_them() -> None:
    writer = Slow()
    asking = asyncio.create_task(asked(desk(writer), TASKS))
    for _ in range(5):
        await asyncio.sleep(0)
    assert writer.begun == [task.purpose for task in TASKS[:TOGETHER]]
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert (writer.given_up, writer.under_way, writer.most) == (writer.begun, 0, TOGETHER)


async def test_what_is_no_mere_failure_ends_all() -> None:
    writer = Slow(_2=forbidden("LEADS_READ"))
    with pytest.raises(DomainError, match="LEADS_READ"):
        await asked(desk(writer), TASKS)
    await asyncio.sleep(0)
    assert writer.begun[:2] == ["0", "1"]
    assert (writer.given_up, writer.under_way) == (writer.begun, 0)
