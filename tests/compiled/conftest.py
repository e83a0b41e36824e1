"""Furnished databases, one of each kind for all tests of a module."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.compiled.comparing import World
from tests.databases import fresh_postgres, sqlite_url


@pytest.fixture(scope="module")
def furnished_file(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where a file for a world is to be."""
    file = tmp_path_factory.mktemp("world") / "trigraph.db"
    file.write_bytes(sqlite_template.read_bytes())
    return file


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    """The world on each database; furnished once."""
    if request.param == "sqlite":
        with closing(World(sqlite_url(request.getfixturevalue("furnished_file")))) as made:
            yield made
        return
    for url in fresh_postgres(request.getfixturevalue("postgres_template")):
        with closing(World(url)) as made:
            yield made
