"""What the commands say and how they end."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from gateway.migrations.runner import newest
from schema.graph import sdl
from tests.gateway.cli.conftest import Trigraph

COMMANDS = ("serve", "work", "migrate", "seed", "keys", "clients", "users", "schema", "doctor")


def test_help_names_every_command(trigraph: Trigraph):
    ran = trigraph("--help")

    assert ran.code == 0
    assert [command for command in COMMANDS if command not in ran.out] == []


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(trigraph: Trigraph, command: str):
    ran = trigraph(command, "--help")

    assert ran.code == 0
    assert f"Usage: trigraph {command}" in ran.out


def test_help_does_not_wait_for_the_database_or_the_graph():
    heavy = "{'sqlalchemy', 'strawberry', 'uvicorn', 'alembic', 'graphql'} & set(sys.modules)"
    ran = subprocess.run(
        [sys.executable, "-c", f"import sys, gateway.cli; print({heavy})"], capture_output=True, text=True, check=True
    )

    assert ran.stdout.strip() == "set()"


def test_workers_of_their_own_need_a_server(trigraph: Trigraph, monkeypatch: pytest.MonkeyPatch):
    alone = trigraph("work")
    monkeypatch.setenv("TRIGRAPH_WORK_INSIDE", "false")
    idle = trigraph("serve")

    assert (alone.code, idle.code) == (1, 1)
    assert "need PostgreSQL (TRIGRAPH_DATABASE_URL)" in alone.err
    assert "TRIGRAPH_WORK_INSIDE=false needs PostgreSQL" in idle.err


def test_unknown_command_is_a_misuse(trigraph: Trigraph):
    ran = trigraph("sevre")

    assert ran.code == 2
    assert "serve" in ran.err


def test_each_wrong_setting_is_a_line_without_a_traceback(trigraph: Trigraph, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TRIGRAPH_PORT", "many")
    monkeypatch.setenv("TRIGRAPH_DATABASE_URL", "mysql://somewhere")

    ran = trigraph("migrate")

    assert ran.code == 2
    lines = ran.err.splitlines()
    assert [line.partition(":")[0] for line in lines[1:]] == ["TRIGRAPH_PORT", "TRIGRAPH_DATABASE_URL"]


def test_schema_is_printed_as_it_is(trigraph: Trigraph):
    ran = trigraph("schema")

    assert (ran.code, ran.out) == (0, sdl())


def test_migrate_says_where_the_database_is(trigraph: Trigraph, folder: Path):
    ran = trigraph("migrate")

    assert ran.code == 0
    assert f"revision {newest()}" in ran.out
    assert (folder / "trigraph.db").exists()


def test_a_folder_that_cannot_be_made_is_said_in_words(trigraph: Trigraph, folder: Path):
    folder.write_text("a file where the folder should be")

    ran = trigraph("migrate")

    assert ran.code == 1
    assert str(folder) in ran.err
    assert "Traceback" not in ran.err


def test_several_workers_on_sqlite_are_refused_with_a_word_why(trigraph: Trigraph):
    ran = trigraph("serve", "--workers", "2")

    assert ran.code == 1
    assert "PostgreSQL" in ran.err


def test_a_taken_port_is_said_before_anything_is_served(trigraph: Trigraph):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]

        ran = trigraph("serve", "--port", str(port))

    assert ran.code == 1
    assert f"Port {port}" in ran.err


def test_seed_load_counts_what_it_put_in(trigraph: Trigraph):
    ran = trigraph("seed", "load", "--leads", "10", "--accounts", "2", "--notes", "3", "--org", "Volume")

    assert ran.code == 0
    assert "53 rows in" in ran.err


def test_seed_demo_does_nothing_the_second_time(trigraph: Trigraph):
    first, second = trigraph("seed", "demo"), trigraph("seed", "demo")

    assert (first.code, second.code) == (0, 0)
    assert "rows were put into" in first.err
    assert "already has every record" in second.err
