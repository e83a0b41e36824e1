"""Migrations make exactly the tables of the models, on both databases, and can be taken back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.tables import METADATA
from gateway.engines import open_engines
from gateway.migrations import lead_words
from gateway.migrations.runner import migrate, newest, revision, revisions
from gateway.migrations.upgrading import configuration
from tests.databases import sqlite_url


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return sqlite_url(tmp_path / "new" / "trigraph.db")
    return str(request.getfixturevalue("empty_postgres_url"))


@pytest.fixture
async def empty(empty_url: str) -> AsyncIterator[AsyncEngine]:
    """An engine over a database that was never migrated."""
    engines = open_engines(empty_url, pool_size=4, pool_timeout=10, busy_timeout=10)
    yield engines.writing
    await engines.dispose()


def differences(connection: Connection) -> list[Any]:
    context = MigrationContext.configure(connection, opts={"compare_type": True, "include_name": is_mapped})
    return list(compare_metadata(context, METADATA))


def is_mapped(name: str | None, *_: object) -> bool:
    """Whether it is no part of the index that finds leads by words, which is no mapped table."""
    return name not in (*lead_words.TABLES, lead_words.INDEX)


def tables(connection: Connection) -> set[str]:
    return {name for name in inspect(connection).get_table_names() if is_mapped(name)}


def downgrade(connection: Connection, to: str = "base") -> None:
    config = configuration()
    config.attributes["connection"] = connection
    command.downgrade(config, to)


def upgrade(connection: Connection, to: str) -> None:
    config = configuration()
    config.attributes["connection"] = connection
    command.upgrade(config, to)


def test_files_are_named_for_their_revisions_which_follow_one_another() -> None:
    scripts = ScriptDirectory.from_config(configuration())
    assert [each.revision for each in scripts.walk_revisions()] == sorted(revisions(), reverse=True)
    assert newest() == scripts.get_current_head()


async def test_a_migrated_database_is_what_the_models_say(empty: AsyncEngine) -> None:
    assert await revision(empty) is None
    await migrate(empty)
    assert await revision(empty) == newest()
    async with empty.connect() as connection:
        assert await connection.run_sync(differences) == []
        assert await connection.run_sync(tables) == set(METADATA.tables) | {"alembic_version"}


async def test_migrating_again_does_nothing(empty: AsyncEngine) -> None:
    await migrate(empty)
    await migrate(empty)
    assert await revision(empty) == newest()


async def test_the_index_of_words_is_made_once_it_can_be(empty: AsyncEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    """A SQLite without FTS5 migrated it, or somebody without rights for extensions: whoever comes next can."""

    async def is_there() -> bool:
        async with empty.connect() as connection:
            return await connection.run_sync(lead_words.is_there)

    with monkeypatch.context() as patched:
        patched.setattr(lead_words, "TRIGRAMS", False)
        patched.setattr(lead_words, "_POSTGRESQL", "CREATE INDEX nowhere ON nothing (none)")
        await migrate(empty)
        assert not await is_there()
    await migrate(empty)
    assert await is_there()


async def test_everything_can_be_taken_back_and_done_again(empty: AsyncEngine) -> None:
    await migrate(empty)
    async with empty.begin() as connection:
        await connection.run_sync(downgrade)
        assert await connection.run_sync(tables) == {"alembic_version"}
    assert await revision(empty) is None
    await migrate(empty)
    async with empty.connect() as connection:
        assert await connection.run_sync(differences) == []


@pytest.mark.postgres
async def test_of_several_that_start_together_one_migrates(empty_postgres_url: str) -> None:
    """On PostgreSQL alone: the embedded default has one process."""
    others = [open_engines(empty_postgres_url, pool_size=1, pool_timeout=10, busy_timeout=10) for _ in range(4)]
    try:
        await asyncio.gather(*(migrate(each.writing) for each in others))
        assert [await revision(each.writing) for each in others] == [newest()] * 4
    finally:
        for each in others:
            await each.dispose()


async def test_a_migration_that_fails_leaves_nothing(empty: AsyncEngine) -> None:
    async with empty.begin() as connection:
        await connection.exec_driver_sql("CREATE TABLE lead (id integer)")
    with pytest.raises(Exception, match="already exists"):
        await migrate(empty)
    async with empty.connect() as connection:
        assert await connection.run_sync(tables) == {"lead"}


async def test_keys_from_before_they_were_rows_of_their_own_still_work(empty: AsyncEngine) -> None:
    async with empty.begin() as connection:
        await connection.run_sync(upgrade, "0001")
        for statement in BEFORE:
            await connection.execute(text(statement))

    await migrate(empty)

    async with empty.connect() as connection:
        keys = (await connection.execute(text("SELECT id, client_id, kind, hash, hint FROM credential"))).all()
        tiers = (await connection.execute(text("SELECT tier FROM api_client ORDER BY id"))).scalars().all()
    assert sorted(tuple(key) for key in keys) == [
        ("key_one", "client_one", "KEY", "hash1", "tgcu_1"),
        ("key_two", "client_two", "KEY", "hash2", "tgcb_2"),
    ]
    assert tiers == ["Basic", "Standard"]

    async with empty.begin() as connection:
        await connection.run_sync(downgrade, "0001")
        kept = (await connection.execute(text("SELECT key_hash FROM api_client ORDER BY id"))).scalars().all()
    assert kept == ["hash1", "hash2"]


BEFORE = (
    "INSERT INTO organization (id, name, approved_lead_sources, event_sequence, created_at) "
    "VALUES ('org_1', 'Here', '[]', 0, '2026-01-01T00:00:00Z')",
    "INSERT INTO api_client (id, organization_id, name, dialect, tier, scopes, key_hash, key_hint, legacy, created_at) "
    "VALUES "
    "('client_one', 'org_1', 'One', 'CRM_ULTRA', 'Basic', '[]', 'hash1', 'tgcu_1', false, '2026-01-01T00:00:00Z'), "
    "('client_two', 'org_1', 'Two', 'CLICKUP_BRAIN', 'Basic', '[]', 'hash2', 'tgcb_2', false, '2026-01-01T00:00:00Z')",
)


async def test_mail_clicks_and_tasks_stay_when_their_tables_are_made_anew(empty: AsyncEngine) -> None:
    async with empty.begin() as connection:
        await connection.run_sync(upgrade, "0013")
        for statement in FULL:
            await connection.execute(text(statement))

    await migrate(empty)

    async with empty.connect() as connection:
        found = [tuple((await connection.execute(text(statement))).one()) for statement in KEPT]
        if connection.dialect.name == "sqlite":
            assert (await connection.execute(text("PRAGMA foreign_keys"))).scalar_one() == 1
            assert (await connection.execute(text("PRAGMA foreign_key_check"))).all() == []
    assert found == [
        ("email_1", "lead_1", "Hello", None, None),
        ("click_1", "email_1", 2),
        ("task_1", "lead_1", "Call", None),
        ("ctc_1", "ada@acme.example", "acc_1", "lead_1"),
    ]


_OWN = "'org_1', '2026-01-01T00:00:00Z'"
FULL = (
    "INSERT INTO organization (id, name, approved_lead_sources, event_sequence, created_at, forgotten_sequence, "
    "writer_enabled) VALUES ('org_1', 'Here', '[]', 0, '2026-01-01T00:00:00Z', 0, false)",
    "INSERT INTO account (id, organization_id, created_at, name, domain) "
    f"VALUES ('acc_1', {_OWN}, 'Acme', 'acme.example')",
    "INSERT INTO contact (id, organization_id, created_at, email, account_id) "
    f"VALUES ('ctc_1', {_OWN}, 'ada@acme.example', 'acc_1')",
    "INSERT INTO lead (id, organization_id, created_at, updated_at, status, status_text, status_key, score, "
    "score_reasons, score_given, source, search_text, tags, custom_fields, contact_id) "
    f"VALUES ('lead_1', {_OWN}, '2026-01-01T00:00:00Z', 'NEW', 'new', 'new', 0, '[]', false, 'website', 'ada', '[]', "
    "'{}', 'ctc_1')",
    'INSERT INTO email (id, organization_id, created_at, lead_id, status, "to", subject, body, attempts, taken, html) '
    f"VALUES ('email_1', {_OWN}, 'lead_1', 'SENT', '[]', 'Hello', 'Hello Ada', 0, 1, false)",
    "INSERT INTO email_click (id, organization_id, created_at, email_id, url, digest, times, last_at) "
    f"VALUES ('click_1', {_OWN}, 'email_1', 'https://example.com', 'd', 2, '2026-01-01T00:00:00Z')",
    "INSERT INTO task (id, organization_id, created_at, updated_at, lead_id, title, priority, status, type) "
    f"VALUES ('task_1', {_OWN}, '2026-01-01T00:00:00Z', 'lead_1', 'Call', 'MEDIUM', 'OPEN', 'CALL')",
)
"""One of everything that hangs together, as it was stored before tables were made anew for campaigns."""
KEPT = (
    "SELECT id, lead_id, subject, contact_id, campaign_id FROM email",
    "SELECT id, email_id, times FROM email_click",
    "SELECT id, lead_id, title, contact_id FROM task",
    "SELECT contact.id, contact.email, contact.account_id, lead.id FROM contact JOIN lead ON contact_id = contact.id",
)
