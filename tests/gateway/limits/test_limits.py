"""What clients may do in a time: as documented, all or nothing, in windows of the clock."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import DomainError
from domain.limits import DOCUMENTED, POINTS_PER_MINUTE, Allowance, LimitGroup, LimitWindow, Taken
from domain.quotas import TokenUsage
from domain.viewer import Dialect, Viewer
from gateway.database import Database
from gateway.graphql.points import Points
from gateway.limits.counters import Counters, MemoryCounters
from gateway.limits.limits import Limits
from tests.clocks import PRINTED, SetClock
from tests.factories.credentials import make_client
from tests.factories.limits import limits_of
from tests.factories.organizations import make_organization, store
from tests.gateway.limits.conftest import Client, redis_counters

CALLS, DOCUMENTS = LimitGroup.API_REQUESTS, LimitGroup.DOCUMENT_PROCESSING
ANALYSES, POINTS = LimitGroup.CAMPAIGN_ANALYSIS, LimitGroup.POINTS
MINUTE, HOUR, MONTH = LimitWindow.MINUTE, LimitWindow.HOUR, LimitWindow.MONTH
CALL = {CALLS: 1}
TIERS = [(dialect, tier) for dialect, tiers in DOCUMENTED.items() for tier in tiers]


@pytest.fixture
def limits(embedded: Database, counters: Counters) -> Limits:
    """The documented limits."""
    return limits_of(embedded, counters)


def used(taken: Taken) -> dict[tuple[LimitGroup, LimitWindow], int]:
    return {(each.allowance.group, each.allowance.window): each.used for each in taken.standings}


async def charge_until_refused(limits: Limits, viewer: Viewer, charges: Mapping[LimitGroup, int]) -> tuple[int, Taken]:
    for granted in range(100_000):
        taken = await limits.charge(viewer, charges)
        if taken.exhausted:
            return granted, taken
    raise AssertionError("nothing refused")


@pytest.mark.parametrize(("dialect", "tier"), TIERS)
async def test_every_tier_has_what_its_product_documents(
    embedded: Database, client: Client, dialect: Dialect, tier: str
) -> None:
    limits = limits_of(embedded, MemoryCounters(100))
    smallest = min(each.limit for each in DOCUMENTED[dialect][tier] if each.group is CALLS)

    granted, taken = await charge_until_refused(limits, client(dialect, tier), CALL)

    assert granted == smallest
    assert taken.exhausted
    assert (taken.exhausted.allowance.limit, taken.exhausted.remaining) == (smallest, 0)


async def test_what_was_not_done_is_given_back(limits: Limits, client: Client) -> None:
    viewer = client(Dialect.CLICKUP_BRAIN, "Standard")
    await limits.charge(viewer, {CALLS: 1, DOCUMENTS: 20})
    assert (await limits.charge(viewer, {CALLS: 1, DOCUMENTS: 1})).exhausted

    given = used(await limits.charge(viewer, {DOCUMENTS: -15}))

    assert given == {(DOCUMENTS, HOUR): 5, (DOCUMENTS, MINUTE): 5}
    again = used(await limits.charge(viewer, {CALLS: 1, DOCUMENTS: 15}))
    assert (again[CALLS, HOUR], again[DOCUMENTS, HOUR], again[DOCUMENTS, MINUTE]) == (2, 20, 20)
    assert set(used(await limits.charge(viewer, {DOCUMENTS: -99})).values()) == {0}


async def test_what_is_counted_at_once_is_counted_as_ever(embedded: Database, client: Client) -> None:
    limits, other = limits_of(embedded, MemoryCounters(100)), limits_of(embedded, MemoryCounters(100))
    viewer = client(Dialect.CRM_ULTRA, "Free")
    most = POINTS_PER_MINUTE["Free"]

    assert limits.charge_at_once(viewer, POINTS, 1) is None, "its window has not begun"
    for amount in (1, 7, most - 8):
        (asked,) = (await other.charge(viewer, {POINTS: amount})).standings
        at_once = limits.charge_at_once(viewer, POINTS, amount)
        assert (at_once or (await limits.charge(viewer, {POINTS: amount})).standings[0]) == asked
        assert (at_once is None) == (amount == 1)

    assert limits.charge_at_once(viewer, POINTS, 1) is None, "nothing is left"
    assert used(await limits.charge(viewer, {POINTS: 0})) == {(POINTS, MINUTE): most}


@pytest.mark.parametrize(("dialect", "tier"), [(Dialect.CLICKUP_BRAIN, "Standard"), (Dialect.COPYCAR, "Ultimate")])
async def test_of_several_windows_all_are_counted_at_once_or_none(
    embedded: Database, client: Client, dialect: Dialect, tier: str
) -> None:
    limits, other = limits_of(embedded, MemoryCounters(100)), limits_of(embedded, MemoryCounters(100))
    viewer = client(dialect, tier)
    smallest = min(each.limit for each in DOCUMENTED[dialect][tier] if each.group is CALLS)

    assert limits.charge_all_at_once(viewer, CALLS, 1) is None, "their windows have not begun"
    for each in (limits, other):
        await each.charge(viewer, CALL)
    assert limits.charge_all_at_once(viewer, CALLS, 0) is None, "it is not for looking"
    for amount in (1, smallest - 2):
        asked = await other.charge(viewer, {CALLS: amount})
        assert tuple(limits.charge_all_at_once(viewer, CALLS, amount) or ()) == asked.standings

    assert limits.charge_all_at_once(viewer, CALLS, 1) is None, "nothing is left"
    assert used(await limits.charge(viewer, {CALLS: 0})) == used(await other.charge(viewer, {CALLS: 0}))


@pytest.mark.parametrize("known", [True, False])
async def test_an_operation_is_paid_at_once_as_ever_or_not_at_all(
    embedded: Database, client: Client, known: bool
) -> None:
    points = Points(limits_of(embedded, points=dict.fromkeys(POINTS_PER_MINUTE, 10)), embedded.clock, 10)
    payer = (client(Dialect.CRM_ULTRA, "Free") if known else None, "192.0.2.1")

    assert points.spend_at_once(*payer, 3) is None, "its window has not begun"
    assert (await points.spend(*payer, 3)).remaining == 7
    at_once = points.spend_at_once(*payer, 0)
    assert at_once
    assert at_once.remaining == 6, "nothing is free of charge"
    assert points.spend_at_once(*payer, 7) is None, "it would be refused"
    assert await points.spend(*payer, 6) == at_once._replace(used=10)
    with pytest.raises(DomainError, match="0 of 10 are left"):
        await points.spend(*payer, 1)


@pytest.mark.redis
async def test_what_has_several_windows_or_is_counted_elsewhere_is_not_counted_at_once(
    embedded: Database, redis_url: str, client: Client
) -> None:
    limits, viewer = limits_of(embedded, MemoryCounters(100)), client(Dialect.CLICKUP_BRAIN, "Standard")
    before = await limits.charge(viewer, CALL)
    assert limits.charge_at_once(viewer, CALLS, 1) is None
    assert used(await limits.charge(viewer, {CALLS: 0})) == used(before)

    async with redis_counters(redis_url) as counters:
        shared = limits_of(embedded, counters)
        await shared.charge(viewer, {POINTS: 1})
        assert shared.charge_at_once(viewer, POINTS, 1) is None


async def test_only_the_windows_of_charged_groups_are_touched(limits: Limits, client: Client) -> None:
    viewer = client(Dialect.CLICKUP_BRAIN, "Standard")

    taken = await limits.charge(viewer, {CALLS: 1, DOCUMENTS: 5})

    assert used(taken) == {(CALLS, HOUR): 1, (CALLS, MINUTE): 1, (DOCUMENTS, HOUR): 5, (DOCUMENTS, MINUTE): 5}
    assert [each.resets_at - PRINTED for each in taken.standings] == [
        timedelta(minutes=30),
        timedelta(minutes=1),
        timedelta(minutes=30),
        timedelta(minutes=1),
    ]


async def test_a_charge_that_one_window_refuses_is_charged_nowhere(limits: Limits, client: Client) -> None:
    viewer = client(Dialect.CLICKUP_BRAIN, "Standard")
    await limits.charge(viewer, {CALLS: 1, DOCUMENTS: 15})

    refused = await limits.charge(viewer, {CALLS: 1, DOCUMENTS: 6})

    assert refused.exhausted
    assert refused.exhausted.allowance == Allowance(DOCUMENTS, MINUTE, 20)
    assert (refused.exhausted.used, refused.exhausted.remaining) == (15, 5)
    fitting = await limits.charge(viewer, {CALLS: 1, DOCUMENTS: 5})
    assert used(fitting) == {(CALLS, HOUR): 2, (CALLS, MINUTE): 2, (DOCUMENTS, HOUR): 20, (DOCUMENTS, MINUTE): 20}


async def test_a_charge_larger_than_its_window_never_fits(limits: Limits, client: Client) -> None:
    taken = await limits.charge(client(Dialect.CLICKUP_BRAIN, "Standard"), {CALLS: 1, ANALYSES: 51})

    assert taken.exhausted
    assert taken.exhausted.allowance == Allowance(ANALYSES, HOUR, 50)
    assert set(used(taken).values()) == {0}


async def test_of_several_that_refuse_the_one_that_resets_last_is_told(limits: Limits, client: Client) -> None:
    viewer = client(Dialect.CLICKUP_BRAIN, "Standard")

    both = await limits.charge(viewer, {CALLS: 1, DOCUMENTS: 101})
    tie = await limits.charge(viewer, {CALLS: 1_001, DOCUMENTS: 101})

    assert both.exhausted
    assert both.exhausted.allowance == Allowance(DOCUMENTS, HOUR, 100)
    assert tie.exhausted
    assert tie.exhausted.allowance == Allowance(CALLS, HOUR, 1_000)


async def test_a_window_rolls_over_at_the_exact_second(limits: Limits, client: Client, clock: SetClock) -> None:
    viewer = client(Dialect.CRM_ULTRA, "Free")
    clock.at = datetime(2024, 1, 15, 13, 58, 59, tzinfo=UTC)
    assert (await charge_until_refused(limits, viewer, CALL))[0] == 60

    clock.at = datetime(2024, 1, 15, 13, 59, 0, tzinfo=UTC)
    granted, refused = await charge_until_refused(limits, viewer, CALL)
    assert granted == 60
    assert refused.exhausted
    assert refused.exhausted.resets_at == datetime(2024, 1, 15, 14, 0, tzinfo=UTC)

    clock.advance(seconds=59)
    assert (await limits.charge(viewer, CALL)).exhausted
    clock.advance(seconds=1)
    taken = await limits.charge(viewer, CALL)
    assert used(taken) == {(CALLS, MINUTE): 1, (CALLS, HOUR): 1}


async def test_the_hour_refuses_what_every_minute_would_allow(limits: Limits, client: Client, clock: SetClock) -> None:
    viewer = client(Dialect.CRM_ULTRA, "Free")
    clock.at = datetime(2024, 1, 15, 13, 0, tzinfo=UTC)
    for _ in range(16):
        await limits.charge(viewer, {CALLS: 60})
        clock.advance(minutes=1)

    assert (await charge_until_refused(limits, viewer, {CALLS: 1}))[0] == 1_000 - 16 * 60
    clock.at = datetime(2024, 1, 15, 13, 59, 59, tzinfo=UTC)
    refused = (await limits.charge(viewer, CALL)).exhausted
    assert refused
    assert refused.allowance == Allowance(CALLS, HOUR, 1_000)
    clock.advance(seconds=1)
    assert not (await limits.charge(viewer, CALL)).exhausted


async def test_enterprise_has_no_hour_window(limits: Limits, client: Client) -> None:
    taken = await limits.charge(client(Dialect.CRM_ULTRA, "Enterprise"), CALL)

    assert used(taken) == {(CALLS, MINUTE): 1}


async def test_a_key_and_each_user_of_an_authorization_count_apart(limits: Limits, client: Client) -> None:
    key = client(Dialect.CRM_ULTRA, "Free")
    ann = client(Dialect.CRM_ULTRA, "Free", client_id=key.client_id, user_id="user_ann", grant_id="grant_1")
    bea = client(Dialect.CRM_ULTRA, "Free", client_id=key.client_id, user_id="user_bea", grant_id="grant_2")
    again = client(Dialect.CRM_ULTRA, "Free", client_id=key.client_id, user_id="user_ann", grant_id="grant_3")

    taken = [used(await limits.charge(who, CALL))[CALLS, MINUTE] for who in (key, ann, bea, again)]

    assert taken == [1, 1, 1, 2]


async def test_points_are_the_tiers_and_apart_from_calls(
    embedded: Database, counters: Counters, client: Client
) -> None:
    limits = limits_of(embedded, counters, points=POINTS_PER_MINUTE | {"Free": 70})
    viewer = client(None, "Free")

    first = await limits.charge(viewer, {POINTS: 50})
    refused = await limits.charge(viewer, {POINTS: 21})
    rest = await limits.charge(viewer, {POINTS: 20})

    assert used(first) == {(POINTS, MINUTE): 50}
    assert refused.exhausted
    assert refused.exhausted.allowance == Allowance(POINTS, MINUTE, 70)
    assert used(rest) == {(POINTS, MINUTE): 70}
    crm = client(Dialect.CRM_ULTRA, "Free")
    await limits.charge(crm, {POINTS: 70})
    assert not (await limits.charge(crm, CALL)).exhausted


async def test_what_no_allowance_is_for_is_not_limited(limits: Limits, client: Client) -> None:
    assert await limits.charge(client(None, "Free"), CALL) == Taken(())


async def test_a_factor_scales_what_is_documented_and_nothing_else(embedded: Database, client: Client) -> None:
    tenth = limits_of(embedded, factor=0.1)
    tiny = limits_of(embedded, factor=0.000_001)
    huge = limits_of(embedded, factor=1e9)

    assert (await charge_until_refused(tenth, client(Dialect.CRM_ULTRA, "Professional"), CALL))[0] == 100
    assert (await charge_until_refused(tiny, client(Dialect.COPYCAR, "Ultimate"), CALL))[0] == 1
    (hour,) = (await huge.charge(client(Dialect.COPYCAR, "Ultimate"), CALL)).standings
    assert hour.allowance.limit == 2**31 - 1
    (points,) = (await tiny.charge(client(None, "Free"), {POINTS: 1})).standings
    assert points.allowance.limit == POINTS_PER_MINUTE["Free"]


async def test_attempts_are_counted_under_any_name(limits: Limits, clock: SetClock, client: Client) -> None:
    allowance = Allowance(CALLS, MINUTE, 3)
    name = f"login:{client(None, 'Free').client_id}:{{}}\udc80{'x' * 100_000}"

    tries = [await limits.attempt(name, allowance) for _ in range(4)]

    assert [each.exhausted is None for each in tries] == [True, True, True, False]
    assert not (await limits.attempt(f"{name}!", allowance)).exhausted
    assert (await limits.attempt(name, Allowance(CALLS, HOUR, 10), 11)).exhausted
    clock.advance(minutes=1)
    assert not (await limits.attempt(name, allowance, 3)).exhausted
    assert (await limits.attempt(name, allowance)).exhausted


async def test_standings_tell_every_window_and_charge_nothing(limits: Limits, client: Client) -> None:
    viewer = client(Dialect.CLICKUP_BRAIN, "Standard")
    await limits.charge(viewer, {CALLS: 1, DOCUMENTS: 2})
    await limits.charge(viewer, {POINTS: 30})

    told = [await limits.standings(viewer) for _ in range(3)][-1]

    assert [each.allowance for each in told] == [
        *DOCUMENTED[Dialect.CLICKUP_BRAIN]["Standard"],
        Allowance(POINTS, MINUTE, POINTS_PER_MINUTE["Standard"]),
    ]
    assert [each.used for each in told] == [1, 1, 2, 2, 0, 0, 0, 30]


async def test_standings_know_the_tokens_of_the_month(embedded: Database, counters: Counters, clock: SetClock) -> None:
    organization = await make_organization(embedded)
    client_id = await make_client(embedded, organization, dialect=Dialect.COPYCAR, monthly_tokens=500)
    for month, tokens in (("2023-12", 400), ("2024-01", 20)):
        await store(embedded, TokenUsage(client_id=client_id, month=month, used=tokens))
    viewer = Viewer(organization, client_id, None, None, frozenset(), (), Dialect.COPYCAR, "Ultimate", "Test")
    limits = limits_of(embedded, counters)

    tokens = (await limits.standings(viewer))[-1]
    clock.at = datetime(2024, 2, 1, tzinfo=UTC)
    renewed = (await limits.standings(viewer))[-1]

    assert (tokens.allowance, tokens.used) == (Allowance(LimitGroup.TOKENS, MONTH, 500), 20)
    assert tokens.resets_at == datetime(2024, 2, 1, tzinfo=UTC)
    assert (renewed.used, renewed.resets_at) == (0, datetime(2024, 3, 1, tzinfo=UTC))


async def test_a_tier_the_product_does_not_know_counts_as_its_least(limits: Limits, client: Client) -> None:
    taken = await limits.charge(client(Dialect.CRM_ULTRA, "Platinum"), CALL)

    assert [each.allowance for each in taken.standings] == [*DOCUMENTED[Dialect.CRM_ULTRA]["Free"]]


async def test_of_two_hundred_at_once_a_hundred_pass(embedded: Database, counters: Counters, client: Client) -> None:
    limits, viewer = limits_of(embedded, counters, factor=0.1), client(Dialect.CRM_ULTRA, "Professional")

    taken = await asyncio.gather(*(limits.charge(viewer, CALL) for _ in range(200)))

    assert sum(each.exhausted is None for each in taken) == 100


@contextmanager
def at(clock: SetClock, moment: datetime) -> Iterator[None]:
    before, clock.at = clock.at, moment
    try:
        yield
    finally:
        clock.at = before


charges = st.dictionaries(st.sampled_from([CALLS, DOCUMENTS, ANALYSES, POINTS]), st.integers(0, 60), min_size=1)
steps = st.lists(st.tuples(st.integers(0, 1), charges, st.sampled_from([0, 0, 0, 7, 59, 61, 1800])), max_size=30)


@given(steps)
async def test_never_more_than_the_limit_in_a_window_and_a_refused_charge_leaves_no_trace(
    limits: Limits, client: Client, clock: SetClock, steps: list[tuple[int, dict[LimitGroup, int], int]]
) -> None:
    viewers = [client(Dialect.CLICKUP_BRAIN, "Standard"), client(Dialect.CLICKUP_BRAIN, "Standard")]
    allowances = [
        *DOCUMENTED[Dialect.CLICKUP_BRAIN]["Standard"],
        Allowance(POINTS, MINUTE, POINTS_PER_MINUTE["Standard"]),
    ]
    model: Counter[tuple[int, Allowance, datetime]] = Counter()
    with at(clock, PRINTED):
        for who, wanted, seconds in steps:
            clock.advance(seconds=seconds)
            parts = {
                (who, each, each.window.start(clock.now())): wanted[each.group]
                for each in allowances
                if each.group in wanted
            }
            fits = all(model[part] + amount <= part[1].limit for part, amount in parts.items())

            taken = await limits.charge(viewers[who], wanted)

            assert (taken.exhausted is None) == fits
            model.update(parts if fits else {})
            assert [each.used for each in taken.standings] == [model[part] for part in parts]
            assert all(each.used <= each.allowance.limit for each in taken.standings)


@given(st.lists(st.integers(1, 80), min_size=1, max_size=40))
async def test_at_the_same_time_as_much_passes_as_fits(limits: Limits, client: Client, amounts: list[int]) -> None:
    viewer = client(Dialect.CRM_ULTRA, "Free")

    taken = await asyncio.gather(*(limits.charge(viewer, {CALLS: amount}) for amount in amounts))

    granted = sum(amount for amount, each in zip(amounts, taken, strict=True) if not each.exhausted)
    assert granted <= 60
    assert used(await limits.charge(viewer, {CALLS: 0}))[CALLS, MINUTE] == granted
    refused = [amount for amount, each in zip(amounts, taken, strict=True) if each.exhausted]
    assert all(granted + amount > 60 for amount in refused)
