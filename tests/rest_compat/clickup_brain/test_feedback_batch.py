"""Batch Feedback Processing: analysed at once, answered in the order of the request, all of it or none (CB-35)."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from sqlalchemy import func, select

from domain.feedback import Feedback
from domain.outside import Outside
from gateway.analyst import TextAnalyst
from gateway.database import Database
from rest_compat.clickup_brain.dialect import CLICKUP_BRAIN
from tests.factories.limits import limits_of
from tests.rest_compat.asgi import Answer, call
from tests.rest_compat.clickup_brain.printed import example, fits, refused
from tests.rest_compat.doors import served

_TEXTS = ("I love the new design!", "It crashes at every login.", "Please add a dark mode.", "Die App ist langsam.")


@pytest.fixture
def roomy(database: Database) -> Any:
    """The dialect where a batch of 500 fits into a minute."""
    database.outside = Outside(analyst=TextAnalyst())
    return served(CLICKUP_BRAIN, database, limits_of(database, factor=20))


async def send(app: Any, key: str, body: object) -> Answer:
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    return await call(app, "POST", "/api/v1/feedback/batch", body=json.dumps(body).encode(), headers=headers)


async def stored(database: Database, organization: str) -> int:
    count = select(func.count()).where(Feedback.organization_id == organization)
    return int((await database.rows(count))[0][0])


async def test_the_printed_request(roomy: Any, key: str) -> None:
    answer = await send(roomy, key, example("feedback_batch", "request"))
    assert answer.status == 200, answer.body
    fits("feedback_batch", answer.json())
    first, second = answer.json()["results"]
    assert (first["status"], first["analysis"]["sentiment"]) == ("processed", "positive")
    assert answer.json()["total_count"] == 2
    assert first["feedback_id"] != second["feedback_id"]


async def test_five_hundred_at_once_in_their_order(roomy: Any, key: str, database: Database, organization: str) -> None:
    items = [
        {"source": "surveys", "content": f"{_TEXTS[n % 4]} ({n})", "user_id": n, "metadata": {"rating": 1 + n % 5}}
        for n in range(500)
    ]
    await send(roomy, key, {"feedback_items": items[:1]})
    began = time.perf_counter()
    answer = await send(roomy, key, {"feedback_items": items})
    seconds = time.perf_counter() - began
    assert answer.status == 200, answer.body
    told = answer.json()
    fits("feedback_batch", told)
    ids = [each["feedback_id"] for each in told["results"]]
    rows = await database.rows(select(Feedback.id, Feedback.content).where(Feedback.id.in_(ids)))
    contents = {row.id: row.content for row in rows}
    assert [contents[each] for each in ids] == [each["content"] for each in items]
    assert await stored(database, organization) == 501
    # Two seconds are aimed at; a machine that is shared may take longer.
    assert seconds < 10, seconds


async def test_one_piece_that_cannot_be_taken_refuses_all_and_every_problem_is_named(
    roomy: Any, key: str, database: Database, organization: str
) -> None:
    items = [
        {"source": "app_store", "content": "Fine."},
        {"source": "app_store", "content": "  "},
        {"source": "app_store", "content": "Fine.", "metadata": {"rating": 9}},
    ]
    error = refused(await send(roomy, key, {"feedback_items": items}), 400, "BAD_REQUEST")
    assert set(error["details"]) == {"feedback_items.1.content", "feedback_items.2.metadata.rating"}
    wrong = [{"source": "fax", "content": 5}, {"content": "x"}]
    error = refused(await send(roomy, key, {"feedback_items": wrong}), 400, "BAD_REQUEST")
    assert set(error["details"]) == {f"feedback_items.{name}" for name in ("0.source", "0.content", "1.source")}
    for empty in ({}, {"feedback_items": []}):
        assert set(refused(await send(roomy, key, empty), 400, "BAD_REQUEST")["details"]) == {"feedback_items"}
    assert await stored(database, organization) == 0


async def test_items_count_singly_and_what_is_refused_costs_none(database: Database, key: str, roomy: Any) -> None:
    app = served(CLICKUP_BRAIN, database, limits_of(database))
    item = {"source": "app_store", "content": "Fine."}
    error = refused(await send(app, key, {"feedback_items": [item] * 101}), 429, "RATE_LIMIT_EXCEEDED")
    assert "101 items, of which 100 are allowed a minute" in error["message"]
    refused(await send(app, key, {"feedback_items": [item] * 99 + [{**item, "content": ""}]}), 400, "BAD_REQUEST")
    assert (await send(app, key, {"feedback_items": [item] * 60})).status == 200
    error = refused(await send(app, key, {"feedback_items": [item] * 41}), 429, "RATE_LIMIT_EXCEEDED")
    assert error["details"]["used"] == 60
    assert (await send(app, key, {"feedback_items": [item] * 40})).status == 200
