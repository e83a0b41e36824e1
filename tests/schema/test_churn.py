"""End users and their outcomes through the graph, and models learnt from those."""

from __future__ import annotations

from datetime import timedelta
from random import Random
from typing import Any

import pytest

from domain.viewer import Viewer
from gateway.churn_models import ChurnModels
from gateway.database import Database
from gateway.settings_feedback import FeedbackSettings
from resolvers import churn_models
from tests.clocks import SetClock
from tests.factories.feedback import end_user_row, feedback_row, hire
from tests.factories.leads import make_contact, make_lead
from tests.factories.organizations import store
from tests.graphs import Graph

PREDICT = """mutation ($i: UpsertEndUserInput!) { predictChurn(input: $i) { churn { probability low high basis riskLevel
  riskFactors { factor impact description } recommendations { kind description expectedImpact factor } inputs
  model { labels auc priorAuc calibrationError } endUser { externalId churn { probability } } }
  errors { code field } } }"""


async def predict(graph: Graph, **fields: Any) -> Any:
    answer = (await graph.data(PREDICT, i=fields))["predictChurn"]
    assert answer["errors"] == []
    return answer["churn"]


async def test_what_is_sent_is_kept_and_what_is_not_is_counted(
    graph: Graph, database: Database, organization: str, clock: SetClock
) -> None:
    at = clock.now()
    user = end_user_row(organization, at, external_id="u1")
    pieces = [feedback_row(organization, at, end_user_id=user.id, sentiment="NEGATIVE", sentiment_score=0.1)]
    pieces += [feedback_row(organization, at - timedelta(days=200), end_user_id=user.id, sentiment_score=0.9)]
    await store(database, user, *pieces)
    found = await predict(graph, userId="u1")
    counted = {"total_feedback": 2, "negative_feedback": 1, "recent_sentiment": 0.1}
    assert {name: found["inputs"][name] for name in counted} == counted
    sent = await predict(graph, userId="u1", lastLogin="2024-01-10T23:00:00-05:00", totalFeedback=9, negativeFeedback=0)
    assert (sent["inputs"]["last_login"], sent["inputs"]["total_feedback"]) == ("2024-01-11", 9)
    assert (await predict(graph, userId="u1"))["inputs"] == sent["inputs"]
    assert (await predict(graph, userId="u1", totalFeedback=None))["inputs"]["total_feedback"] == 2
    refused = (await graph.data(PREDICT, i={"userId": "u1", "totalFeedback": 1, "negativeFeedback": 2}))["predictChurn"]
    assert refused == {"churn": None, "errors": [{"code": "INVALID", "field": "totalFeedback"}]}
    # What was said earlier and does not go with it is no reason to refuse what is said now.
    await predict(graph, userId="u1", positiveFeedback=100)
    later = (await predict(graph, userId="u1", totalFeedback=5, negativeFeedback=2))["inputs"]
    assert (later["total_feedback"], later["negative_feedback"]) == (5, 2)
    unknown = (await graph.data(PREDICT, i={"userId": "nobody"}))["predictChurn"]
    assert unknown["errors"] == [{"code": "NOT_FOUND", "field": "userId"}]


async def test_end_users_are_sorted_by_churn_and_found_from_their_lead(
    graph: Graph, database: Database, organization: str
) -> None:
    contact = await make_contact(database, organization, email="ann@example.com")
    lead = await make_lead(database, organization, email="ann@example.com", contact_id=contact)
    await predict(graph, userId="ann@example.com", coreFeatures=0.1, advancedFeatures=0.0)
    await predict(graph, userId="keen", coreFeatures=1, advancedFeatures=1, lastLogin="2024-01-15")
    await graph.data('mutation { upsertEndUser(input: {userId: "new", supportUsage: 0.2}) { errors { code } } }')
    query = """query ($w: EndUserFilter) { endUsers(where: $w, sort: {field: CHURN}) {
      nodes { externalId churn { riskLevel } } } }"""

    async def found(**where: Any) -> list[str]:
        return [node["externalId"] for node in (await graph.data(query, w=where))["endUsers"]["nodes"]]

    assert await found() == ["ann@example.com", "keen", "new"]
    assert await found(riskLevel="LOW") == ["keen"]
    assert await found(linked=True) == ["ann@example.com"]
    assert await found(search="EE") == ["keen"]
    query = "query ($id: ID!) { lead(id: $id) { churn { probability } contact { churn { probability } } } }"
    told = (await graph.data(query, id=lead))["lead"]
    assert told["churn"]["probability"] == told["contact"]["churn"]["probability"] > 0.5


async def test_users_of_one_name_are_others_elsewhere(graph: Graph, stranger: Viewer) -> None:
    await predict(graph, userId="same", coreFeatures=0.1)
    unknown = (await graph.data(PREDICT, stranger, i={"userId": "same"}))["predictChurn"]
    assert unknown["errors"] == [{"code": "NOT_FOUND", "field": "userId"}]
    for call in ('eraseEndUser(userId: "same")', 'recordChurn(input: {userId: "same"})'):
        done = (await graph.data(f"mutation {{ done: {call} {{ errors {{ code field }} }} }}", stranger))["done"]
        assert done["errors"] == [{"code": "NOT_FOUND", "field": "userId"}]
    theirs = (await graph.data(PREDICT, stranger, i={"userId": "same", "coreFeatures": 1}))["predictChurn"]["churn"]
    assert theirs["inputs"]["core_features"] == 1
    assert (await predict(graph, userId="same"))["inputs"]["core_features"] == 0.1


