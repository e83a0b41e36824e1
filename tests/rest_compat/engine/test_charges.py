"""What a batch costs: every item singly, nothing when it is refused, a request when it could not be read."""

from __future__ import annotations

import pytest

from domain.limits import LimitGroup, LimitWindow
from rest_compat.engine.routes import Route
from tests.rest_compat.asgi import call, send_json
from tests.rest_compat.engine.test_drift import drift
from tests.rest_compat.library.dialect import SHELVE

CALLS, ITEMS = LimitGroup.API_REQUESTS, LimitGroup.DOCUMENT_PROCESSING
LOOK, ONE = {CALLS: 0, ITEMS: 0}, {CALLS: 1}
TWO = {"books": [{"full_title": "A", "number": 7}, {"fullTitle": "B", "number": "8"}]}


async def test_every_item_counts_singly(app, library, services):
    answer = await send_json(app, "POST", "/v9/books/batch", TWO)
    assert answer.json()["data"] == {"count": 2}
    assert library.seen == [{"books": [{"title": "A", "number": "7"}, {"title": "B", "number": "8"}]}]
    assert services.charges == [LOOK, {CALLS: 1, ITEMS: 2}]


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({}, "books"),
        ({"books": None}, "books"),
        ({"books": "x"}, "books"),
        ({"books": [{"full_title": 5}]}, "books.0.full_title"),
        ({"books": [{"full_title": "A"}, {}]}, "books.1.full_title"),
    ],
)
async def test_what_is_not_understood_has_cost_a_request(app, services, sent, field):
    answer = await send_json(app, "POST", "/v9/books/batch", sent)
    assert (answer.status, list(answer.json()["error"]["fields"])) == (400, [field])
    assert services.charges == [LOOK, ONE]


async def test_a_body_that_cannot_be_read_has_cost_a_request(app, services):
    headers = {"X-API-Key": "good", "Content-Type": "application/json"}
    assert (await call(app, "POST", "/v9/books/batch", body=b"{", headers=headers)).status == 400
    assert services.charges == [LOOK, ONE]


async def test_what_the_graph_refuses_gives_its_items_back(app, library, services):
    library.problems = [{"code": "INVALID", "message": "is too old", "field": "books.1.title"}]
    answer = await send_json(app, "POST", "/v9/books/batch", TWO)
    assert (answer.status, answer.json()["error"]["fields"]) == (400, {"books.1.fullTitle": "is too old"})
    assert services.charges == [LOOK, {CALLS: 1, ITEMS: 2}, {ITEMS: -2}]


async def test_a_full_window_refuses_before_the_body_is_read(app, services):
    services.state = services.state._replace(limit=10, remaining=0, retry_after=15)
    answer = await send_json(app, "POST", "/v9/books/batch", {"books": "unreadable"})
    assert (answer.status, answer.json()["error"]["code"]) == (429, "SLOW_DOWN")
    assert services.charges == [LOOK]


@pytest.mark.parametrize(
    ("limit", "code", "message"),
    [(2, "SLOW_DOWN", "Wait 15 s"), (1, "QUOTA_EXCEEDED", "The batch has 2 items, of which 1 are allowed a minute")],
)
async def test_a_batch_without_room_is_refused_whole(app, library, services, limit, code, message):
    open_, full = services.state, services.state._replace(limit=limit, remaining=1, retry_after=15)
    services.rate = _rate(services, open_, full._replace(window=LimitWindow.MINUTE))
    answer = await send_json(app, "POST", "/v9/books/batch", TWO)
    assert (answer.status, answer.json()["error"]["code"]) == (429, code)
    assert answer.json()["error"]["message"].startswith(message)
    assert library.seen == []
    assert services.charges == [LOOK, {CALLS: 1, ITEMS: 2}]


def _rate(services, *states):
    waiting = list(states)

    async def rate(viewer, charges):
        services.charges.append(charges)
        return waiting.pop(0)

    return rate


async def test_a_repeated_write_costs_a_request_and_no_items(app, services):
    for _ in range(2):
        assert (await send_json(app, "POST", "/v9/books/batch", TWO, idempotency_key="k")).status == 200
    assert services.charges == [LOOK, {CALLS: 1, ITEMS: 2}, LOOK, ONE]


def test_items_nobody_takes_stop_the_process():
    route = Route("POST", "/x", "ShelveBooks", SHELVE.answer, SHELVE.arguments, items="novels")
    assert "no argument takes the items" in drift(routes=(route,))
