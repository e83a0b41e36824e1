"""Marks carry values into statements; whatever looks into them finds none."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.dialects.sqlite import aiosqlite

from domain.leads import Lead, LeadStatus
from domain.permissions import Permission
from domain.viewer import Viewer
from resolvers import leads
from resolvers.leads import LeadFilter
from schema.compiled.arguments import Unusual, given
from schema.compiled.composing import NOTHING
from schema.compiled.marks import Inspected, Mark, Marks, marked_viewer
from schema.compiled.statements import Asking, Build, Built, Statements

TODAY = date(2024, 3, 10)


def viewer(**changed: Any) -> Viewer:
    known: dict[str, Any] = {
        "organization_id": "org_1",
        "client_id": "client_1",
        "user_id": "user_1",
        "team_id": None,
        "permissions": frozenset(Permission),
        "scopes": (),
        "dialect": None,
        "tier": "Pro",
        "name": "Test",
    }
    return Viewer(**known | changed)


def statements() -> Statements:
    return Statements(aiosqlite.dialect(), 100)


def search(values: dict[str, Any]) -> tuple[Build, Any]:
    """How `leads(where:)` is built from these values, and what it was given."""
    made = given(values, paged=False)

    def build(marks: Marks, seen: Viewer, own: Any) -> Built:
        where = LeadFilter(**own.marked(marks))
        listing = leads.search.build(marked_viewer(seen, marks), where)
        return Built(listing.statement.with_only_columns(Lead.id), listing.order)

    return build, made


def found(kept: Statements, seen: Viewer, values: dict[str, Any]) -> tuple[str, tuple[Any, ...]]:
    build, made = search(values)
    asking = Asking(seen, made, TODAY)
    key = ("leads", seen.permissions, made.shape)
    template = kept.usual(key) or kept.find(key, build, asking)
    return template.sql, template.values(seen, made.leaves, (), TODAY)


@pytest.mark.parametrize(
    "look",
    [
        len,
        bool,
        str,
        repr,
        hash,
        list,
        int,
        lambda value: value == "x",
        lambda value: value != "x",
        lambda value: value < "x",
        lambda value: "x" in value,
        lambda value: value in {"x"},
        lambda value: isinstance(value, str),
        lambda value: value.strip(),
        lambda value: f"{value}",
        lambda value: value[0],
        lambda value: value % 2,
    ],
)
def test_whoever_looks_into_a_mark_is_told_so(look: Callable[[Any], Any]) -> None:
    mark = Marks().of("a[0]", "secret")
    with pytest.raises(Inspected) as told:
        look(mark)
    assert told.value.origins == {"a[0]"}


@pytest.mark.parametrize("take", [lambda value: value in "secrets", lambda value: "".join([value]), float])
def test_what_takes_texts_alone_takes_no_mark(take: Callable[[Any], Any]) -> None:
    with pytest.raises((TypeError, Inspected)):
        take(Marks().of("a[0]", "secret"))


def test_a_mark_is_bound_and_added_to() -> None:
    marks = Marks()
    statement = select(Lead.id).where(Lead.source == "by " + marks.of("a[0]", "web")).limit(marks.of("x[0]", 5) + 1)
    compiled = statement.compile(dialect=aiosqlite.dialect())
    assert sorted(mark.code for mark in marks.bound.values()) == ["('by ' + a[0])", "(x[0] + 1)"]
    assert set(marks.bound) <= set(compiled.params)


def test_one_statement_serves_every_value_and_every_viewer() -> None:
    kept = statements()
    first = found(kept, viewer(), {"source": "website", "min_score": 10})
    second = found(kept, viewer(organization_id="org_2", user_id="user_2"), {"source": "mail", "min_score": 99})
    assert first[0] == second[0]
    assert kept.built == 1
    assert first[1] == ("org_1", "website", 10)
    assert second[1] == ("org_2", "mail", 99)


def test_values_that_reads_look_into_have_statements_of_their_own() -> None:
    kept = statements()
    sent = [datetime(2024, 1, day, tzinfo=UTC) for day in (1, 2, 1)]
    asked = [found(kept, viewer(), {"created_from": moment, "source": "website"}) for moment in sent]
    assert [values[-1] for _, values in asked] == [
        "2024-01-01T00:00:00Z",
        "2024-01-02T00:00:00Z",
        "2024-01-01T00:00:00Z",
    ]
    # The first was built until nobody looked any more; the third is known.
    assert kept.built == 2


def test_shapes_tell_statements_apart() -> None:
    kept = statements()
    texts = {
        found(kept, viewer(), values)[0]
        for values in (
            {},
            {"source": "website"},
            {"source": None},
            {"status": LeadStatus.NEW},
            {"status": LeadStatus.OTHER},
            {"unassigned": True},
            {"unassigned": False},
        )
    }
    # Null is as if it was not given, and OTHER asks by another column than NEW does.
    assert len(texts) == 6
    assert kept.built == 7


def test_what_no_database_compares_is_left_to_others() -> None:
    with pytest.raises(Unusual):
        given({"source": "a\0b"}, paged=False)
    with pytest.raises(Unusual):
        given({"source": "x" * 10_000}, paged=False)
    with pytest.raises(Unusual):
        given({"source": object()}, paged=False)


def test_what_only_running_tells_is_never_built_in() -> None:
    kept = statements()

    def build(marks: Marks, seen: Viewer, own: Any) -> Built:
        wanted: str = marks.of("x[0]", "")
        return Built(select(Lead.id).where(Lead.id == wanted.lower()))

    with pytest.raises(Unusual):
        kept.find("lower", build, Asking(viewer(), NOTHING, TODAY, ("LEAD_1",)))


def test_the_least_used_statements_are_forgotten() -> None:
    kept = Statements(aiosqlite.dialect(), 3)
    for source in ("source", "contact", "campaign_id", "assigned_to", "source"):
        found(kept, viewer(), {source: "x"})
    assert kept.built == 5
    found(kept, viewer(), {"assigned_to": "y"})
    assert kept.built == 5


def test_nothing_about_a_mark_passes_for_a_value() -> None:
    mark = Marks().of("v.user_id", "user_1")
    assert type(mark) is Mark
    assert mark is not None
    assert Marks(frozenset({"v.user_id"})).of("v.user_id", "user_1") == "user_1"
    assert Marks().of("v.user_id", None) is None
