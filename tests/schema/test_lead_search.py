"""Leads found by words: the same ones whether few or many have them, through the index or by walking."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, func, or_, select, text, update

from domain.leads import Lead, digits_of, searchable
from domain.organizations import Organization
from domain.viewer import Viewer
from gateway.database import Database
from gateway.migrations import lead_words
from resolvers import leads, searching
from resolvers.leads import Direction, LeadFilter, LeadSort, LeadSortField
from resolvers.reads import visible_to
from schema.engine.paging import Slice
from schema.engine.parts import Cut, counting
from tests.clocks import PRINTED
from tests.factories.leads import lead_row
from tests.factories.organizations import make_organization, make_viewer, store

NAMES = (
    "Ann",
    "anna",
    "ANNE",
    "Jürgen",
    "İpek",
    "Straße",
    "O'Neil",
    'The "Ox"',
    "100%",
    "a_b",
    "x/y",
    "🙂 Joy",
    "Σίσυφος",
)
PHONES = ("+1 (555) 123-4567", "5551234567", "0049 30 1234", "٣٣٣", None)
LETTERS = st.sampled_from("anJüİß'\"%_/\\ .@0125-+()🙂Σς")
WORDS = st.one_of(
    st.text(LETTERS, max_size=6),
    st.sampled_from([*NAMES, *(phone for phone in PHONES if phone)]).flatmap(
        lambda whole: st.tuples(st.integers(0, len(whole)), st.integers(0, len(whole))).map(
            lambda ends: whole[min(ends) : max(ends)]
        )
    ),
)


@dataclass
class Few:
    """How many leads are few: with one, the same words are looked for by both ways."""

    pages: int
    totals: int


@pytest.fixture(params=[Few(2_000, 20_000), Few(1, 1)], ids=["fetched", "walked"])
def few(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(searching, "_FEW", request.param.pages)
    monkeypatch.setattr(searching, "_FEW_COUNTED", request.param.totals)
    monkeypatch.setattr(searching, "_OFTEN", 2 * request.param.pages)
    return request.param


@pytest.fixture
async def stocked(database: Database, viewer: Viewer, stranger: Viewer) -> Viewer:
    """The administrator of an organization with leads of every spelling; a stranger has the same."""
    for each in (viewer, stranger):
        rows = [
            lead_row(
                each.organization_id,
                PRINTED,
                first_name=name,
                last_name=NAMES[-place],
                phone=PHONES[place % len(PHONES)],
                email=f"a{place}.{'x' * place}@example.com",
                deleted_at=PRINTED if place == 1 else None,
                score=place % 3,
            )
            for place, name in enumerate(NAMES)
        ]
        await store(database, *rows)
    return viewer


async def found(database: Database, viewer: Viewer, words: str, **page: Any) -> tuple[list[str], int]:
    """The ids of a page, and the total, as an operation reads them."""
    sort = LeadSort(LeadSortField.SCORE, Direction.ASC)
    listing = leads.search.build(viewer, where=LeadFilter(search=words), sort=sort)
    cut = Cut(listing, Slice(**({"size": 100, "backward": False, "after": None, "before": None, "offset": 0} | page)))
    rows = await database.rows(cut.selecting({"id": Lead.id, "score": Lead.score}))
    return [row[0] for row in rows], (await database.rows(counting(listing)))[0][0]


async def compared(database: Database, viewer: Viewer, words: str) -> list[str]:
    """The ids in the same order by comparing every lead's words, as the rule says it."""
    statement, stripped = visible_to(viewer, Lead).with_only_columns(Lead.id), words.strip()
    holds = Lead.search_text.contains(searchable(stripped), autoescape=True)
    digits = digits_of(stripped) or ""
    if len(digits) >= 3 and not any(each.isalpha() or each == "@" for each in stripped):
        holds = or_(holds, Lead.phone_digits.contains(digits))
    rows = await database.rows(statement.where(holds).order_by(Lead.score, Lead.id))
    return [row[0] for row in rows]


@given(words=WORDS)
async def test_every_text_finds_what_comparing_finds(database: Database, stocked: Viewer, few: Few, words: str) -> None:
    expected = await compared(database, stocked, words)
    assert await found(database, stocked, words) == (expected, len(expected))


