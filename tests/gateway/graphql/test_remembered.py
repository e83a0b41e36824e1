"""Texts in memory: what is kept, within its bounds, whatever is brought in whatever order."""

from __future__ import annotations

from sys import getsizeof

from hypothesis import given
from hypothesis import strategies as st

from gateway.graphql.remembered import SharedTexts, Texts

MOST, MOST_BYTES = 6, 4_096
_TEXTS = {f"id{number}": f"{{ a{number} }} #" + "é" * (number * 90) for number in range(12)}
_BROUGHT = st.lists(st.tuples(st.sampled_from(sorted(_TEXTS)), st.sampled_from(["", "org_a", "org_b"])), max_size=60)


@given(_BROUGHT)
def test_a_shared_memory_keeps_its_bounds_and_tells_the_texts_it_was_given(brought: list[tuple[str, str]]) -> None:
    memory = SharedTexts(MOST, MOST_BYTES)
    for name, holder in brought:
        memory.put(name, _TEXTS[name], holder)
        kept = {each: text for each in _TEXTS if (text := memory.get(each)) is not None}
        assert len(kept) == len(memory) <= MOST
        assert sum(getsizeof(text) for text in kept.values()) <= MOST_BYTES
        assert all(_TEXTS[each] == text for each, text in kept.items())


@given(_BROUGHT)
def test_who_brings_little_keeps_it_whatever_others_bring(brought: list[tuple[str, str]]) -> None:
    memory = SharedTexts(MOST, 1_000_000)
    memory.put("own", "{ own }", "org_c")
    for name, holder in brought:
        memory.put(name, _TEXTS[name], holder)
    assert memory.get("own") == "{ own }"


@given(st.lists(st.sampled_from(sorted(_TEXTS)), min_size=1, max_size=60))
def test_the_last_that_was_asked_for_stays(asked: list[str]) -> None:
    memory = Texts(MOST_BYTES)
    for name in asked:
        if memory.get(name) is None:
            memory.put(name, _TEXTS[name])
        assert memory.get(name) == _TEXTS[name]
        assert sum(getsizeof(text) for each in _TEXTS if (text := memory.get(each))) <= MOST_BYTES
        memory.get(name)


def test_one_text_that_is_too_large_pushes_nothing_out() -> None:
    texts, shared = Texts(MOST_BYTES), SharedTexts(MOST, MOST_BYTES)
    texts.put("small", "{ a }")
    shared.put("small", "{ a }", "org_a")
    texts.put("large", "x" * MOST_BYTES)
    shared.put("large", "x" * MOST_BYTES, "org_a")
    assert [texts.get("small"), shared.get("small")] == ["{ a }"] * 2
    assert [texts.get("large"), shared.get("large")] == [None] * 2
