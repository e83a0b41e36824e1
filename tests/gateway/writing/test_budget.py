"""What language models may cost: never more than the budget, whoever asks at once, and every use is in the log."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from domain.errors import DomainError
from domain.outside import WriterTask
from domain.permissions import Role
from domain.viewer import Viewer
from domain.writing import Prices, WriterMonth, most_tokens
from gateway.database import Database
from gateway.writing.redaction import Redaction
from gateway.writing.requests import first
from gateway.writing.writer import LanguageWriter
from tests.clocks import SetClock
from tests.conftest import MakeViewer, opened
from tests.factories.models import Model, is_silent, modelling, raw, says, terms_of, waits_for, writing
from tests.factories.organizations import make_organization, make_viewer
from tests.graphs import Graph
from tests.waiting import until

TASK = WriterTask("sentiment", "Say how it feels.", {"text": "Great."}, {"type": "object"}, 100)
USES = """query ($where: WriterUseFilter, $after: Cursor) { writerUses(where: $where, first: 2, after: $after) {
  totalCount pageInfo { hasNextPage endCursor }
  nodes { purpose model outcome promptTokens completionTokens cost estimated milliseconds createdAt } } }"""
BUDGET = "{ writerBudget { configured enabled model month spent limit remaining pricesAssumed resetAt } }"
MOST = 2 * 100 + first(TASK, Redaction(), 100).prompt_tokens
"""Micros that one task can cost here at most."""
UPDATE = """mutation ($input: UpdateWriterInput!) { updateWriter(input: $input) {
  organization { writerEnabled writerMonthlyBudget } errors { code field } } }"""


@pytest.fixture
async def model() -> AsyncIterator[Model]:
    async with modelling() as model:
        model.does(says({}))
        yield model


async def spent(database: Database, organization: str) -> list[tuple[str, int]]:
    statement = select(WriterMonth.month, WriterMonth.spent_micros)
    rows = await database.rows(statement.where(WriterMonth.organization_id == organization).order_by(WriterMonth.month))
    return [tuple(row) for row in rows]


def test_tokens_are_counted_at_most_and_costs_rounded_up() -> None:
    assert Prices(Decimal("0.15"), Decimal("0.6")).cost(1_000_000, 1_000_000) == 750_000
    assert Prices(Decimal("0.15"), Decimal("0.6")).cost(1, 1) == 1
    assert most_tokens("ä" * 100) >= 200
    terms = terms_of(monthly_budget="2.5", largest_budget=5)
    assert [terms.limit(own) for own in (None, 0, 4_000_000, 9_000_000)] == [2_500_000, 0, 4_000_000, 5_000_000]
    assert terms.assumed
    assert not terms_of(prompt_price=0, completion_price=0).assumed


async def test_the_log_and_the_budget_are_told_to_administrators(
    graph: Graph, database: Database, viewer: Viewer, stranger: Viewer, model: Model, clock: SetClock
) -> None:
    database.writing = terms_of(monthly_budget=1, prompt_price=1, completion_price=2)
    async with writing(database, model, monthly_budget=1) as writer:
        await writer.write(viewer, TASK)
        clock.advance(minutes=1)
        model.does(says({}, tokens=None))
        await writer.write(viewer, replace(TASK, purpose="category"))
        clock.advance(minutes=1)
        model.does(raw(401))
        with pytest.raises(DomainError):
            await writer.write(viewer, TASK)

    page = (await graph.data(USES))["writerUses"]
    rest = (await graph.data(USES, after=page["pageInfo"]["endCursor"]))["writerUses"]
    refused, guessed = page["nodes"]
    (known,) = rest["nodes"]
    assert (page["totalCount"], page["pageInfo"]["hasNextPage"]) == (3, True)
    assert refused | {"milliseconds": 0} == {
        "purpose": "sentiment", "model": "small", "outcome": "REFUSED", "promptTokens": 0, "completionTokens": 0,
        "cost": 0, "estimated": False, "milliseconds": 0, "createdAt": "2024-01-15T14:32:00Z",
    }  # fmt: skip
    assert (known["promptTokens"], known["completionTokens"], known["cost"]) == (100, 10, 0.00012)
    assert (guessed["estimated"], guessed["completionTokens"]) == (True, 2)
    for where, number in (
        ({"purpose": "category"}, 1),
        ({"outcome": "REFUSED"}, 1),
        ({"model": "large"}, 0),
        ({"since": "2024-01-15T14:31:00Z"}, 2),
        ({"until": "2024-01-14"}, 0),
    ):
        assert (await graph.data(USES, where=where))["writerUses"]["totalCount"] == number

    total = round(known["cost"] + guessed["cost"], 6)
    assert (await graph.data(BUDGET))["writerBudget"] == {
        "configured": True, "enabled": True, "model": "small", "month": "2024-01", "spent": total, "limit": 1,
        "remaining": round(1 - total, 6), "pricesAssumed": False, "resetAt": "2024-02-01T00:00:00Z",
    }  # fmt: skip
    assert await spent(database, viewer.organization_id) == [("2024-01", round(total * 1_000_000))]
    assert (await graph.data(USES, viewer=stranger))["writerUses"]["totalCount"] == 0
    database.writing = None
    told = (await graph.data(BUDGET, viewer=stranger))["writerBudget"]
    assert (told["configured"], told["limit"], told["remaining"], told["spent"]) == (False, None, None, 0)


async def test_an_administrator_switches_it_off_and_sets_a_budget(
    graph: Graph, database: Database, viewer: Viewer, viewer_of: MakeViewer, model: Model
) -> None:
    manager = await viewer_of(role=Role.SALES_MANAGER)
    sandbox = replace(viewer, organization_id=await make_organization(database), home_organization_id=viewer.home_id)
    async with writing(database, model) as writer:
        await _refuse(graph, writer, viewer, {"enabled": False}, "switched language models off")
        assert not await writer.available(sandbox)
        changed = await graph.data(UPDATE, input={"enabled": True, "monthlyBudget": 0.0001})
        assert changed["updateWriter"]["organization"] == {"writerEnabled": True, "writerMonthlyBudget": 0.0001}
        assert await writer.available(viewer)
        with pytest.raises(DomainError, match=r"0\.0001 US dollars are left, until 2024-02-01T00:00:00Z"):
            await writer.write(viewer, TASK)
        await _refuse(graph, writer, viewer, {"monthlyBudget": 0}, "0.0000 US dollars are left")
        assert model.told == []
        await graph.data(UPDATE, input={"monthlyBudget": None})
        assert (await writer.write(viewer, TASK)).value == {}

    answer = await graph(UPDATE, {"input": {"enabled": False}}, viewer=manager)
    assert answer.codes == ["FORBIDDEN"]
    for wrong, field in (({"monthlyBudget": -1}, "monthlyBudget"), ({"enabled": None}, "enabled")):
        refused = (await graph.data(UPDATE, input=wrong))["updateWriter"]
        assert refused["errors"] == [{"code": "INVALID", "field": field}]
    told = await graph.data("{ events(types: [ORGANIZATION_UPDATED]) { nodes { data } } }")
    assert [each["data"]["writerEnabled"] for each in told["events"]["nodes"]] == [False, True, True, True]


async def _refuse(graph: Graph, writer: LanguageWriter, viewer: Viewer, wanted: dict[str, Any], words: str) -> None:
    await graph.data(UPDATE, input=wanted)
    assert not await writer.available(viewer)
    with pytest.raises(DomainError, match=words):
        await writer.write(viewer, TASK)


async def _race(writers: list[LanguageWriter], viewer: Viewer, model: Model) -> int:
    """Twelve at once, whose most would take four times what there is; how many asked before any was answered."""
    go = asyncio.Event()
    model.does(waits_for(go, says({}, tokens=(100, 50))))
    asked = [asyncio.create_task(writers[n % len(writers)].write(viewer, TASK)) for n in range(12)]
    await until(lambda: sum(each.done() for each in asked) + model.under_way == len(asked), pause=0.02)
    asking = model.under_way
    go.set()
    done = await asyncio.gather(*asked, return_exceptions=True)
    refused = [each for each in done if isinstance(each, DomainError)]
    assert len(refused) == 12 - asking
    assert all("budget" in each.message for each in refused)
    return asking


async def test_those_who_ask_at_once_never_set_aside_more_than_there_is(
    database: Database, viewer: Viewer, model: Model
) -> None:
    async with writing(database, model, monthly_budget=Decimal(3 * MOST) / 1_000_000, at_once=12) as writer:
        assert await _race([writer], viewer, model) == 3
        # What was not spent was given back.
        assert await spent(database, viewer.organization_id) == [("2024-01", 600)]
        assert await _race([writer], viewer, model) == 2


@pytest.mark.postgres
async def test_nor_do_those_of_two_processes(
    server: Database, postgres_database_url: str, clock: SetClock, model: Model
) -> None:
    viewer = await make_viewer(server, await make_organization(server))
    terms = {"monthly_budget": Decimal(3 * MOST) / 1_000_000, "at_once": 12}
    async with (
        opened(postgres_database_url, clock) as other,
        writing(server, model, **terms) as one,
        writing(other, model, **terms) as another,
    ):
        assert await _race([one, another], viewer, model) == 3
    assert await spent(server, viewer.organization_id) == [("2024-01", 600)]


async def test_what_begins_in_one_month_is_settled_in_it(
    database: Database, viewer: Viewer, model: Model, clock: SetClock
) -> None:
    clock.at = datetime(2024, 1, 31, 23, 59, 59, tzinfo=UTC)
    go = asyncio.Event()
    model.does(waits_for(go, says({})))
    async with writing(database, model) as writer:
        asked = asyncio.create_task(writer.write(viewer, TASK))
        await until(lambda: model.under_way == 1, pause=0.01)
        clock.advance(seconds=1)
        go.set()
        await asked
        await writer.write(viewer, TASK)
    assert await spent(database, viewer.organization_id) == [("2024-01", 120), ("2024-02", 120)]


async def test_a_process_that_ends_leaves_what_it_may_have_spent(
    database: Database, viewer: Viewer, model: Model, graph: Graph
) -> None:
    model.does(is_silent())
    async with writing(database, model) as writer:
        asked = asyncio.create_task(writer.write(viewer, TASK))
        await until(lambda: model.under_way == 1, pause=0.01)
        (use,) = (await graph.data(USES))["writerUses"]["nodes"]
        assert (use["outcome"], use["estimated"]) == ("UNFINISHED", True)
        assert await spent(database, viewer.organization_id) == [("2024-01", round(use["cost"] * 1_000_000))]
        asked.cancel()
        await asyncio.wait([asked])


async def test_a_correction_that_cannot_be_paid_is_not_asked_for(
    database: Database, viewer: Viewer, model: Model, graph: Graph
) -> None:
    model.does(says("no", tokens=(100, 100)))
    async with writing(database, model, monthly_budget=Decimal(MOST) / 1_000_000) as writer:
        with pytest.raises(DomainError, match="budget"):
            await writer.write(viewer, TASK)
    assert len(model.told) == 1
    (use,) = (await graph.data(USES))["writerUses"]["nodes"]
    assert (use["outcome"], use["cost"], use["estimated"]) == ("UNUSABLE", 0.0003, False)
