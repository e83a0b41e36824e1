"""Quota Management, and the limits it tells of (CB-09, CB-10)."""

from __future__ import annotations

import pytest

from domain.limits import LimitGroup
from domain.viewer import Dialect
from rest_compat.clickup_brain.dialect import CLICKUP_BRAIN
from tests.factories.credentials import make_key, resolve
from tests.factories.limits import limits_of
from tests.rest_compat.asgi import call
from tests.rest_compat.clickup_brain.printed import example, fits, refused
from tests.rest_compat.doors import served
from tests.rest_compat.printed import same_form

HOUR = "2024-01-15T15:00:00Z"


async def quotas(app, key, path="/api/v1/quotas"):
    answer = await call(app, "GET", path, headers={"Authorization": f"Bearer {key}"})
    assert answer.status == 200, answer.body
    assert not [name for name in answer.headers if name.startswith("x-ratelimit")]
    fits("quotas", answer.json())
    return answer.json()


@pytest.mark.parametrize("path", ["/api/v1/quotas", "/v1/quotas"])
async def test_exactly_as_printed(app, key, path):
    answer = await quotas(app, key, path)
    same_form(example("quotas"), answer)
    assert answer == {
        "api_requests": {"limit": 1000, "used": 1, "remaining": 999, "reset_time": HOUR},
        "document_processing": {"limit": 100, "used": 0, "remaining": 100, "reset_time": HOUR},
    }


async def test_reading_is_a_request_and_the_hour_begins_anew(app, key, clock):
    for used in (1, 2, 3):
        assert (await quotas(app, key))["api_requests"]["used"] == used
    clock.advance(hours=1)
    assert (await quotas(app, key))["api_requests"] == {
        "limit": 1000,
        "used": 1,
        "remaining": 999,
        "reset_time": "2024-01-15T16:00:00Z",
    }


async def test_what_was_charged_elsewhere_is_told(database, key):
    limits = limits_of(database)
    viewer = await resolve(database, {"authorization": f"Bearer {key}"})
    await limits.charge(viewer, {LimitGroup.API_REQUESTS: 1, LimitGroup.DOCUMENT_PROCESSING: 15})
    answer = await quotas(served(CLICKUP_BRAIN, database, limits), key)
    assert answer["document_processing"] == {"limit": 100, "used": 15, "remaining": 85, "reset_time": HOUR}
    assert answer["api_requests"]["used"] == 2


async def test_the_burst_limit_refuses_with_its_own_numbers(database, key, organization):
    app = served(CLICKUP_BRAIN, database, limits_of(database, factor=0.05))
    for _ in range(10):
        assert (await call(app, "GET", "/v1/quotas", headers={"Authorization": f"Bearer {key}"})).status == 200
    answer = await call(app, "GET", "/v1/quotas", headers={"Authorization": f"Bearer {key}"})
    error = refused(answer, 429, "RATE_LIMIT_EXCEEDED")
    assert error["details"] == {"limit": 10, "used": 10, "reset_time": "2024-01-15T14:31:00Z"}
    assert answer.headers["retry-after"] == "60"
    other = await make_key(database, organization, dialect=Dialect.CLICKUP_BRAIN)
    assert (await quotas(app, other))["api_requests"]["used"] == 1


async def test_a_client_that_may_only_write_still_sees_its_quotas(app, database, organization, jane):
    key = await make_key(database, organization, user=jane, dialect=Dialect.CLICKUP_BRAIN, scopes=("write",))
    assert await quotas(app, key)
