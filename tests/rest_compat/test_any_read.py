"""Whatever is read of a product, by whom and however it is spelled: both ways say the same, the second time, too."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from rest_compat.clickup_brain.dialect import CLICKUP_BRAIN
from rest_compat.copycar.dialect import COPYCAR
from rest_compat.crm_ultra.dialect import CRM_ULTRA
from tests.databases import fresh_postgres, sqlite_url
from tests.rest_compat.drawing import Reads
from tests.rest_compat.twins import Twins, twins_of

_EXAMPLES = int(os.environ.get("TRIGRAPH_TEST_COMPILED_EXAMPLES", "25"))
"""How many calls of each product are drawn; each is made by one who sees much, and by somebody."""
_DIALECTS = {"crm_ultra": CRM_ULTRA, "copycar": COPYCAR, "clickup_brain": CLICKUP_BRAIN}


class Asking:
    """Twins in a loop of their own, and what they are asked."""

    def __init__(self, url: str, folder: Path) -> None:
        self.runner = asyncio.Runner()
        self.embedded = url.startswith("sqlite")
        self.twins: Twins = self.runner.run(twins_of(url, folder))
        self.reads = {name: Reads(dialect, self.twins.stored) for name, dialect in _DIALECTS.items()}

    def compare(self, name: str, random: Random) -> None:
        """Make one call of a product in both ways, by two callers."""
        drawn, callers = self.reads[name].drawn(random), self.twins.callers[name]
        for who in (callers[0], random.choice(callers)):
            self.runner.run(self.twins.compare(drawn, who))

    def close(self) -> None:
        self.runner.run(self.twins.close())
        self.runner.close()


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def asking(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asking]:
    folder = tmp_path_factory.mktemp("twins")
    if request.param == "sqlite":
        file = folder / "trigraph.db"
        file.write_bytes(request.getfixturevalue("sqlite_template").read_bytes())
        urls: Iterator[str] = iter([sqlite_url(file)])
    else:
        urls = fresh_postgres(request.getfixturevalue("postgres_template"))
    for url in urls:
        made = Asking(url, folder)
        try:
            yield made
        finally:
            made.close()


@pytest.mark.parametrize("name", _DIALECTS)
def test_any_read_is_answered_the_same(asking: Asking, name: str) -> None:
    @settings(
        max_examples=_EXAMPLES,
        deadline=None,
        derandomize="TRIGRAPH_TEST_COMPILED_EXAMPLES" not in os.environ,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],
    )
    @given(random=st.randoms(use_true_random=True))
    def compared(random: Random) -> None:
        asking.compare(name, random)

    compared()
    # Otherwise graphql-core was compared with itself, and the ordinary way, too.
    compiled, ordinary = asking.twins.compiled, asking.twins.ordinary
    assert compiled.app.state.parts.compiling.outcomes.operations["compiled"]
    assert compiled.ways["bytes"] or not asking.embedded
    assert compiled.ways["Later"]
    assert not ordinary.app.state.parts.compiling
