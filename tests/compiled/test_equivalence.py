"""Whatever is asked, in whatever form and by whom: compiled operations answer byte for byte as graphql-core does."""

from __future__ import annotations

import os
from collections.abc import Callable
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from gateway import json
from tests.compiled.comparing import World
from tests.compiled.sides import Asked
from tests.compiled.singles import singles
from tests.compiled.world import empty_tables

_EXAMPLES = int(os.environ.get("TRIGRAPH_TEST_COMPILED_EXAMPLES", "150"))
"""How many operations are drawn; each is run a few times, with other values and by other viewers."""
_RUNS = 3
_FOR_NOBODY = {"access_change", "browser_session", "idempotency_answer", "idempotency_claim", "invitation"} | {
    "periodic_task",
    "token_usage",
    "trusted_document",
    "writer_month",
}
"""Tables that no field of the graph reads."""


def test_there_is_something_in_every_table(world: World) -> None:
    assert set(world.run(empty_tables(world.plain.database))) <= _FOR_NOBODY


@pytest.mark.parametrize("listing", singles())
def test_every_field_of_every_listing_is_answered_the_same(world: World, listing: str) -> None:
    random = Random(listing)
    for text in singles()[listing]:
        world.run(world.compare(Asked(text, viewer=world.known.viewers["reader"]), random))


@settings(
    max_examples=_EXAMPLES,
    deadline=None,
    derandomize="TRIGRAPH_TEST_COMPILED_EXAMPLES" not in os.environ,
    database=None,
    suppress_health_check=list(HealthCheck),
    # What differs is made small by a way of its own, which knows operations.
    phases=[Phase.generate],
)
@given(random=st.randoms(use_true_random=True))
def test_any_query_is_answered_the_same(world: World, random: Random) -> None:
    drawn = world.operations.drawn(random)
    for _ in range(_RUNS):
        asked = Asked(drawn.text, drawn.values(random, world.values), world.viewer(random))
        world.run(world.compare(asked, random))


def test_most_of_what_was_asked_ran_as_compiled(world: World) -> None:
    """Otherwise the test before has compared graphql-core with itself."""
    outcomes = world.compiled.outcomes
    known = {"compiled", "unsupported", "variables", "permission", "refused", "unusual"}
    assert outcomes["compiled"] > 0.4 * sum(outcomes.values()), outcomes
    assert not set(outcomes) - known, outcomes


def _each(value: Any, change: Callable[[Any], Any]) -> Any:
    changed = change(value)
    if isinstance(changed, dict):
        return {key: _each(each, change) for key, each in changed.items()}
    return [_each(each, change) for each in changed] if isinstance(changed, list) else changed


def _rewritten(change: Callable[[Any], Any]) -> Callable[[bytes], bytes]:
    return lambda body: json.dumps(_each(json.loads(body), change))


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param(lambda body: body.replace(b'Z"', b'+00:00"'), id="how moments are written"),
        pytest.param(lambda body: body.replace(b"null", b"0"), id="nulls"),
        pytest.param(
            _rewritten(lambda it: {**it, "errors": []} if isinstance(it, dict) and "data" in it else it), id="errors"
        ),
        pytest.param(_rewritten(lambda it: it[:-1] if isinstance(it, list) else it), id="rows left out"),
        pytest.param(_rewritten(lambda it: dict(reversed(it.items())) if isinstance(it, dict) else it), id="order"),
    ],
)
def test_differences_are_found_and_made_small(
    world: World, wrong: Callable[[bytes], bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = world.compiled.answer

    async def changed(asked: Asked) -> bytes:
        return wrong(await answer(asked))

    monkeypatch.setattr(world.compiled, "answer", changed)
    random, found = Random(7), ""
    while not found:
        drawn = world.operations.drawn(random)
        asked = Asked(drawn.text, drawn.values(random, world.values), world.known.viewers["reader"])
        try:
            world.run(world.compare(asked, random))
        except AssertionError as difference:
            found = str(difference)
    assert len(found.partition("variables:")[0].split()) < 30


@pytest.mark.parametrize("rows", ["nodes", "edges { node"])
@pytest.mark.parametrize("listing", ["clients", "events"])
def test_rows_of_which_nothing_is_asked_are_rows(world: World, listing: str, rows: str) -> None:
    """Events have no id, either, that would be selected with whatever is asked for."""
    closing = "}" * (rows.count("{") + 1)
    text = f"{{ {listing}(first: 1) {{ {rows} {{ __typename {closing} }} }}"
    asked = Asked(text, viewer=world.known.viewers["reader"])
    world.run(world.compare(asked, Random(1)))
    answer = world.run(world.plain.answer(asked))
    assert b"__typename" in answer
    assert b"errors" not in answer
