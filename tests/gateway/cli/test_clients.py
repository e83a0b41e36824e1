"""Clients by the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.gateway.cli.conftest import Trigraph

_REDIRECT = "https://app.example.com/callback"


@pytest.fixture(autouse=True)
def organization(migrated: Path, trigraph: Trigraph) -> None:
    """An organization with one member of staff."""
    assert trigraph("users", "create", "jane@acme.example", "--organization", "Acme", "--create").code == 0


def _made(trigraph: Trigraph, *more: str) -> tuple[str, str]:
    """The id of a new client, and what it was given."""
    ran = trigraph("clients", "create", "--name", "Old app", *more)
    assert ran.code == 0, ran.err
    return ran.err.split(" ", 1)[0], ran.out.strip()


def _row(trigraph: Trigraph, client: str) -> str:
    return next(line for line in trigraph("clients", "list").out.splitlines() if line.startswith(client))


def test_a_client_of_an_older_product_keeps_its_id_and_habits(trigraph: Trigraph):
    wanted = ("--dialect", "crm_ultra", "--legacy", "--redirect-uri", _REDIRECT, "--id", "acme-dialer")

    client, secret = _made(trigraph, *wanted)

    assert client == "acme-dialer"
    assert secret.startswith("tgs_")
    assert "\n" not in secret
    row = _row(trigraph, client)
    assert [word for word in ("Old app", "crm_ultra", "Professional", "Acme", "legacy") if word not in row] == []
    assert secret not in row
    assert "in use already" in trigraph("clients", "create", "--name", "Again", *wanted).err


def test_a_secret_can_be_renewed_and_a_client_revoked(trigraph: Trigraph):
    client, secret = _made(trigraph)

    renewed = trigraph("clients", "secret", client, "--overlap", "60")

    assert renewed.code == 0
    assert renewed.out.strip() != secret
    assert trigraph("clients", "revoke", client).code == 0
    assert "revoked" in _row(trigraph, client)
    assert "revoked" in trigraph("clients", "secret", client).err


def test_a_public_client_has_no_secret(trigraph: Trigraph):
    client, secret = _made(trigraph, "--public", "--redirect-uri", "com.acme.app:/callback")

    assert secret == ""
    assert "public" in _row(trigraph, client)
    assert "neither" in trigraph("clients", "secret", client).err


def test_a_sandbox_client_needs_no_other_organization_named(trigraph: Trigraph):
    client, given = _made(trigraph, "--sandbox", "--key", "--dialect", "clickup_brain")

    key, secret = given.split()
    assert (key[:5], secret[:4]) == ("tgcb_", "tgs_")
    assert "sandbox" in _row(trigraph, client)
    # The sandbox is an organization of its own, but nobody has to tell it from the other one.
    assert trigraph("keys", "create").code == 0


def test_what_cannot_be_used_is_named(trigraph: Trigraph):
    for options, word in {
        ("--redirect-uri", "http://app.example.com/"): "redirectUris must be https",
        ("--allowed-ip", "10.0.0.1/8"): "allowedIps must be addresses",
        ("--legacy",): "Only CRM-Ultra's clients",
        ("--public", "--dialect", "copycar"): "can be public",
        ("--id", "a b"): "id must be",
        ("--expires", "2020-01-01"): "expiresAt must be in the future",
        ("--sandbox", "--user", "jane@acme.example"): "A sandbox has no users",
    }.items():
        ran = trigraph("clients", "create", "--name", "App", *options)
        assert (ran.code, word in ran.err) == (1, True), (options, ran.err)
    assert "App" not in trigraph("clients", "list").out
