"""Keys by the command line."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path

import pytest

from domain.viewer import Dialect, Viewer
from gateway.cli.storage import opened
from gateway.credential_rules import Door
from gateway.settings import load
from tests.factories.credentials import resolve
from tests.gateway.cli.conftest import Trigraph, Typed

pytestmark = pytest.mark.usefixtures("migrated")

_MAKE = ("keys", "create", "--create", "--organization", "Acme", "--user", "Jane@acme.example")


def _made(trigraph: Trigraph, *more: str) -> tuple[str, str]:
    """The id and the key of a new credential."""
    ran = trigraph(*_MAKE, *more)
    assert ran.code == 0, ran.err
    return ran.err.split(" ", 1)[0], ran.out.strip()


def test_a_key_is_shown_once_and_listed_by_its_beginning(trigraph: Trigraph):
    client, key = _made(trigraph, "--dialect", "crm_ultra", "--name", "Old [web] form", "--tier", "basic", "--legacy")

    listed = trigraph("keys", "list").out

    assert key.startswith("tgcu_")
    row = next(line for line in listed.splitlines() if line.startswith(client))
    assert key not in listed
    shown = (key[:9], "Old [web] form", "crm_ultra", "Basic", "read write", "jane@acme.example", "Acme", "legacy")
    assert [word for word in shown if word not in row] == []


def test_rotating_replaces_the_key_and_keeps_the_client(trigraph: Trigraph):
    client, key = _made(trigraph)

    ran = trigraph("keys", "rotate", client)

    assert ran.code == 0
    assert ran.out.strip() != key
    listed = trigraph("keys", "list").out
    assert listed.count(client) == 2
    assert listed.count("revoked") == 1


def test_revoking_shows_in_the_list_and_cannot_be_rotated_away(trigraph: Trigraph):
    client, _ = _made(trigraph)

    assert trigraph("keys", "revoke", client).code == 0
    assert "revoked" in trigraph("keys", "list").out
    ran = trigraph("keys", "rotate", client)
    assert (ran.code, ran.out) == (1, "")
    assert "revoked" in ran.err


def test_an_overlap_keeps_the_old_key_for_a_while(trigraph: Trigraph):
    client, _ = _made(trigraph, "--name", "Form")
    key = _column(trigraph, client, 3)[0]

    assert trigraph("keys", "rotate", key, "--overlap", "3600").code == 0

    listed = trigraph("keys", "list").out
    assert (listed.count(", ends "), listed.count("revoked")) == (1, 0)
    ran = trigraph("keys", "rotate", client)
    assert ran.code == 1
    assert [each for each in _column(trigraph, client, 3) if each not in ran.err] == []
    assert "30 days" in trigraph("keys", "rotate", key, "--overlap", "9999999").err


def _column(trigraph: Trigraph, client: str, number: int) -> list[str]:
    """What a column of the list says of a client's keys; their names have no blanks."""
    return [line.split()[number] for line in trigraph("keys", "list").out.splitlines() if line.startswith(client)]


def test_a_client_can_have_another_key_and_lose_one(trigraph: Trigraph):
    client, key = _made(trigraph, "--name", "Form")

    ran = trigraph("keys", "create", "--client", client, "--expires", "2999-01-01")

    assert ran.code == 0
    assert ran.out.strip() != key
    first, _ = _column(trigraph, client, 3)
    assert trigraph("keys", "revoke", first).code == 0
    rows = [line for line in trigraph("keys", "list").out.splitlines() if line.startswith(client)]
    assert ["revoked" in row for row in rows] == [True, False]
    assert "ends 2999-01-01T00:00:00Z" in rows[1]
    assert trigraph("keys", "rotate", client).code == 0
    assert "only --expires goes with it" in trigraph("keys", "create", "--client", client, "--tier", "Basic").err


def test_a_secret_comes_below_the_key(trigraph: Trigraph):
    ran = trigraph(*_MAKE, "--dialect", "copycar", "--secret")

    key, secret = ran.out.split()
    assert key.startswith("tgcc_")
    assert secret.startswith("tgs_")
    assert "ultimate:read ultimate:write" in trigraph("keys", "list").out


