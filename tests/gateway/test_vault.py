"""Sealing, and the installation's own secret."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from gateway.vault import FernetVault, kept_secret

OLD, NEW = "an old secret of this installation!", "a new secret of this installation!"


def test_what_is_sealed_opens_again_and_shows_nothing() -> None:
    vault = FernetVault([NEW])
    sealed = vault.seal("tgs_secret")
    assert vault.open(sealed) == "tgs_secret"
    assert "tgs_secret" not in sealed
    assert vault.seal("tgs_secret") != sealed


def test_an_earlier_key_still_opens_and_a_foreign_one_does_not() -> None:
    sealed = FernetVault([OLD]).seal("tgs_secret")
    assert FernetVault([NEW, OLD]).open(sealed) == "tgs_secret"
    assert FernetVault([NEW]).open(sealed) is None
    assert FernetVault([NEW]).open("no such thing") is None


def test_the_installations_secret_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "new"
    with ThreadPoolExecutor(8) as pool:
        found = set(pool.map(lambda _: kept_secret(folder), range(16)))
    assert len(found) == 1
    assert len(found.pop()) >= 48
    assert [each.name for each in folder.iterdir()] == ["secret.key"]
    assert (folder / "secret.key").stat().st_mode & 0o777 == 0o600
