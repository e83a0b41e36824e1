"""Open streams are looked at again when access changes, and end unless they may go on as they are."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta

import pytest

from domain.errors import Code, refuse, unauthenticated, unavailable
from domain.permissions import Permission
from domain.viewer import Viewer
from gateway.calls import CallRecord, Holder, recognised, serving
from gateway.guard import Ending, Guard, Lease, Reason
from tests.clocks import PRINTED, SetClock

ANN = Viewer(
    organization_id="org_1",
    client_id="client_1",
    user_id="user_1",
    team_id="team_1",
    permissions=frozenset({Permission.READ_LEADS}),
    scopes=("read",),
    dialect=None,
    tier="Free",
    name="Ann",
    credential_id="key_1",
    grant_id="grant_1",
)


class Stream:
    """An open stream: whom its credentials stand for next time, and how it ended."""

    def __init__(self, viewer: Viewer = ANN) -> None:
        self.now: Viewer | Exception | None = viewer
        self.looked = asyncio.Event()
        self.ended: asyncio.Future[Ending] = asyncio.get_running_loop().create_future()
        self.lease = Lease(viewer, self.again, self.ended.set_result, "req_1")

    async def again(self) -> Viewer | None:
        self.looked.set()
        if isinstance(self.now, Exception):
            raise self.now
        return self.now

    async def ending(self) -> Ending:
        async with asyncio.timeout(5):
            return await self.ended


@pytest.fixture
def clock() -> SetClock:
    return SetClock(PRINTED)


@pytest.fixture
def guard(clock: SetClock) -> Guard:
    return Guard(clock)


@pytest.mark.parametrize("subject", sorted(ANN.subjects))
async def test_a_stream_ends_when_its_credential_is_refused(guard: Guard, subject: str) -> None:
    stream, other = Stream(), Stream(replace(ANN, client_id="client_2", user_id=None, credential_id="key_2"))
    other.lease.viewer = replace(other.lease.viewer, organization_id="org_2", grant_id=None)
    stream.now = unauthenticated("API key is invalid or expired.")
    with guard.holding(stream.lease, guard.changes), guard.holding(other.lease, guard.changes):
        guard.heard(frozenset({subject, "somebody else"}))
        ending = await stream.ending()
    assert ending == Ending(Reason.REFUSED, "UNAUTHENTICATED", "API key is invalid or expired.")
    assert not other.looked.is_set()


@pytest.mark.parametrize(
    "changed",
    [
        {"permissions": frozenset({Permission.READ_LEADS, Permission.WRITE_LEADS})},
        {"permissions": frozenset()},
        {"organization_id": "org_2"},
        {"user_id": "user_2"},
        {"user_id": None},
        {"team_id": "team_2"},
    ],
)
async def test_a_stream_ends_when_it_may_something_else(guard: Guard, changed: dict[str, object]) -> None:
    stream = Stream()
    stream.now = replace(ANN, **changed)  # type: ignore[arg-type]
    with guard.holding(stream.lease, guard.changes):
        guard.heard(frozenset({"user_1"}))
        assert (await stream.ending()).reason is Reason.CHANGED


async def test_a_stream_goes_on_when_its_rights_stay(guard: Guard) -> None:
    stream = Stream()
    stream.now = replace(ANN, name="Renamed", tier="Enterprise")
    with guard.holding(stream.lease, guard.changes):
        guard.heard(frozenset({"client_1"}))
        await stream.looked.wait()
        # What was learned comes back by tasks of its own.
        for _ in range(5):
            await asyncio.sleep(0)
        assert stream.lease.viewer.tier == "Enterprise"
        assert not stream.ended.done()
        stream.now = unauthenticated()
        guard.heard(frozenset({"client_1"}))
        assert (await stream.ending()).reason is Reason.REFUSED


@pytest.mark.parametrize("trouble", [unavailable("The database is busy."), RuntimeError("a bug"), None])
async def test_a_stream_ends_when_nobody_can_tell(guard: Guard, trouble: Exception | None) -> None:
    stream = Stream()
    stream.now = trouble
    with guard.holding(stream.lease, guard.changes):
        guard.heard(frozenset({"client_1"}))
        assert (await stream.ending()).reason is Reason.UNSURE


async def test_a_look_that_takes_too_long_ends_the_stream_within_a_second(guard: Guard) -> None:
    stream, never = Stream(), asyncio.Event()

    async def stuck() -> Viewer | None:
        await never.wait()
        return ANN

    stream.lease.again = stuck
    with guard.holding(stream.lease, guard.changes):
        guard.heard(frozenset({"client_1"}))
        async with asyncio.timeout(1):
            assert (await stream.ended).reason is Reason.UNSURE


async def test_an_address_that_is_allowed_no_more_ends_the_stream(guard: Guard) -> None:
    stream = Stream()
    stream.now = refuse(Code.ADDRESS_NOT_ALLOWED, "Not from here.")
    with guard.holding(stream.lease, guard.changes):
        guard.heard(frozenset({"client_1"}))
        assert await stream.ending() == Ending(Reason.REFUSED, "ADDRESS_NOT_ALLOWED", "Not from here.")


async def test_not_knowing_what_changed_doubts_everybody(guard: Guard) -> None:
    streams = [Stream(replace(ANN, client_id=f"client_{number}")) for number in range(50)]
    with ExitStack() as held:
        for stream in streams:
            held.enter_context(guard.holding(stream.lease, guard.changes))
            stream.now = unauthenticated()
        guard.heard(None)
        assert {(await stream.ending()).reason for stream in streams} == {Reason.REFUSED}


async def test_a_change_while_a_stream_was_being_opened_is_not_missed(guard: Guard) -> None:
    stream, since = Stream(), guard.changes
    stream.now = unauthenticated()
    guard.heard(frozenset({"client_1"}))
    with guard.holding(stream.lease, since):
        assert (await stream.ending()).reason is Reason.REFUSED


async def test_a_change_during_a_look_makes_it_look_again(guard: Guard) -> None:
    stream, go_on = Stream(), asyncio.Event()

    async def slow() -> Viewer | None:
        if not stream.looked.is_set():
            stream.looked.set()
            await go_on.wait()
            return ANN
        raise unauthenticated()

    stream.lease.again = slow
    with guard.holding(stream.lease, guard.changes):
        guard.heard(frozenset({"client_1"}))
        await stream.looked.wait()
        guard.heard(frozenset({"client_1"}))
        go_on.set()
        assert (await stream.ending()).reason is Reason.REFUSED


async def test_a_stream_ends_with_its_credential_by_the_clock(guard: Guard, clock: SetClock) -> None:
    stream = Stream(replace(ANN, expires_at=clock.at + timedelta(seconds=1)))
    stream.now = unauthenticated()
    with guard.holding(stream.lease, guard.changes):
        await asyncio.sleep(0.1)
        assert not stream.looked.is_set()
        clock.advance(seconds=1)
        assert (await stream.ending()).reason is Reason.REFUSED


async def test_a_credential_that_ran_out_is_refused_though_nobody_can_tell(guard: Guard, clock: SetClock) -> None:
    stream = Stream(replace(ANN, expires_at=clock.at + timedelta(seconds=1)))
    stream.now = unavailable("The database is busy.")
    with guard.holding(stream.lease, guard.changes):
        clock.advance(seconds=1)
        ending = await stream.ending()
    assert ending == Ending(Reason.REFUSED, "UNAUTHENTICATED", "The credential has expired.")


async def test_a_distant_end_is_no_trouble(guard: Guard, clock: SetClock) -> None:
    stream = Stream(replace(ANN, expires_at=clock.at.replace(year=9999)))
    with guard.holding(stream.lease, guard.changes):
        assert stream.lease.timer is not None
        assert not stream.lease.timer.cancelled()
    assert stream.lease.timer.cancelled()


async def test_what_is_closed_is_forgotten(guard: Guard) -> None:
    stream = Stream()
    stream.now = unauthenticated()
    with guard.holding(stream.lease, guard.changes):
        guard.heard(frozenset({"client_1"}))
    guard.heard(None)
    await asyncio.sleep(0)
    await guard.stop()
    assert not stream.ended.done()
    assert guard._held == {}
    assert guard._doubtful == {}


async def test_looking_again_is_no_part_of_the_call_that_changed_access(guard: Guard) -> None:
    stream, call = Stream(), CallRecord("req_admin")

    async def again() -> Viewer | None:
        recognised(Holder.of(ANN))
        raise unauthenticated()

    stream.lease.again = again
    with guard.holding(stream.lease, guard.changes), serving(call):
        guard.heard(frozenset({"client_1"}))
        await stream.ending()
    assert call.holder is None