OLD = "cu_live_4f9a1c77e2b84d21"


def test_a_key_of_an_older_product_goes_on_working(trigraph: Trigraph, typed: Typed, folder: Path):
    _made(trigraph)
    typed(f"{OLD}\n")

    ran = trigraph("keys", "import", "--dialect", "crm_ultra", "--name", "Old form", "--user", "jane@acme.example")

    assert (ran.code, ran.out) == (0, "")
    row = next(line for line in trigraph("keys", "list").out.splitlines() if "Old form" in line)
    assert "cu_l…" in row
    assert "legacy" in row
    assert OLD not in row
    viewer = asyncio.run(_resolved(folder, OLD))
    assert viewer.dialect is Dialect.CRM_ULTRA

    typed(OLD)
    assert "in use already" in trigraph("keys", "import", "--dialect", "crm_ultra").err


async def _resolved(folder: Path, key: str) -> Viewer:
    async with opened(load(env_file=None, data_dir=folder)) as database:
        viewer = await resolve(database, {"x-api-key": key}, Door(Dialect.CRM_ULTRA))
        assert viewer is not None
        return viewer


@pytest.mark.parametrize("value", ["", "short", 19 * "x", "two words of some length", "x" * 513, 19 * "x" + "ä"])
def test_what_could_be_guessed_is_not_taken_over(trigraph: Trigraph, typed: Typed, value: str):
    _made(trigraph)
    typed(value)

    ran = trigraph("keys", "import", "--dialect", "copycar", "--name", "Nobody")

    assert ran.code == 1
    assert "20 to 512 visible ASCII characters" in ran.err
    assert "Nobody" not in trigraph("clients", "list").out


def test_an_import_says_whose_the_key_is(trigraph: Trigraph, typed: Typed):
    client, _ = _made(trigraph)
    typed(OLD)

    assert "--client" in trigraph("keys", "import").err
    assert "--client" in trigraph("keys", "import", "--kind", "secret", "--dialect", "copycar").err
    assert trigraph("keys", "import", "--client", client, "--kind", "secret").code == 0
    # A secret opens nothing by itself, so it is not among the keys.
    assert OLD[:4] not in trigraph("keys", "list").out


def test_what_cannot_be_used_is_named(trigraph: Trigraph):
    _made(trigraph)

    assert "tier must be one of" in trigraph("keys", "create", "--tier", "Gold").err
    assert "scopes must be" in trigraph("keys", "create", "--scope", "everything").err
    assert "nobody@acme.example" in trigraph("keys", "create", "--user", "nobody@acme.example").err
    assert "'Nowhere'" in trigraph("keys", "create", "--organization", "Nowhere").err
    assert "'client_none'" in trigraph("keys", "revoke", "client_none").err


def test_a_refused_key_leaves_no_organization_behind(trigraph: Trigraph):
    assert trigraph(*_MAKE, "--tier", "Gold").code == 1

    assert "no organization yet" in trigraph("keys", "create").err


def test_without_an_organization_it_says_how_to_make_one(trigraph: Trigraph):
    ran = trigraph("keys", "create")

    assert ran.code == 1
    assert "--create" in ran.err


def test_what_the_command_line_does_is_in_the_logs(trigraph: Trigraph, folder: Path):
    client, _ = _made(trigraph)
    trigraph("keys", "revoke", client)

    with sqlite3.connect(folder / "trigraph.db") as database:
        told = database.execute("SELECT type, client_id, audience FROM event ORDER BY sequence").fetchall()
        noted = database.execute(
            "SELECT operation, door, client_id FROM audit_entry ORDER BY created_at, id"
        ).fetchall()
        changed = database.execute("SELECT subject_id FROM access_change").fetchall()
    managers = "permission:read:clients"
    assert told == [
        ("USER_INVITED", "command_line", None),
        ("CLIENT_CREATED", "command_line", managers),
        ("CLIENT_REVOKED", "command_line", managers),
    ]
    operations = ["inviteUser", "createClient", "revokeClient"]
    assert noted == [(each, "COMMAND_LINE", "command_line") for each in operations]
    assert changed == [(client,)]
