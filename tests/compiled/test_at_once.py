"""What nothing has to be waited for is answered without a task, or not begun at all."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from typing import Any

import pytest

from domain.errors import Code, DomainError
from domain.viewer import Viewer
from gateway.calls import CallRecord
from gateway.compiled.traced import TracedDriver
from gateway.database import Database
from gateway.graphql.explained import ExplainedDriver, explaining
from schema.compiled.operations import Compiled, FallBack
from schema.compiled.steps import LATER
from tests.compiled.sides import Asked, Side, compiled_side
from tests.factories.contexts import contexts_of
from tests.factories.crm import make_crm
from tests.factories.organizations import make_organization, make_viewer

LEADS = "{ leads { totalCount nodes { id email assignedTo { name } } } }"


@pytest.fixture
async def side(database_url: str) -> AsyncIterator[Side]:
    made = compiled_side(database_url)
    yield made
    await made.close()


@pytest.fixture
async def embedded_side(embedded: Database, sqlite_database_url: str) -> AsyncIterator[Side]:
    made = compiled_side(sqlite_database_url)
    yield made
    await made.close()


@pytest.fixture
async def anybody(embedded: Database) -> Viewer:
    return await make_viewer(embedded, await make_organization(embedded))


def compiled_of(side: Side, text: str) -> Compiled:
    found = side.pipeline.operation(Asked(text).request, CallRecord("req_1")).compiled
    assert found
    return found


def context_of(side: Side, viewer: Viewer) -> Any:
    return contexts_of(side.database).make(viewer, "req_1", None, None)


@pytest.mark.parametrize("around", [lambda driver: driver, ExplainedDriver, TracedDriver])
async def test_a_query_is_answered_at_once_where_that_waits_for_nothing(
    side: Side, database: Database, viewer: Viewer, around: Any
) -> None:
    await make_crm(database, viewer.organization_id, 3)
    driver: Any = side.driver
    asked = compiled_of(Side(side.database, around(driver)), LEADS)
    waited_for = await asked.data(context_of(side, viewer), {})
    assert len(waited_for["leads"]["nodes"]) == 3
    at_once = asked.at_once(context_of(side, viewer), {})
    assert at_once == (waited_for if side.database.engines.embedded else LATER)


async def test_what_is_explained_is_waited_for(side: Side, viewer: Viewer) -> None:
    driver: Any = side.driver
    asked = compiled_of(Side(side.database, ExplainedDriver(driver), explain=True), LEADS)
    with explaining():
        assert asked.at_once(context_of(side, viewer), {}) is LATER


async def test_mutations_are_never_done_at_once(embedded_side: Side, anybody: Viewer) -> None:
    asked = compiled_of(embedded_side, 'mutation { deleteLead(id: "lead_1") { errors { code } } }')
    assert asked.at_once(context_of(embedded_side, anybody), {}) is LATER


@pytest.mark.parametrize(
    ("text", "variables", "reason"),
    [
        ("{ __schema { queryType { name } } }", {}, "unsupported"),
        ("query ($n: Int) { leads(first: $n) { nodes { id } } }", {"n": -1}, "refused"),
    ],
)
async def test_what_only_ordinary_execution_can_say_is_left_to_it(
    embedded_side: Side, anybody: Viewer, text: str, variables: dict[str, Any], reason: str
) -> None:
    with pytest.raises(FallBack) as left:
        compiled_of(embedded_side, text).at_once(context_of(embedded_side, anybody), variables)
    assert left.value.reason == reason


async def test_a_file_that_is_gone_is_told(
    embedded_side: Side, anybody: Viewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = compiled_of(embedded_side, LEADS)
    monkeypatch.setattr("gateway.compiled.sqlite.opened", _gone)
    with pytest.raises(DomainError) as refused:
        asked.at_once(context_of(embedded_side, anybody), {})
    assert refused.value.code == Code.UNAVAILABLE


def _gone(*_: Any, **__: Any) -> Any:
    raise sqlite3.OperationalError("unable to open database file")
