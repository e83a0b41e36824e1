"""Shared streams: made once for all who ask and see the same, and told to each without loss, repetition or disorder."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from domain.errors import DomainError, unavailable
from domain.events import EventType
from domain.leads import Lead
from domain.permissions import Permission
from domain.viewer import Viewer
from gateway.calls import CallRecord
from gateway.connections import Connections
from gateway.database import Database
from gateway.graphql import pipeline as pipelines
from gateway.graphql.callers import Caller
from gateway.graphql.errors import Refused, rendered
from gateway.graphql.limits import GraphQLLimits
from gateway.graphql.pipeline import Pipeline
from gateway.graphql.points import Points
from gateway.graphql.request import GraphQLRequest
from gateway.graphql.streams import Bounds, EventMessage, Stream, Subscription
from gateway.operations import Operations
from resolvers.cursors import place
from schema.context import Context
from schema.graph import graphql_schema
from tests.conftest import MakeViewer
from tests.factories.happenings import forget
from tests.factories.leads import make_lead
from tests.factories.limits import limits_of
from tests.factories.organizations import make_team
from tests.gateway.test_event_feed import feed_tasks, tell
from tests.waiting import until

EVENTS = "subscription ($after: Cursor) { events(after: $after) { cursor sequence data } }"
PATIENCE = 15


class Hearers:
    """Opens subscriptions on one pipeline, as the doors do, and counts what is executed for them."""

    def __init__(self, database: Database, viewer: Viewer, limits: GraphQLLimits) -> None:
        self.database = database
        self.viewer = viewer
        self.executed = 0
        budgets, operations = limits_of(database), Operations(database, Connections(database.clock))

        def context(viewer: Viewer | None, request_id: str, *_: Any, resume_after: str | None = None) -> Context:
            return Context(viewer, request_id, database, budgets, operations, resume_after=resume_after)

        self.pipeline = Pipeline(graphql_schema, context, Points(budgets, database.clock, 20_000), limits)

    @asynccontextmanager
    async def hearing(
        self, query: str = EVENTS, viewer: Viewer | None = None, *, operation: str | None = None, **variables: Any
    ) -> AsyncIterator[Subscription]:
        request = GraphQLRequest(query, operation, variables)
        call = CallRecord("req_test", viewer=viewer or self.viewer)
        found = await self.pipeline.subscribe(self.pipeline.operation(request, call), request, Caller(call))
        assert isinstance(found, Subscription)
        try:
            yield found
        finally:
            await found.aclose()


@pytest.fixture
def hearers(database: Database, viewer: Viewer, monkeypatch: pytest.MonkeyPatch) -> Hearers:
    made = Hearers(database, viewer, GraphQLLimits(waiting_messages=50))
    execute = pipelines.execute_subscription_event

    def counting(executor: Any) -> Any:
        made.executed += 1
        return execute(executor)

    monkeypatch.setattr(pipelines, "execute_subscription_event", counting)
    return made


@pytest.fixture
async def lead(database: Database, organization: str) -> str:
    return await make_lead(database, organization)


async def hear(subscription: Subscription, most: int) -> list[EventMessage]:
    heard: list[EventMessage] = []
    async with asyncio.timeout(PATIENCE):
        async for message in subscription:
            heard.append(message)
            if len(heard) == most:
                break
    return heard


def numbers(heard: list[EventMessage]) -> list[int]:
    return [json.loads(message.body)["data"]["events"]["sequence"] for message in heard]


def stream_tasks() -> list[str]:
    return [task.get_name() for task in asyncio.all_tasks() if task.get_name() == "graphql stream"]


async def test_who_comes_from_far_back_does_not_hold_up_those_who_listen(
    hearers: Hearers, database: Database, viewer: Viewer, lead: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await tell(database, viewer, lead, 3)
    execute, held = pipelines.execute_subscription_event, asyncio.Event()

    async def slowly(executor: Any) -> Any:
        if executor.root_value.sequence <= 3:
            await held.wait()
        return await pipelines._settled(execute(executor))

    monkeypatch.setattr(pipelines, "execute_subscription_event", slowly)
    async with hearers.hearing() as here, hearers.hearing(after=place(0)) as far:
        listening, coming = (asyncio.create_task(hear(each, count)) for each, count in ((here, 1), (far, 4)))
        (stream,) = hearers.pipeline.streams._open.values()
        await until(lambda: here in stream._joined)
        await tell(database, viewer, lead)
        assert numbers(await listening) == [4]
        assert not coming.done()
        held.set()
        assert numbers(await coming) == [1, 2, 3, 4]


async def test_nothing_is_made_for_nobody(hearers: Hearers, database: Database, viewer: Viewer, lead: str) -> None:
    await tell(database, viewer, lead, 3)
    async with hearers.hearing(after=place(0)) as far:
        assert numbers(await hear(far, 1)) == [1]
        (stream,) = hearers.pipeline.streams._open.values()
        await tell(database, viewer, lead, 2)
        await until(lambda: stream.position == 5)
        assert hearers.executed == 1
        assert numbers(await hear(far, 4)) == [2, 3, 4, 5]
        await tell(database, viewer, lead)
        assert numbers(await hear(far, 1)) == [6]
    assert hearers.executed == 6


async def test_who_joins_later_cannot_miss_what_was_made_for_nobody() -> None:
    handed_out = asyncio.Event()

    async def pages(after: int) -> AsyncGenerator[list[Any], None]:
        yield [SimpleNamespace(sequence=number) for number in range(1, 6)]
        await asyncio.Event().wait()

    async def certain() -> None:
        handed_out.set()

    def meant(event: Any) -> bool:
        # The first one leaves before the fourth event, the second one has come before the fifth.
        if event.sequence == 4:
            stream._joined.clear()
        if event.sequence == 5:
            second.index = stream.join(second, 4) or 0
        return True

    async def make(event: Any) -> EventMessage:
        return EventMessage(event.sequence, b"{}", None)

    following: Any = SimpleNamespace(newest=0, place=0, pages=pages, certain=certain, meant=meant)
    stream = Stream(following, lambda: make, Bounds(100, 10_000), lambda stream: None)
    first, second, third = (Subscription(stream, following) for _ in range(3))
    assert stream.join(first, 0) == 0
    await asyncio.wait_for(handed_out.wait(), PATIENCE)
    await until(lambda: stream.begin == 3)
    assert stream.join(third, 3) is None
    assert stream.join(third, 4) == stream.end - 1
    for each in (first, second, third):
        await each.aclose()


async def test_who_asks_the_same_is_given_the_very_same_bytes(
    hearers: Hearers, database: Database, viewer: Viewer, lead: str
) -> None:
    async with hearers.hearing() as one, hearers.hearing() as two, hearers.hearing(after=place(0)) as three:
        assert len(hearers.pipeline.streams) == 1
        waiting = [asyncio.create_task(hear(each, 3)) for each in (one, two, three)]
        await tell(database, viewer, lead, 3)
        first, second, third = await asyncio.gather(*waiting)
        assert numbers(first) == [1, 2, 3]
        assert all(mine is yours is theirs for mine, yours, theirs in zip(first, second, third, strict=True))
        assert hearers.executed == 3
    assert (stream_tasks(), feed_tasks(), len(hearers.pipeline.streams)) == ([], [], 0)


SAME = [
    ({"query": EVENTS}, {"query": EVENTS, "after": place(0)}),
    (
        {"query": "subscription ($t: [EventType!], $a: Cursor) { events(types: $t, after: $a) { type } }"}
        | {"a": place(0), "t": ["LEAD_UPDATED"]},
        {"query": "subscription ($t: [EventType!], $a: Cursor) { events(types: $t, after: $a) { type } }"}
        | {"t": ["LEAD_UPDATED"], "a": None, "undeclared": 1},
    ),
    (
        {"query": "subscription ($a: Cursor) { ...F } fragment F on Subscription { e: events(after: $a) { type } }"},
        {"query": "subscription ($a: Cursor) { ...F } fragment F on Subscription { e: events(after: $a) { type } }"}
        | {"a": place(0)},
    ),
]
TWO = "subscription A { events { type } } subscription B { events { cursor } }"
NESTED = """subscription ($a: Cursor) { events(after: $a) {
  lead { notes(after: $a) { nodes { id } } } } }"""
SHOWN = "subscription ($d: Boolean!) { events { type data @include(if: $d) } }"
APART = [
    ({"query": EVENTS}, {"query": EVENTS + " "}),
    ({"query": TWO, "operation": "A"}, {"query": TWO, "operation": "B"}),
    ({"query": SHOWN, "d": True}, {"query": SHOWN, "d": False}),
    ({"query": NESTED}, {"query": NESTED, "a": place(0)}),
]


@pytest.mark.parametrize(("one", "other"), SAME)
async def test_where_one_begins_and_how_variables_are_ordered_sets_nobody_apart(
    hearers: Hearers, one: dict[str, Any], other: dict[str, Any]
) -> None:
    async with hearers.hearing(**one), hearers.hearing(**other):
        assert len(hearers.pipeline.streams) == 1


@pytest.mark.parametrize(("one", "other"), APART)
async def test_who_asks_for_something_else_has_another_stream(
    hearers: Hearers, one: dict[str, Any], other: dict[str, Any]
) -> None:
    async with hearers.hearing(**one), hearers.hearing(**other):
        assert len(hearers.pipeline.streams) == 2


async def test_two_clients_of_nobody_share_and_people_do_not(hearers: Hearers, viewer_of: MakeViewer) -> None:
    machine, other = await viewer_of(user=False), await viewer_of(user=False)
    assert machine.client_id != other.client_id
    async with hearers.hearing(viewer=machine), hearers.hearing(viewer=other):
        assert len(hearers.pipeline.streams) == 1
        fewer = replace(machine, permissions=machine.permissions - {Permission.READ_AUDIT})
        async with hearers.hearing(), hearers.hearing(viewer=await viewer_of()), hearers.hearing(viewer=fewer):
            assert len(hearers.pipeline.streams) == 4


async def test_a_private_note_is_told_to_its_author_alone(
    hearers: Hearers, database: Database, viewer_of: MakeViewer, organization: str, lead: str
) -> None:
    team = await make_team(database, organization)
    author, colleague, machine = await viewer_of(team=team), await viewer_of(team=team), await viewer_of(user=False)
    heard: dict[str, list[str]] = {"author": [], "colleague": [], "machine": []}

    async def tell_note(audience: str | None) -> None:
        async def work(unit: Any) -> dict[str, Any]:
            found = await unit.session.get_one(Lead, lead)
            unit.record(EventType.NOTE_CREATED, found, {"for": audience or "all"}, lead_id=lead, audience=audience)
            return {}

        await database.transact(author, work)

    async def listen(name: str, subscription: Subscription) -> None:
        async for message in subscription:
            heard[name].append(json.loads(message.body)["data"]["events"]["data"]["for"])

    async with (
        hearers.hearing(viewer=author, after=place(0)) as one,
        hearers.hearing(viewer=colleague, after=place(0)) as two,
        hearers.hearing(viewer=machine, after=place(0)) as three,
        asyncio.timeout(PATIENCE),
    ):
        listening = [
            asyncio.create_task(listen(name, each)) for name, each in zip(heard, (one, two, three), strict=True)
        ]
        for audience in (f"user:{author.user_id}", f"team:{team}", None):
            await tell_note(audience)
        await until(lambda: all(told[-1:] == ["all"] for told in heard.values()))
        for task in listening:
            task.cancel()
        await asyncio.gather(*listening, return_exceptions=True)
    assert heard == {
        "author": [f"user:{author.user_id}", f"team:{team}", "all"],
        "colleague": [f"team:{team}", "all"],
        "machine": ["all"],
    }


async def test_who_comes_late_meets_the_stream_without_loss_or_repetition(
    hearers: Hearers, database: Database, viewer: Viewer, lead: str
) -> None:
    """Subscribers come with random cursors while events are written, and some leave and come back."""
    chance, total = random.Random(11), 120
    await tell(database, viewer, lead, 30)

    async def follow(begin: int) -> None:
        seen = begin
        while seen < total:
            async with hearers.hearing(after=place(seen)) as subscription:
                heard = numbers(await hear(subscription, min(chance.randint(1, 60), total - seen)))
            assert heard == list(range(seen + 1, seen + len(heard) + 1))
            seen = heard[-1]

    async def write() -> None:
        for _ in range((total - 30) // 3):
            await tell(database, viewer, lead, 3)
            await asyncio.sleep(chance.choice([0, 0, 0.003]))

    async with asyncio.timeout(60), asyncio.TaskGroup() as group:
        for _ in range(12):
            group.create_task(follow(chance.randint(0, 30)))
        group.create_task(write())
    assert (stream_tasks(), feed_tasks()) == ([], [])


async def test_a_crowd_that_comes_back_shares_what_it_has_missed(
    hearers: Hearers, database: Database, viewer: Viewer, lead: str
) -> None:
    await tell(database, viewer, lead, 20)

    async def back() -> list[int]:
        async with hearers.hearing(after=place(5)) as subscription:
            return numbers(await hear(subscription, 15))

    assert await asyncio.gather(*(back() for _ in range(20))) == [list(range(6, 21))] * 20
    # Not quite once: who comes after all others had left begins anew.
    assert hearers.executed <= 45


async def test_messages_go_straight_to_who_takes_them_and_in_order_to_who_does_not(
    hearers: Hearers, database: Database, viewer: Viewer, lead: str
) -> None:
    taken: list[int] = []
    willing = True

    def take(found: Any) -> bool:
        if willing:
            taken.extend(numbers(list(found)))
        return willing

    async with hearers.hearing() as subscription:
        subscription.take = take
        own = asyncio.create_task(hear(subscription, 2))
        await asyncio.sleep(0)
        await tell(database, viewer, lead, 3)
        await until(lambda: taken == [1, 2, 3])
        assert not own.done()
        willing = False
        await tell(database, viewer, lead, 2)
        assert numbers(await own) == [4, 5]
        # Nobody waits now: what comes is kept, and neither taken nor lost.
        await tell(database, viewer, lead, 2)
        assert numbers(await hear(subscription, 2)) == [6, 7]
        willing = True
        own = asyncio.create_task(hear(subscription, 1))
        await asyncio.sleep(0)
        await tell(database, viewer, lead, 1)
        await until(lambda: taken == [1, 2, 3, 8])
        own.cancel()
        await asyncio.gather(own, return_exceptions=True)


async def test_who_lags_too_far_is_given_up_and_the_others_miss_nothing(
    hearers: Hearers, database: Database, viewer: Viewer, lead: str
) -> None:
    lost: list[bool] = []
    async with hearers.hearing() as slow, hearers.hearing() as quick:
        slow.lost = lambda: lost.append(True)
        first = asyncio.create_task(hear(slow, 1))
        reading = asyncio.create_task(hear(quick, 101))
        await asyncio.sleep(0)
        await tell(database, viewer, lead, 1)
        await first
        for _ in range(10):
            await tell(database, viewer, lead, 10)
            await asyncio.sleep(0)
        assert numbers(await reading) == list(range(1, 102))
        await until(lambda: lost == [True])
        with pytest.raises(Refused) as refused:
            await hear(slow, 1)
        assert refused.value.code == "SUBSCRIBER_TOO_SLOW"
        again = asyncio.create_task(hear(quick, 1))
        await tell(database, viewer, lead, 1)
        assert numbers(await again) == [102]


async def test_bytes_are_bounded_too(database: Database, viewer: Viewer, lead: str) -> None:
    hearers = Hearers(database, viewer, GraphQLLimits(waiting_bytes=2_000))
    lost: list[bool] = []
    async with hearers.hearing() as slow:
        slow.lost = lambda: lost.append(True)
        first = asyncio.create_task(hear(slow, 1))
        await asyncio.sleep(0)
        await tell(database, viewer, lead, 1)
        await first
        await tell(database, viewer, lead, 40)
        await until(lambda: lost == [True])


async def test_one_leaves_while_the_stream_runs(
    hearers: Hearers, database: Database, viewer: Viewer, lead: str
) -> None:
    async with hearers.hearing() as staying:
        reading = asyncio.create_task(hear(staying, 40))
        for number in range(20):
            async with hearers.hearing() as leaving:
                going = asyncio.create_task(hear(leaving, 5))
                for _ in range(number % 5):
                    await asyncio.sleep(0)
                await tell(database, viewer, lead, 2)
                going.cancel()
                await asyncio.gather(going, return_exceptions=True)
        assert numbers(await reading) == list(range(1, 41))
    assert (stream_tasks(), feed_tasks()) == ([], [])


async def test_a_subscription_that_is_never_read_leaves_nothing(hearers: Hearers) -> None:
    async with hearers.hearing():
        pass
    assert (stream_tasks(), feed_tasks(), len(hearers.pipeline.streams)) == ([], [], 0)


async def test_a_database_that_was_away_loses_nothing(
    hearers: Hearers, database: Database, viewer: Viewer, lead: str, monkeypatch: pytest.MonkeyPatch, caplog: Any
) -> None:
    async with hearers.hearing() as subscription:
        reading = asyncio.create_task(hear(subscription, 2))
        await until(lambda: bool(feed_tasks()))
        await tell(database, viewer, lead)
        with monkeypatch.context() as away:

            def fail(**_: Any) -> None:
                raise unavailable("away")

            away.setattr(database, "snapshot", fail)
            await tell(database, viewer, lead)
            await until(lambda: "event feed cannot read" in caplog.text)
        assert numbers(await reading) == [1, 2]


async def test_a_stream_that_breaks_tells_all_and_the_next_begins_anew(
    hearers: Hearers, database: Database, viewer: Viewer, lead: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with hearers.hearing() as one, hearers.hearing() as two:
        waiting = [asyncio.create_task(hear(each, 1)) for each in (one, two)]
        await until(lambda: bool(feed_tasks()))
        with monkeypatch.context() as broken:

            def bug(_: Any) -> None:
                raise ZeroDivisionError

            broken.setattr(pipelines, "execute_subscription_event", bug)
            await tell(database, viewer, lead)
            ended = await asyncio.gather(*waiting, return_exceptions=True)
        assert [type(each) for each in ended] == [Refused, Refused]
        async with hearers.hearing(after=place(0)) as anew:
            assert numbers(await hear(anew, 1)) == [1]
    assert (stream_tasks(), feed_tasks()) == ([], [])


async def test_what_goes_wrong_in_one_field_is_told_to_everybody_in_its_place(
    hearers: Hearers, database: Database, viewer: Viewer, lead: str
) -> None:
    query = 'subscription { events { sequence lead { id notes(after: "nonsense") { nodes { id } } } } }'
    async with hearers.hearing(query) as one, hearers.hearing(query) as two:
        waiting = [asyncio.create_task(hear(each, 2)) for each in (one, two)]
        await until(lambda: bool(feed_tasks()))
        await tell(database, viewer, lead, 2)
        for heard in await asyncio.gather(*waiting):
            for message in heard:
                answer = json.loads(message.body)
                assert answer["data"]["events"]["lead"] is None
                assert answer["errors"][0]["extensions"]["code"] == "INVALID"


async def refused_with(opening: Callable[[], Any]) -> dict[str, Any]:
    with pytest.raises(Refused) as refused:
        await opening()
    (error,) = rendered(refused.value.errors, "req_test", refused.value.code or None)
    extensions: dict[str, Any] = error["extensions"]
    return extensions


async def test_a_cursor_that_the_log_has_forgotten_is_answered_with_where_to_go_on(
    hearers: Hearers, database: Database, viewer: Viewer, organization: str, lead: str
) -> None:
    await tell(database, viewer, lead, 5)
    await forget(database, organization, 3)

    async def resume(sequence: int) -> list[int]:
        async with hearers.hearing(after=place(sequence)) as subscription:
            return numbers(await hear(subscription, 1))

    said = await refused_with(lambda: resume(2))
    assert said["code"] == "CURSOR_EXPIRED"
    assert (said["oldestCursor"], said["newestCursor"], said["resumeAfter"]) == (place(3), place(5), place(5))
    assert await resume(3) == [4]
    assert (await refused_with(lambda: resume(6)))["code"] == "INVALID"


async def test_a_log_that_is_cut_while_somebody_is_far_behind_is_told(
    hearers: Hearers, database: Database, viewer: Viewer, organization: str, lead: str
) -> None:
    await tell(database, viewer, lead, 450)
    async with hearers.hearing(after=place(0)) as subscription:
        assert numbers(await hear(subscription, 10)) == list(range(1, 11))
        await forget(database, organization, 440)

        async def rest() -> None:
            await hear(subscription, 1000)

        assert (await refused_with(rest))["code"] == "CURSOR_EXPIRED"


async def test_who_may_hear_of_compliance_alone_hears_of_nothing_else(
    hearers: Hearers, database: Database, viewer: Viewer, lead: str
) -> None:
    officer = replace(viewer, permissions=frozenset({Permission.READ_COMPLIANCE}))

    async def alert(unit: Any) -> dict[str, Any]:
        found = await unit.session.get_one(Lead, lead)
        unit.record(EventType.COMPLIANCE_ALERT, found, {"name": "alert"}, lead_id=lead)
        return {}

    query = "subscription { events { sequence type data lead { id } } }"
    async with hearers.hearing(query, officer) as subscription:
        reading = asyncio.create_task(hear(subscription, 1))
        await until(lambda: bool(feed_tasks()))
        await tell(database, viewer, lead, 2)
        await database.transact(viewer, alert)
        (message,) = await reading
    answer = json.loads(message.body)
    assert (answer["data"]["events"]["sequence"], answer["data"]["events"]["lead"]) == (3, None)
    assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"


async def test_nobody_without_a_right_to_anything_subscribes(hearers: Hearers, viewer: Viewer) -> None:
    async def open_it() -> None:
        async with hearers.hearing(viewer=replace(viewer, permissions=frozenset())):
            pytest.fail("it opened")

    with pytest.raises((Refused, DomainError)):
        await open_it()
