"""Feedback as documented: the printed requests literally, their answers in the printed form."""

from __future__ import annotations

import json
from urllib.parse import quote

import pytest
from sqlalchemy import select

from domain.feedback import Feedback
from domain.viewer import Dialect
from rest_compat.clickup_brain.dialect import CLICKUP_BRAIN
from tests.factories.credentials import make_key
from tests.factories.feedback import hire
from tests.factories.limits import limits_of
from tests.rest_compat.asgi import call
from tests.rest_compat.clickup_brain.printed import example, fits, refused
from tests.rest_compat.doors import served
from tests.rest_compat.printed import same_form

EMPTY_SHARES = {"high": 0, "medium": 0, "low": 0}


@pytest.fixture
def ask(app, key, database):
    """Send a request as JSON; the answer."""
    hire(database)

    async def asked(method, path, body=None, base="/api/v1"):
        headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        sent = b"" if body is None else json.dumps(body).encode()
        return await call(app, method, f"{base}{path}", body=sent, headers=headers)

    return asked


@pytest.mark.parametrize("base", ["/api/v1", "/v1"])
async def test_collection_as_printed(ask, base):
    answer = await ask("POST", "/feedback/collect", example("feedback_collect", "request"), base)
    assert answer.status == 200, answer.body
    fits("feedback_collect", answer.json())
    same_form(example("feedback_collect"), answer.json())
    assert answer.json()["analysis"] | {"entities": []} == {
        "sentiment": "positive",
        "sentiment_score": 0.9,
        "category": "feature_request",
        "priority": "medium",
        "themes": ["dark_mode"],
        "entities": [],
    }


async def test_what_zendesk_sends(ask, database):
    sent = example("feedback_collect", "request.sdk_zendesk")
    sent |= {"content": "It needs dark mode", "userId": 4711, "metadata": {"ticket_id": 35436, "priority": "high"}}
    answer = await ask("POST", "/feedback/collect", sent)
    assert answer.status == 200, answer.body
    fits("feedback_collect", answer.json())
    kept = select(Feedback.details, Feedback.source).where(Feedback.id == answer.json()["feedback_id"])
    assert tuple((await database.rows(kept))[0]) == ({"ticket_id": 35436, "priority": "high"}, "SUPPORT")
    predicted = (await ask("POST", "/feedback/churn/predict", {"user_id": 4711})).json()
    assert predicted["user_id"] == "4711"


async def test_the_event_tells_the_answer(ask, graph):
    answer = await ask("POST", "/feedback/collect", {"source": "surveys", "content": "crash"})
    (event,) = (await graph.data("{ events { nodes { type data } } }"))["events"]["nodes"]
    assert (event["type"], event["data"]) == ("FEEDBACK_ANALYZED", answer.json())
    fits(
        "webhooks/feedback.analysis",
        {"event": "feedback.analysis", "timestamp": "2024-01-15T14:30:00Z", "data": event["data"]},
    )


async def test_what_is_wrong_is_named(ask):
    for change, field in (
        ({"source": "email"}, "source"),
        ({"source": None}, "source"),
        ({"content": ""}, "content"),
        ({"metadata": {"rating": 6}}, "metadata.rating"),
        ({"metadata": {"rating": "4"}}, "metadata.rating"),
        ({"metadata": []}, "metadata"),
        ({"user_id": {"id": 1}}, "user_id"),
    ):
        answer = await ask("POST", "/feedback/collect", example("feedback_collect", "request") | change)
        assert list(refused(answer, 400, "BAD_REQUEST")["details"]) == [field], change


async def test_items_are_counted(database, key, ask):
    app = served(CLICKUP_BRAIN, database, limits_of(database, factor=0.02))
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    body = json.dumps({"source": "social", "content": "Great"}).encode()
    statuses = [(await call(app, "POST", "/v1/feedback/collect", body=body, headers=headers)).status for _ in range(3)]
    assert statuses == [200, 200, 429]


async def fill(ask):
    for source, content, times in (
        ("app_store", "Great", 3),
        ("support_tickets", "crash at login", 2),
        ("support", "crash now", 1),
        ("survey", "It needs dark mode", 1),
        ("social", "hate it", 2),
    ):
        for _ in range(times):
            assert (await ask("POST", "/feedback/collect", {"source": source, "content": content})).status == 200


