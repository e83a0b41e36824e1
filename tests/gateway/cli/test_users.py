"""Staff by the command line."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path

import pytest

from gateway import passwords
from tests.gateway.cli.conftest import Trigraph, Typed

_PASSWORD = "four quiet rivers meet"


@pytest.fixture(autouse=True)
def jane(migrated: Path, trigraph: Trigraph) -> str:
    """The id of an administrator."""
    ran = trigraph(
        "users",
        "create",
        "Jane@acme.example",
        "--role",
        "ADMIN",
        "--organization",
        "Acme",
        "--create",
        "--name",
        "Jane",
    )
    assert ran.code == 0, ran.err
    assert ran.out.startswith("http://127.0.0.1:")
    assert "/invitation?token=tgin_" in ran.out
    return ran.err.split(" ", 1)[0]


def _row(trigraph: Trigraph, email: str = "jane@acme.example") -> str:
    return next(line for line in trigraph("users", "list").out.splitlines() if email in line)


def test_users_are_listed_with_where_they_stand(trigraph: Trigraph, jane: str):
    row = _row(trigraph)

    assert row.startswith(jane)
    shown = ("Jane", "ADMIN", "Everyone", "Acme", "no password yet")
    assert [word for word in shown if word not in row] == []


async def _matches(folder: Path) -> bool:
    with sqlite3.connect(folder / "trigraph.db") as database:
        (stored,) = database.execute("SELECT password_hash FROM user").fetchone()
    return await passwords.matches(stored, _PASSWORD)


def test_a_password_is_read_from_standard_input(trigraph: Trigraph, typed: Typed):
    typed(f"{_PASSWORD}\n")

    assert trigraph("users", "password", "jane@acme.example").code == 0

    assert "active" in _row(trigraph)


async def test_the_password_is_stored_as_its_hash(trigraph: Trigraph, typed: Typed, folder: Path, jane: str):
    typed(_PASSWORD)
    # The command runs a loop of its own, as it does in a shell.
    assert (await asyncio.to_thread(trigraph, "users", "password", jane)).code == 0

    assert await _matches(folder)
    assert _PASSWORD.encode() not in (folder / "trigraph.db").read_bytes()


def test_a_password_that_is_too_easy_is_refused(trigraph: Trigraph, typed: Typed):
    for easy in ("short", "passwordpassword", "jane@acme.example!"):
        typed(easy)
        ran = trigraph("users", "password", "jane@acme.example")
        assert (ran.code, "password" in ran.err.lower()) == (1, True)
    assert "no password yet" in _row(trigraph)


def test_a_link_takes_the_password_away(trigraph: Trigraph, typed: Typed):
    typed(_PASSWORD)
    trigraph("users", "password", "jane@acme.example")

    ran = trigraph("users", "password", "jane@acme.example", "--link")

    assert (ran.code, "/invitation?token=" in ran.out) == (0, True)
    assert "no password yet" in _row(trigraph)


def test_the_last_administrator_stays_and_others_can_go_and_come_back(trigraph: Trigraph):
    assert "last administrator" in trigraph("users", "disable", "jane@acme.example").err
    assert trigraph("users", "create", "sam@acme.example").code == 0

    assert trigraph("users", "disable", "sam@acme.example").code == 0
    assert "disabled" in _row(trigraph, "sam@acme.example")
    assert "is disabled" in trigraph("users", "password", "sam@acme.example", "--link").err
    assert trigraph("users", "enable", "sam@acme.example").code == 0
    assert "no password yet" in _row(trigraph, "sam@acme.example")


def test_what_cannot_be_used_is_named(trigraph: Trigraph):
    for arguments, word in {
        ("create", "jane@acme.example"): "has this e-mail address already",
        ("create", "nobody"): "must be an e-mail address",
        ("create", "sam@acme.example", "--team", "team_none"): "teamId must be the id of a team",
        ("disable", "nobody@acme.example"): "nobody@acme.example",
        ("list", "--organization", "Nowhere"): "'Nowhere'",
    }.items():
        ran = trigraph("users", *arguments)
        assert (ran.code, word in ran.err) == (1, True), (arguments, ran.err)
