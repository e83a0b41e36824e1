"""What the doctor finds."""

from __future__ import annotations

import socket
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from domain.documents import sha256_of
from gateway import spans
from gateway.doctor import examine
from gateway.engines import open_engines
from gateway.findings import Finding, Health
from gateway.migrations import lead_words
from gateway.migrations.runner import migrate
from gateway.settings import load
from tests.redises import RedisServer


async def _found(about: str, **given: Any) -> list[Finding]:
    findings = await examine(load(env_file=None, **({"port": 0} | given)))
    return [finding for finding in findings if finding.about == about]


async def test_a_fresh_machine_is_fine(tmp_path: Path):
    findings = await examine(load(env_file=None, data_dir=tmp_path / "var", port=0))

    assert {finding.health for finding in findings} == {Health.FINE}
    assert not (tmp_path / "var").exists()


async def test_a_migrated_database_is_fine(database_url: str, tmp_path: Path):
    found = await _found("migrations", data_dir=tmp_path, database_url=database_url)

    assert [finding.health for finding in found] == [Health.FINE]


async def test_a_missing_index_of_words_is_worth_a_look(database_url: str, tmp_path: Path):
    home: dict[str, Any] = {"data_dir": tmp_path, "database_url": database_url}
    there = await _found("words", **home)
    engines = open_engines(database_url, pool_size=1, pool_timeout=10, busy_timeout=10)
    async with engines.writing.begin() as connection:
        await connection.run_sync(lead_words.drop)
    missing = await _found("words", **home)
    await migrate(engines.writing)
    await engines.dispose()
    mended = await _found("words", **home)

    assert [finding.health for finding in (*there, *missing, *mended)] == [
        Health.FINE,
        Health.WORTH_A_LOOK,
        Health.FINE,
    ]
    assert ("FTS5" if "sqlite" in database_url else "pg_trgm") in missing[0].words


@pytest.mark.postgres
async def test_an_unmigrated_server_is_broken_and_the_words_say_what_to_do(empty_postgres_url: str, tmp_path: Path):
    found = await _found("migrations", data_dir=tmp_path, database_url=empty_postgres_url)

    assert [finding.health for finding in found] == [Health.BROKEN]
    assert "trigraph migrate" in found[0].words


async def test_an_unreachable_database_is_broken_and_its_password_stays_hidden(tmp_path: Path):
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        url = f"postgresql://me:hushhush@127.0.0.1:{nobody.getsockname()[1]}/none"

        found = await _found("database", data_dir=tmp_path, database_url=url)

    assert [finding.health for finding in found] == [Health.BROKEN]
    assert "hushhush" not in found[0].words


async def test_a_file_that_is_no_database_is_broken(tmp_path: Path):
    (tmp_path / "trigraph.db").write_text("this is a letter, not a database " * 100)

    found = await _found("database", data_dir=tmp_path)

    assert [finding.health for finding in found] == [Health.BROKEN]
    assert "not a database" in found[0].words


async def test_trusted_documents_have_to_be_there_and_to_fit(sqlite_file: Path, tmp_path: Path):
    home: dict[str, Any] = {"data_dir": tmp_path, "database_url": f"sqlite:///{sqlite_file}"}
    assert await _found("documents", **home) == []
    none = await _found("documents", **home, documents={"trusted_only": True})

    for source, text in {"good.graphql": "{ leads { totalCount } }", "old.graphql": "{ leads { gone } }"}.items():
        with sqlite3.connect(sqlite_file) as connection:
            row = (source, sha256_of(text), text, "[]", source, "2024-01-15T14:30:00Z")
            connection.execute("INSERT INTO trusted_document VALUES (?, ?, ?, ?, ?, ?)", row)
        if source == "good.graphql":
            fine = await _found("documents", **home)
    unfit = await _found("documents", **home)

    assert [finding.health for finding in fine] == [Health.FINE]
    assert [finding.health for finding in (*none, *unfit)] == [Health.WORTH_A_LOOK] * 2
    assert "no document is registered" in none[0].words
    assert "1 of 2 trusted documents cannot be run: old.graphql." in unfit[0].words


async def test_a_folder_below_a_file_is_broken(tmp_path: Path):
    (tmp_path / "file").write_text("")

    found = await _found("data folder", data_dir=tmp_path / "file" / "var")

    assert [finding.health for finding in found] == [Health.BROKEN]


