"""CRM-Ultra's limits as documented: four headers, the 429 of its own form, counted before the work."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import pytest

from gateway.database import Database
from rest_compat.crm_ultra.dialect import CRM_ULTRA
from rest_compat.engine.app import DialectApp
from tests.clocks import PRINTED, SetClock
from tests.factories.credentials import make_client, make_credential, make_key
from tests.factories.limits import limits_of
from tests.rest_compat.asgi import Answer, call
from tests.rest_compat.crm_ultra.printed import fits
from tests.rest_compat.doors import served

RATE = ("x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset", "x-ratelimit-retry-after")
MINUTE = timedelta(minutes=1)

KeyOfTier = Callable[[str], Awaitable[str]]


@pytest.fixture
def key_of_tier(database: Database, organization: str, jane: str) -> KeyOfTier:
    """Makes a key of Jane's in a tier."""

    async def make(tier: str) -> str:
        return await make_key(database, organization, user=jane, tier=tier)

    return make


async def ask(app: DialectApp, key: str, method: str = "GET", target: str = "/v1/users/me") -> Answer:
    return await call(app, method, target, headers={"X-API-Key": key})


def rate(answer: Answer) -> list[int]:
    return [int(answer.headers[name]) for name in RATE]


def epoch(moment: datetime) -> int:
    return int(moment.timestamp())


@pytest.mark.parametrize(
    ("tier", "limit"), [("Free", 60), ("Basic", 300), ("Professional", 1000), ("Enterprise", 5000)]
)
async def test_the_headers_count_down_in_the_minute_of_the_tier(app, key_of_tier, tier, limit):
    key = await key_of_tier(tier)

    answers = [await ask(app, key) for _ in range(3)]

    assert [rate(each) for each in answers] == [[limit, limit - n, epoch(PRINTED + MINUTE), 0] for n in (1, 2, 3)]
    assert all("retry-after" not in each.headers for each in answers)


async def test_past_the_minute_the_printed_429_until_the_next_one(app, key_of_tier, clock: SetClock):
    key = await key_of_tier("Free")
    clock.at = PRINTED + timedelta(seconds=45)
    allowed = [await ask(app, key) for _ in range(60)]
    refused = await ask(app, key)

    assert {each.status for each in allowed} == {200}
    assert rate(allowed[-1]) == [60, 0, epoch(PRINTED + MINUTE), 0]
    assert refused.status == 429
    fits("error_rate_limited", refused.json())
    assert refused.json() == {
        "error": {
            "code": "rate_limit_exceeded",
            "message": "API rate limit exceeded. Try again in 15 seconds.",
            "retry_after": 15,
        }
    }
    assert rate(refused) == [60, 0, epoch(PRINTED + MINUTE), 15]
    assert refused.headers["retry-after"] == "15"
    assert refused.headers["x-request-id"].startswith("req_")

    clock.at = PRINTED + timedelta(seconds=59)
    last = await ask(app, key)
    assert (last.status, last.headers["retry-after"], rate(last)[3]) == (429, "1", 1)
    clock.at = PRINTED + MINUTE
    again = await ask(app, key)
    assert (again.status, rate(again)) == (200, [60, 59, epoch(PRINTED + 2 * MINUTE), 0])


async def test_the_headers_tell_the_hour_once_it_is_the_exhausted_one(database, key_of_tier, clock: SetClock):
    # A tenth of the limits: 6 a minute and 100 an hour.
    app = served(CRM_ULTRA, database, limits_of(database, factor=0.1))
    key = await key_of_tier("Free")
    clock.at = datetime(2024, 1, 15, 13, 0, tzinfo=UTC)
    for _ in range(16):
        for _ in range(6):
            assert (await ask(app, key)).status == 200
        clock.advance(minutes=1)
    end = epoch(datetime(2024, 1, 15, 14, 0, tzinfo=UTC))

    answers = [await ask(app, key) for _ in range(5)]

    assert {each.status for each in answers[:4]} == {200}
    # A minute with room says so, until nothing of the hour is left.
    assert rate(answers[2]) == [6, 3, epoch(clock.at + MINUTE), 0]
    assert rate(answers[3]) == [100, 0, end, 0]
    assert answers[4].status == 429
    assert rate(answers[4]) == [100, 0, end, 44 * 60]
    assert answers[4].json()["error"]["retry_after"] == 44 * 60 == int(answers[4].headers["retry-after"])
    clock.at = datetime(2024, 1, 15, 14, 0, tzinfo=UTC)
    assert rate(await ask(app, key)) == [6, 5, epoch(clock.at + MINUTE), 0]


async def test_enterprise_goes_on_where_an_hour_would_have_ended(database, key_of_tier, clock: SetClock):
    # A thousandth of the limits: 1 a minute and 50 an hour for Professional, 5 a minute for Enterprise.
    app = served(CRM_ULTRA, database, limits_of(database, factor=0.001))
    enterprise, professional = await key_of_tier("Enterprise"), await key_of_tier("Professional")
    clock.at = datetime(2024, 1, 15, 13, 0, tzinfo=UTC)
    statuses: dict[str, list[int]] = {enterprise: [], professional: []}
    for _ in range(55):
        for key, kept in statuses.items():
            kept.append((await ask(app, key)).status)
        clock.advance(minutes=1)

    assert set(statuses[enterprise]) == {200}
    assert statuses[professional] == [200] * 50 + [429] * 5


async def test_every_answer_to_a_known_credential_counts_and_no_other(app, key_of_tier):
    key = await key_of_tier("Free")
    for target in ("/v1/leads/nothing", "/v1/nowhere", "/v1/leads?status="):
        await ask(app, key, target=target)
    await ask(app, key, "PATCH", "/v1/leads")
    stranger = await ask(app, "not-a-key")

    assert stranger.status == 401
    assert not set(RATE) & set(stranger.headers)
    assert rate(await ask(app, key))[1] == 60 - 5


async def test_what_is_refused_is_refused_before_its_body_is_read_and_does_nothing(database, key_of_tier):
    app = served(CRM_ULTRA, database, limits_of(database, factor=0.001))
    key = await key_of_tier("Professional")
    assert (await ask(app, key)).status == 200
    headers = {"X-API-Key": key, "Content-Type": "application/json", "Content-Length": "5000000"}

    refused = await call(app, "POST", "/v1/leads", body=b"{", headers=headers, stalls=True)

    assert refused.status == 429


async def test_two_keys_of_a_client_share_its_limit(app, database, organization, jane):
    client = await make_client(database, organization, user=jane, tier="Free")
    keys = [await make_credential(database, organization, client) for _ in range(2)]

    assert [rate(await ask(app, key))[1] for key in (*keys, *keys)] == [59, 58, 57, 56]
