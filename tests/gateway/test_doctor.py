"""What the doctor finds."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

import pytest

from gateway.doctor import Finding, Health, examine
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