async def test_a_misspelt_variable_is_worth_a_look(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TRIGRAPH_PROT", "8001")

    found = await _found("settings", data_dir=tmp_path)

    assert any(finding.health is Health.WORTH_A_LOOK and "TRIGRAPH_PROT" in finding.words for finding in found)


async def test_a_mail_server_is_looked_for(tmp_path: Path):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        there = await _found("mail", data_dir=tmp_path, smtp={"host": "127.0.0.1", "port": port})
    gone = await _found("mail", data_dir=tmp_path, smtp={"host": "127.0.0.1", "port": port})

    assert [finding.health for finding in (*there, *gone)] == [Health.FINE, Health.BROKEN]


async def test_without_redis_each_process_counts_alone_and_that_is_fine(tmp_path: Path):
    found = await _found("redis", data_dir=tmp_path)

    assert [finding.health for finding in found] == [Health.FINE]
    assert "TRIGRAPH_REDIS_URL" in found[0].words


@pytest.mark.redis
async def test_a_redis_is_looked_for(own_redis: RedisServer, tmp_path: Path):
    secret = own_redis.url.replace("//", "//:hushhush@")
    own_redis.say("CONFIG", "SET", "requirepass", "hushhush")
    there = await _found("redis", data_dir=tmp_path, redis={"url": secret})
    wrong = await _found("redis", data_dir=tmp_path, redis={"url": secret.replace("hushhush", "wrongword")})
    own_redis.kill()
    gone = await _found("redis", data_dir=tmp_path, redis={"url": secret})

    assert [finding.health for finding in there] == [Health.FINE]
    assert [finding.health for finding in (*wrong, *gone)] == [Health.WORTH_A_LOOK] * 2
    assert not any(word in finding.words for finding in (*wrong, *gone) for word in ("hushhush", "wrongword"))


async def test_a_taken_port_is_worth_a_look(tmp_path: Path):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()

        found = await _found("port", data_dir=tmp_path, port=other.getsockname()[1])

    assert [finding.health for finding in found] == [Health.WORTH_A_LOOK]


async def test_an_embedded_database_has_to_be_worked_on_inside(tmp_path: Path):
    found = await _found("work", data_dir=tmp_path, work={"inside": False})

    assert [finding.health for finding in found] == [Health.BROKEN]
    assert "TRIGRAPH_WORK_INSIDE" in found[0].words


async def test_a_file_of_work_that_cannot_be_read_is_broken(tmp_path: Path):
    (tmp_path / "work.db").write_text("this is a letter, not a database " * 100)

    found = await _found("work", data_dir=tmp_path)

    assert [finding.health for finding in found] == [Health.BROKEN]
    assert "not a database" in found[0].words


async def test_a_file_of_work_is_found_in_a_folder_of_any_name(tmp_path: Path):
    folder = tmp_path / "50%20 off? #1"
    folder.mkdir()
    (folder / "work.db").write_text("this is a letter, not a database " * 100)

    found = await _found("work", data_dir=folder)

    assert [finding.health for finding in found] == [Health.BROKEN]


async def test_durable_work_finds_its_place(database_url: str, tmp_path: Path):
    found = await _found("work", data_dir=tmp_path, database_url=database_url)

    assert [finding.health for finding in found] == [Health.FINE]


@pytest.mark.parametrize(
    ("given", "health"),
    [
        ({"outgoing": {"allowed_networks": "10.0.0.0/8"}}, Health.FINE),
        ({"outgoing": {"allowed_networks": "0.0.0.0/0"}}, Health.WORTH_A_LOOK),
        ({"outgoing": {"allowed_networks": "10.0.0.0/8"}, "environment": "production"}, Health.WORTH_A_LOOK),
        ({"outgoing": {"ca_file": "/nowhere/ca.pem"}}, Health.BROKEN),
    ],
)
async def test_where_webhooks_may_go_is_said(tmp_path: Path, given: dict[str, Any], health: Health):
    found = await _found("outgoing", data_dir=tmp_path, **given)

    assert [finding.health for finding in found] == [health]


async def test_a_collector_is_looked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        telemetry = {"endpoint": f"http://127.0.0.1:{silent.getsockname()[1]}"}
        there = await _found("traces", data_dir=tmp_path, telemetry=telemetry)
    gone = await _found("traces", data_dir=tmp_path, telemetry=telemetry)
    monkeypatch.setattr(spans, "find_spec", lambda name: None)
    lacking = await _found("traces", data_dir=tmp_path, telemetry=telemetry)

    assert [each.health for each in (*there, *gone, *lacking)] == [Health.FINE, Health.WORTH_A_LOOK, Health.BROKEN]
    assert "-e '.[telemetry]'" in lacking[0].words


async def test_metrics_for_everybody_are_worth_a_look(tmp_path: Path):
    found = await _found("metrics", data_dir=tmp_path, metrics={"networks": "0.0.0.0/0"})

    assert [finding.health for finding in found] == [Health.WORTH_A_LOOK]
