"""Keys by the command line."""

from __future__ import annotations

from tests.gateway.cli.conftest import Trigraph

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


def test_what_cannot_be_used_is_named(trigraph: Trigraph):
    _made(trigraph)

    assert "tier must be one of" in trigraph("keys", "create", "--tier", "Gold").err
    assert "scope must be" in trigraph("keys", "create", "--scope", "everything").err
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
