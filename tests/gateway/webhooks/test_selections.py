"""Payloads chosen by a subscription: what may be registered, and what an event becomes."""

from __future__ import annotations

import pytest

from domain.errors import Code, DomainError
from domain.event_log import Event
from domain.events import EventType
from domain.viewer import Viewer
from gateway.database import Database
from gateway.webhooks.selections import Selections
from resolvers import events
from tests.conftest import MakeViewer
from tests.factories.contexts import selections_of
from tests.graphs import Graph

CREATE = 'mutation { createLead(input: {source: "website", email: "ann@example.com"}) { lead { id } } }'


@pytest.fixture
def selections(database: Database) -> Selections:
    return selections_of(database)


@pytest.fixture
async def event(graph: Graph, database: Database, organization: str) -> Event:
    """A lead was created."""
    await graph.data(CREATE)
    (row,) = await database.rows(events.after(organization, 0, 1))
    return Event(**row._mapping)


def refused(selections: Selections, query: str) -> list[str]:
    with pytest.raises(DomainError) as caught:
        selections.check(query)
    assert {problem.field for problem in caught.value.problems} == {"query"}
    assert caught.value.code is Code.INVALID
    return [problem.message for problem in caught.value.problems]


async def test_an_event_is_told_as_it_was_selected(selections: Selections, event: Event, viewer: Viewer) -> None:
    query = "subscription Told { events { type sequence lead { id email } } }"
    selections.check(query)
    lead = {"id": event.lead_id, "email": "ann@example.com"}
    assert await selections.told(query, event, viewer) == {
        "data": {"events": {"type": "LEAD_CREATED", "sequence": 1, "lead": lead}}
    }


async def test_what_the_viewer_may_not_see_is_an_error_of_its_field(
    selections: Selections, event: Event, viewer_of: MakeViewer
) -> None:
    narrow = await viewer_of(scopes=("read:leads",))
    told = await selections.told("subscription { events { type actor { id } } }", event, narrow)
    assert told is not None
    assert told["data"] == {"events": {"type": "LEAD_CREATED", "actor": None}}
    (error,) = told["errors"]
    assert (error["path"], error["extensions"]["code"]) == (["events", "actor"], "FORBIDDEN")
    assert error["extensions"]["requestId"] == "event_1"


async def test_its_own_arguments_leave_events_out(selections: Selections, event: Event, viewer: Viewer) -> None:
    async def told(field: str) -> bool:
        return await selections.told(f"subscription {{ {field} {{ sequence }} }}", event, viewer) is not None

    assert await told("events(types: [LEAD_CREATED, NOTE_CREATED])")
    assert await told("events(types: [])")
    assert not await told("events(types: [LEAD_DELETED])")
    assert await told(f'leadEvents(leadId: "{event.lead_id}")')
    assert not await told(f'leadEvents(leadId: "{event.lead_id}", types: [NOTE_CREATED])')
    assert not await told('leadEvents(leadId: "lead_other")')
    assert event.type is EventType.LEAD_CREATED


async def test_an_operation_that_takes_too_long_is_told_so(database: Database, event: Event, viewer: Viewer) -> None:
    hasty = selections_of(database, operation_timeout_seconds=0)
    told = await hasty.told("subscription { events { lead { id } } }", event, viewer)
    assert told is not None
    assert told["data"] is None
    assert told["errors"][0]["extensions"]["code"] == "TIMEOUT"


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("subscription {", "Syntax Error"),
        ("{ leads { totalCount } }", "must be a subscription"),
        ("mutation { deleteLead(id: 1) { deleted } }", "must be a subscription"),
        ("subscription { events { nothing } }", "Cannot query field 'nothing'"),
        ("subscription { events { type } other: events { type } }", "must select only one top level field"),
        ("subscription A { events { type } } subscription B { events { type } }", "several operations"),
        ("subscription ($t: [EventType!]) { events(types: $t) { type } }", "must not have variables"),
        ('subscription { events(after: "x") { type } }', "must not say `after`"),
        ("subscription { events { lead { notes(first: 1000) { nodes { id } } } } }", "between 0 and 100"),
    ],
)
async def test_what_cannot_be_run_for_each_event_is_refused(selections: Selections, query: str, message: str) -> None:
    assert message in " ".join(refused(selections, query))


async def test_every_mistake_is_told(selections: Selections) -> None:
    assert len(refused(selections, "subscription { events { one two } }")) == 2


async def test_the_limits_of_the_door_hold(database: Database) -> None:
    query = "subscription { events { lead { account { id } } } }"
    assert "deep" in refused(selections_of(database, depth=2), query)[0]
    assert "cost" in refused(selections_of(database, cost=1), query)[0]
    assert selections_of(database).price(query) == 3