async def test_outcomes_are_recorded_and_the_last_word_counts(graph: Graph, viewer: Viewer) -> None:
    for name in ("a", "b"):
        await graph.data(f'mutation {{ upsertEndUser(input: {{userId: "{name}"}}) {{ errors {{ code }} }} }}')
    query = """mutation { recordChurn(input: {userId: "a", at: "2024-01-02"}) { endUser { churnedAt retainedAt } } }"""
    assert (await graph.data(query))["recordChurn"]["endUser"]["churnedAt"] == "2024-01-02T00:00:00Z"
    query = """mutation ($o: [ChurnOutcomeInput!]!) { recordChurnOutcomes(input: {outcomes: $o}) {
      recorded unknown errors { code field } } }"""
    outcomes = [{"userId": each, "churned": each == "b"} for each in ("a", "b", "c")]
    told = (await graph.data(query, o=outcomes))["recordChurnOutcomes"]
    assert told == {"recorded": 2, "unknown": ["c"], "errors": []}
    users = (await graph.data("{ endUsers { nodes { externalId churnedAt retainedAt } } }"))["endUsers"]["nodes"]
    now = "2024-01-15T14:30:00Z"
    assert users == [
        {"externalId": "b", "churnedAt": now, "retainedAt": None},
        {"externalId": "a", "churnedAt": None, "retainedAt": now},
    ]
    told = (await graph.data(query, o=[{"userId": "a", "churned": True, "at": "2030-01-01"}]))["recordChurnOutcomes"]
    assert told["errors"] == [{"code": "INVALID", "field": "outcomes.0.at"}]


async def test_a_model_is_learnt_from_enough_outcomes_and_used(
    graph: Graph, database: Database, organization: str, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    random, at = Random(3), clock.now()
    users = []
    for number in range(240):
        idle, core = random.randrange(60), random.random()
        left = random.random() < (0.8 if idle > 25 else 0.15)
        known = {"last_login": at.date() - timedelta(days=idle), "core_features": core}
        outcome = {"churned_at": at} if left else {"retained_at": at}
        users.append(end_user_row(organization, at, external_id=f"u{number}", **known, **outcome))
    await store(database, *users[:199])
    models = ChurnModels(database, FeedbackSettings())
    asked = {"userId": "x", "lastLogin": "2023-12-01", "coreFeatures": 0.5}
    await models.learn()
    before = await predict(graph, **asked)
    assert (before["basis"], before["model"]) == ("PRIOR", None)
    await store(database, *users[199:])
    await models.learn()
    after = await predict(graph, **asked)
    assert after["basis"] == "BLENDED"
    assert after["model"]["labels"] == 240
    assert after["model"]["auc"] > 0.75
    assert after["model"]["calibrationError"] < 0.15
    assert after["high"] - after["low"] < before["high"] - before["low"]
    assert sum(each["impact"] for each in after["riskFactors"]) == pytest.approx(after["probability"])
    clock.advance(hours=1)
    await models.learn()
    query = "{ churnModels { totalCount } events(types: [CHURN_MODEL_FITTED]) { nodes { data } } }"
    told = await graph.data(query)
    assert told["churnModels"]["totalCount"] == 1
    assert told["events"]["nodes"][0]["data"]["labels"] == 240

    # Where no more are learnt from, those that came about since count.
    monkeypatch.setattr(churn_models, "NEWEST", 240)
    for number, moment in enumerate((at, clock.now())):
        more = [end_user_row(organization, at, external_id=f"v{number} {n}", retained_at=moment) for n in range(30)]
        await store(database, *more)
        await models.learn()
        assert (await graph.data(query))["churnModels"]["totalCount"] == 1 + number
    assert (await graph.data("{ churnModels(first: 1) { nodes { labels } } }"))["churnModels"]["nodes"] == [
        {"labels": 240}
    ]


async def test_reports_group_by_every_dimension(graph: Graph, database: Database) -> None:
    hire(database)
    query = "mutation ($i: CollectFeedbackInput!) { collectFeedback(input: $i) { errors { field } } }"
    for fields in (
        {"source": "APP_STORE", "content": "Great", "platform": "ios", "version": "2.1", "language": "en"},
        {"source": "APP_STORE", "content": "crash now", "platform": "ios", "version": "2.0", "language": "de"},
        {"source": "SURVEY", "content": "It needs dark mode", "givenAt": "2023-12-31"},
    ):
        assert (await graph.data(query, i=fields))["collectFeedback"]["errors"] == []
    report = """query ($by: FeedbackDimension) { feedbackReport(groupBy: $by) { totalFeedback avgSentiment
      priority { critical urgent medium low } groups { key count avgPriority avgSentiment top } } }"""

    async def groups(by: str) -> list[tuple[Any, ...]]:
        found = (await graph.data(report, by=by))["feedbackReport"]
        assert (found["totalFeedback"], found["avgSentiment"]) == (3, 0.5)
        assert found["priority"] == {"critical": 0.3333, "urgent": 0.3333, "medium": 0.3333, "low": 0.3334}
        return [tuple(each.values()) for each in found["groups"]]

    assert await groups("SOURCE") == [
        ("APP_STORE", 2, "HIGH", 0.5, ["crash"]),
        ("SURVEY", 1, "MEDIUM", 0.5, ["dark_mode"]),
    ]
    assert await groups("PLATFORM") == [("ios", 2, "HIGH", 0.5, ["crash"]), (None, 1, "MEDIUM", 0.5, ["dark_mode"])]
    assert [key for key, *_ in await groups("VERSION")] == ["2.0", "2.1", None]
    assert [key for key, *_ in await groups("LANGUAGE")] == ["en", "de"]
    assert [(key, count) for key, count, *_ in await groups("MONTH")] == [("2023-12", 1), ("2024-01", 2)]
    assert [key for key, *_ in await groups("CATEGORY")] == ["BUG_REPORT", "FEATURE_REQUEST", "GENERAL"]