async def test_what_is_special_to_an_index_is_a_text_like_others(database: Database, stocked: Viewer, few: Few) -> None:
    for words in (
        *NAMES,
        *filter(None, PHONES),
        "",
        "an",
        "ann",
        "\\",
        '"',
        '"""',
        " AND ",
        "x*",
        "NEAR",
        "a_b",
        "%%%",
    ):
        expected = await compared(database, stocked, words)
        assert await found(database, stocked, words) == (expected, len(expected)), words


async def test_long_words_are_those_words_and_no_others(database: Database, viewer: Viewer, few: Few) -> None:
    names = ["Maximiliane", "Maximilian"]
    numbers = ["+49 170 1234567", "+41 170 1234567"]
    rows = [
        lead_row(
            viewer.organization_id,
            PRINTED,
            first_name=names[place % 2],
            last_name="von Hohenstein",
            email=f"{names[place % 2]}.von.hohenstein.{place}@mail.example.{'com' if place < 4 else 'org'}",
            phone=numbers[place % 2],
        )
        for place in range(8)
    ]
    await store(database, *rows)
    for words, expected in {
        "maximiliane.von.hohenstein.2@mail.example.com": 1,
        "maximiliane.von.hohenstein.2@mail.example.org": 0,
        "maximilian.von.hohenstein.2@mail.example.com": 0,
        "von.hohenstein.6@mail.example.org": 1,
        "Maximilian von Hohenstein": 4,
        "maximiliane von hohensteins": 0,
        "von.hohenstein.": 8,
        "@mail.example.com": 4,
        "@mail.example.comm": 0,
        "mail.example.org": 4,
        "+49 170 1234567": 4,
        "0049 170 1234567": 0,
        "(170) 123-4567": 8,
        "--- --- --- --- ---": 0,
    }.items():
        assert len(await compared(database, viewer, words)) == expected, words
        assert await found(database, viewer, words) == (await compared(database, viewer, words), expected), words


async def test_the_index_follows_every_change(database: Database, stocked: Viewer, few: Few) -> None:
    async def both(words: str) -> int:
        ids, _ = await found(database, stocked, words)
        assert ids == await compared(database, stocked, words)
        return len(ids)

    own = Lead.organization_id == stocked.organization_id
    one = select(func.min(Lead.id)).where(own, Lead.deleted_at.is_(None)).scalar_subquery()
    assert await both("zebra") == 0
    await database.store(
        lambda session: session.execute(
            update(Lead).where(Lead.id == one).values(search_text="a zebra", phone_digits="778899"),
            execution_options={"synchronize_session": False},
        )
    )
    assert (await both("zebra"), await both("ebr"), await both("77-88"), await both("7889")) == (1, 1, 1, 1)
    await database.store(
        lambda session: session.execute(
            delete(Lead).where(Lead.id == one), execution_options={"synchronize_session": False}
        )
    )
    assert await both("zebra") == 0


async def test_nothing_is_left_of_an_organization_that_is_gone(embedded: Database) -> None:
    organization = await make_organization(embedded)
    viewer = await make_viewer(embedded, organization)
    await store(embedded, lead_row(organization, PRINTED, first_name="Zebra"))
    assert (await found(embedded, viewer, "zebra"))[1] == 1
    held = select(func.count()).select_from(text("lead_words")).where(text("lead_words MATCH 'zeb'"))
    assert (await embedded.rows(held))[0][0] == 1
    await embedded.store(lambda session: session.execute(delete(Organization).where(Organization.id == organization)))
    assert (await embedded.rows(held))[0][0] == 0


@pytest.mark.parametrize("words", ["zebra", "ze"])
async def test_without_an_index_every_search_walks(
    embedded: Database, monkeypatch: pytest.MonkeyPatch, words: str
) -> None:
    organization = await make_organization(embedded)
    viewer = await make_viewer(embedded, organization)
    await store(embedded, lead_row(organization, PRINTED, first_name="Zebra"))
    monkeypatch.setattr(searching, "TRIGRAMS", False)
    async with embedded.engines.writing.begin() as connection:
        await connection.run_sync(lead_words.drop)
    assert (await found(embedded, viewer, words))[1] == 1


async def test_pages_go_on_where_the_last_one_ended(database: Database, stocked: Viewer, few: Few) -> None:
    whole = await compared(database, stocked, "example")
    assert len(whole) > 8
    first, total = await found(database, stocked, "example", size=3)
    assert (first, total) == (whole[:4], len(whole))
    last, _ = await found(database, stocked, "example", size=3, backward=True)
    assert last == whole[:-5:-1]
    later, _ = await found(database, stocked, "example", size=3, offset=4)
    assert later == whole[4:8]
