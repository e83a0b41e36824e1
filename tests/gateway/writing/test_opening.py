"""A language model that is set, that is not, and that lacks its libraries."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

import pytest

from domain.errors import DomainError
from domain.outside import WriterTask
from domain.viewer import Viewer
from gateway.assembly import assemble
from gateway.database import Database
from gateway.doctor_writer import examine_writer
from gateway.findings import Health
from gateway.settings import InvalidSettings, load
from gateway.writing import opening
from gateway.writing.opening import open_writer
from tests.clocks import SetClock
from tests.factories.models import modelling, says
from tests.graphs import Graph


@pytest.fixture
async def database(embedded: Database) -> Database:
    """None of this depends on the database."""
    return embedded


PRICES = {"prompt_price": "0.15", "completion_price": "0.6"}


async def found(tmp_path: Path, environment: str = "development", **writer: Any) -> list[tuple[Health, str]]:
    settings = load(env_file=None, data_dir=tmp_path, environment=environment, writer=writer)
    return [(each.health, each.words) for each in await examine_writer(settings)]


async def test_without_a_model_nothing_is_missing(tmp_path: Path, embedded: Database, viewer: Viewer) -> None:
    parts = assemble(load(env_file=None, data_dir=tmp_path))
    writer = parts.database.outside.writer
    assert not await writer.available(viewer)
    with pytest.raises(DomainError, match="No language model is configured"):
        await writer.write(viewer, WriterTask("localize", "", {}, {}))
    assert [health for health, _ in await found(tmp_path)] == [Health.FINE]
    await parts.database.engines.dispose()


async def test_what_is_set_is_asked_and_told(
    tmp_path: Path,
    sqlite_database_url: str,
    graph: Graph,
    viewer: Viewer,
    clock: SetClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with modelling() as model:
        model.does(says({"text": "Hallo"}, tokens=(1_000_000, 0)))
        for name, value in {"BASE_URL": f"{model.url}/", "MODEL": "small", "API_KEY": "sk-hush"}.items():
            monkeypatch.setenv(f"TRIGRAPH_WRITER_{name}", value)
        settings = load(env_file=None, data_dir=tmp_path, database_url=sqlite_database_url)
        parts = assemble(settings, clock=clock)
        graph.database.writing = parts.database.writing
        task = WriterTask("localize", "Say hello.", {}, {"type": "object"})
        assert (await parts.database.outside.writer.write(viewer, task)).value == {"text": "Hallo"}
        await parts.writer.close()
        await parts.database.engines.dispose()

    assert model.told[0].headers["authorization"] == "Bearer sk-hush"
    assert "sk-hush" not in repr(settings)
    # What it cost is reckoned at the prices that are assumed, and has used up what there is.
    told = (await graph.data("{ writerBudget { configured model spent limit remaining pricesAssumed } }"))[
        "writerBudget"
    ]
    assert told == {
        "configured": True, "model": "small", "spent": 10, "limit": 10, "remaining": 0, "pricesAssumed": True
    }  # fmt: skip


async def test_without_its_libraries_nothing_begins(
    tmp_path: Path, embedded: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "find_spec", lambda name: None if name == "openai" else name)
    writer = {"base_url": "http://127.0.0.1:9/v1", "model": "small"}
    with pytest.raises(InvalidSettings, match=r"pip install -e '\.\[writer\]'"):
        open_writer(load(env_file=None, writer=writer), embedded)
    ((health, words),) = await found(tmp_path, **writer)
    assert health is Health.BROKEN
    assert "TRIGRAPH_WRITER_BASE_URL" in words


async def test_the_doctor_looks_whether_somebody_is_there(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        place = {"base_url": f"http://127.0.0.1:{silent.getsockname()[1]}/v1", "model": "small", "api_key": "sk-hush"}
        there = await found(tmp_path, **place, **PRICES)
        unpriced = await found(tmp_path, **place)
        plain = await found(tmp_path, "production", **place, **PRICES)
    gone = await found(tmp_path, **place, **PRICES)

    assert [health for health, _ in there] == [Health.FINE]
    assert [health for health, _ in unpriced] == [health for health, _ in plain] == [Health.FINE, Health.WORTH_A_LOOK]
    assert [health for health, _ in gone] == [Health.WORTH_A_LOOK]
    assert "hush" not in str([there, unpriced, plain, gone])


@pytest.mark.parametrize(
    ("wrong", "variable"),
    [
        ({"base_url": "api.example.com", "model": "small"}, "TRIGRAPH_WRITER_BASE_URL"),
        ({"base_url": "https://key@api.example.com/v1", "model": "small"}, "TRIGRAPH_WRITER_BASE_URL"),
        ({"base_url": "https://api.example.com/v1"}, "TRIGRAPH_WRITER_MODEL"),
        ({"prompt_price": -1}, "TRIGRAPH_WRITER_PROMPT_PRICE"),
        ({"monthly_budget": "NaN"}, "TRIGRAPH_WRITER_MONTHLY_BUDGET"),
    ],
)
def test_what_cannot_be_is_refused_by_name(wrong: dict[str, Any], variable: str) -> None:
    with pytest.raises(InvalidSettings, match=variable):
        load(env_file=None, writer=wrong)