async def test_analysis_as_printed(ask):
    await fill(ask)
    answer = await ask("GET", "/feedback/analysis", example("feedback_analysis", "request"))
    assert answer.status == 200, answer.body
    fits("feedback_analysis", answer.json())
    same_form(
        example("feedback_analysis"),
        answer.json() | {"category_analysis": example("feedback_analysis")["category_analysis"]},
    )
    assert answer.json() == {
        "analysis_summary": {
            "total_feedback": 7,
            "sentiment_distribution": {"positive": 0.4286, "neutral": 0.1428, "negative": 0.4286},
            "top_themes": [
                {"theme": "crash", "count": 3, "sentiment": 0.1},
                {"theme": "login", "count": 2, "sentiment": 0.1},
                {"theme": "dark_mode", "count": 1, "sentiment": 0.5},
            ],
            "priority_distribution": {"high": 0.4286, "medium": 0.1428, "low": 0.4286},
        },
        "category_analysis": {
            "bug_reports": {"count": 3, "avg_priority": "high", "top_issues": ["crash", "login"]},
            "feature_requests": {"count": 1, "avg_priority": "medium", "top_requests": ["dark_mode"]},
            "general_feedback": {"count": 3, "avg_sentiment": 0.9, "top_themes": []},
        },
    }
    query = "?date_range[start]=2024-01-01&date_range[end]=2024-01-31&sources=app_store,support_tickets,surveys"
    same = await ask("GET", f"/feedback/analysis{quote(query, safe='?&=,')}", base="/v1")
    assert same.json() == answer.json()
    everything = (await ask("GET", "/feedback/analysis")).json()["analysis_summary"]
    assert everything["total_feedback"] == 9
    assert sum(everything["sentiment_distribution"].values()) == pytest.approx(1)


async def test_nothing_to_analyse_has_every_key(ask):
    sent = {"date_range": {"start": "2020-01-01", "end": "2020-01-02"}, "sources": ["social"]}
    answer = (await ask("GET", "/feedback/analysis", sent)).json()
    fits("feedback_analysis", answer)
    assert answer["analysis_summary"]["priority_distribution"] == EMPTY_SHARES
    assert answer["category_analysis"] == {
        "bug_reports": {"count": 0, "avg_priority": "low", "top_issues": []},
        "feature_requests": {"count": 0, "avg_priority": "low", "top_requests": []},
        "general_feedback": {"count": 0, "avg_sentiment": 0.5, "top_themes": []},
    }


async def test_other_analyses_are_refused(ask):
    for sent, field in (
        ({"group_by": "source"}, "group_by"),
        ({"sources": ["email"]}, "sources"),
        ({"date_range": {"start": "soon"}}, "date_range.start"),
    ):
        assert list(refused(await ask("GET", "/feedback/analysis", sent), 400, "BAD_REQUEST")["details"]) == [field]


async def test_churn_as_printed_whenever_it_is_asked(ask, clock):
    for days in (0, 45, 1000):
        clock.advance(days=days)
        await predict_as_printed(ask)


async def predict_as_printed(ask):
    answer = await ask("POST", "/feedback/churn/predict", example("feedback_churn_predict", "request"))
    assert answer.status == 200, answer.body
    told = answer.json()
    fits("feedback_churn_predict", told)
    same_form(example("feedback_churn_predict"), told)
    assert told["risk_level"] == "high"
    assert {each["factor"] for each in told["risk_factors"]} == {
        "low_feature_usage",
        "negative_feedback",
        "inactive_period",
    }
    assert sum(each["impact"] for each in told["risk_factors"]) == pytest.approx(told["churn_probability"], abs=1e-9)
    assert {"personalized_onboarding", "proactive_support"} <= {each["action"] for each in told["recommendations"]}
    again = await ask("POST", "/feedback/churn/predict", {"user_id": "user_123"})
    assert again.json() == told


async def test_churn_of_nobody_known(ask):
    for sent in ({"user_id": "user_unknown"}, {"user_id": "user_unknown", "user_data": {}}):
        refused(await ask("POST", "/feedback/churn/predict", sent), 404, "NOT_FOUND")
    wrong = {"feature_usage": {"core_features": 1.5}, "feedback_history": {"total_feedback": -1}}
    sent = {"user_id": "u", "user_data": wrong}
    error = refused(await ask("POST", "/feedback/churn/predict", sent), 400, "BAD_REQUEST")
    assert set(error["details"]) == {
        "user_data.feature_usage.core_features",
        "user_data.feedback_history.total_feedback",
    }


async def test_scopes_and_others_users(ask, app, database, organization, jane):
    reader = await make_key(database, organization, user=jane, dialect=Dialect.CLICKUP_BRAIN, scopes=("read",))
    headers = {"Authorization": f"Bearer {reader}", "Content-Type": "application/json"}
    body = json.dumps(example("feedback_churn_predict", "request")).encode()
    refused(await call(app, "POST", "/v1/feedback/churn/predict", body=body, headers=headers), 403, "FORBIDDEN")
    assert (await call(app, "GET", "/v1/feedback/analysis", headers=headers)).status == 200
