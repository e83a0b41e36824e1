"""Feedback through the graph: taken in, read, corrected, counted, forgotten."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from domain.errors import Code
from domain.feedback import ChurnPrediction, EndUser, Feedback, FeedbackTheme
from domain.viewer import Viewer
from gateway.database import Database
from resolvers.feedback_writes import FeedbackDraft, prepare, store_many
from resolvers.unit import Keys, Unit
from schema.context import Context
from tests.clocks import SetClock
from tests.conftest import CountStatements
from tests.factories.feedback import WordAnalyst, feedback_row, hire, theme_row
from tests.factories.leads import make_contact, make_lead
from tests.factories.models import modelling, raw, says, writing
from tests.factories.organizations import store
from tests.graphs import Graph

COLLECT = """mutation ($i: CollectFeedbackInput!) { collectFeedback(input: $i) {
  feedback { id source content rating version platform language detectedLanguage metadata status sentiment
    sentimentScore category categories priority priorityReasons themes entities analyzedBy createdAt
    recommendations { kind description priority estimatedEffort expectedImpact theme others }
    endUser { externalId totalFeedback negativeFeedback recentSentiment } contact { email } lead { id } }
  errors { code field message } } }"""


async def collect(graph: Graph, **fields: Any) -> Any:
    answer = (await graph.data(COLLECT, i={"source": "APP_STORE", "content": "Great app"} | fields))["collectFeedback"]
    assert answer["errors"] == []
    return answer["feedback"]


async def test_feedback_is_taken_in_read_and_told(graph: Graph, database: Database) -> None:
    hire(database)
    metadata = {"rating": 4.0, "version": 2.1, "platform": "ios", "language": "en", "ticket_id": 7}
    made = await collect(graph, content="Great app but needs dark mode", userId="user_123", metadata=metadata)
    assert (made["rating"], made["version"], made["platform"], made["metadata"]) == (4, "2.1", "ios", {"ticket_id": 7})
    assert (made["sentiment"], made["category"], made["themes"]) == ("POSITIVE", "FEATURE_REQUEST", ["dark_mode"])
    assert made["endUser"] == {
        "externalId": "user_123",
        "totalFeedback": 1,
        "negativeFeedback": 0,
        "recentSentiment": None,
    }
    assert made["recommendations"] == [
        {
            "kind": "add_to_roadmap",
            "description": "Weigh the wish for the roadmap.",
            "priority": "MEDIUM",
            "estimatedEffort": "unknown",
            "expectedImpact": "MEDIUM",
            "theme": "dark_mode",
            "others": 0,
        }
    ]
    (event,) = (await graph.data("{ events { nodes { type data subject { id } } } }"))["events"]["nodes"]
    assert (event["type"], event["subject"]) == ("FEEDBACK_ANALYZED", {"id": made["id"]})
    assert event["data"]["analysis"]["category"] == "feature_request"


async def test_what_cannot_be_taken_in_is_said_all_at_once(graph: Graph, database: Database) -> None:
    analyst = hire(database)
    sent = {
        "source": "SURVEY",
        "content": "  ",
        "rating": 6,
        "metadata": {"language": "English!", "version": [1]},
        "givenAt": "2030-01-01",
    }
    answer = (await graph.data(COLLECT, i=sent))["collectFeedback"]
    assert answer["feedback"] is None
    assert [(each["code"], each["field"]) for each in answer["errors"]] == [
        ("INVALID", "rating"),
        ("INVALID", "metadata.version"),
        ("INVALID", "metadata.language"),
        ("REQUIRED", "content"),
        ("INVALID", "givenAt"),
    ]
    assert analyst.calls == []


async def test_the_author_is_the_contact_or_lead_it_names(graph: Graph, database: Database, organization: str) -> None:
    hire(database)
    contact = await make_contact(database, organization, email="ann@example.com")
    lead = await make_lead(database, organization, email="ann@example.com", contact_id=contact)
    for name in ("Ann@Example.com", contact, lead):
        made = await collect(graph, userId=name)
        assert (made["contact"], made["lead"]) == ({"email": "ann@example.com"}, {"id": lead}), name
    assert (await collect(graph, userId="later@example.com"))["contact"] is None
    create = 'mutation { createLead(input: {source: "website", email: "later@example.com"}) { lead { id } } }'
    later = (await graph.data(create))["createLead"]["lead"]["id"]
    query = """query ($id: ID!) { lead(id: $id) { feedback { totalCount nodes { content } }
      endUsers { nodes { externalId lead { id } } } contact { feedback { totalCount } endUsers { totalCount } } } }"""
    found = (await graph.data(query, id=later))["lead"]
    assert found["feedback"] == {"totalCount": 1, "nodes": [{"content": "Great app"}]}
    assert found["endUsers"]["nodes"] == [{"externalId": "later@example.com", "lead": {"id": later}}]
    assert found["contact"] == {"feedback": {"totalCount": 1}, "endUsers": {"totalCount": 1}}
    assert (await graph.data(query, id=lead))["lead"]["feedback"]["totalCount"] == 3


async def test_others_who_say_the_same_are_counted_as_evidence(
    graph: Graph, database: Database, organization: str, clock: SetClock
) -> None:
    hire(database)
    old = feedback_row(organization, clock.now() - timedelta(days=91), category="FEATURE_REQUEST")
    await store(database, old, theme_row(old, "dark_mode"))
    drafts = [{"content": "It needs dark mode"}] * 11
    for each in drafts:
        made = await collect(graph, **each)
    (advice,) = made["recommendations"]
    assert (advice["theme"], advice["others"], advice["priority"], advice["expectedImpact"]) == (
        "dark_mode",
        10,
        "HIGH",
        "HIGH",
    )
    assert advice["description"] == (
        "Weigh the wish for the roadmap: 10 others say the same of dark_mode in the last 90 days."
    )


async def test_many_are_stored_at_once(
    database: Database, graph: Graph, viewer: Viewer, count_statements: CountStatements
) -> None:
    analyst = hire(database)
    context = Context(viewer, "req", database, graph.limits, None)  # type: ignore[arg-type]
    drafts = [FeedbackDraft(source="APP_STORE", content=f"crash {n}", user_id=f"u{n % 50}") for n in range(500)]  # type: ignore[arg-type]
    items = await prepare(context.desk(), drafts, "items")
    ids: list[str] = []

    async def work(unit: Unit) -> Keys:
        ids.extend(await store_many(unit, items))
        return {}

    with count_statements() as ran:
        await database.transact(viewer, work)
    assert len(ran) < 16
    assert analyst.calls == [500]
    assert items[-1].recommendations[0].voices.others == 499
    query = """{ feedbackItems(first: 2, where: {theme: "crash", userId: "u49"}) { totalCount nodes { id content } }
      endUsers(first: 1) { totalCount } events { totalCount } }"""
    found = await graph.data(query)
    assert found["feedbackItems"]["totalCount"] == 10
    assert found["feedbackItems"]["nodes"][0] == {"id": ids[-1], "content": "crash 499"}
    assert (found["endUsers"]["totalCount"], found["events"]["totalCount"]) == (50, 500)


async def test_feedback_is_found_by_what_it_says(graph: Graph, database: Database) -> None:
    hire(database)
    await collect(graph, content="Great Übersicht", rating=5, platform="ios", language="de", userId="a")
    await collect(graph, content="crash at login", rating=1, platform="android", source="SUPPORT", userId="b")
    await collect(graph, content="It needs dark mode", rating=3, source="SURVEY", givenAt="2023-12-01")
    query = "query ($w: FeedbackFilter, $s: FeedbackSort) { feedbackItems(where: $w, sort: $s) { nodes { content } } }"

    async def found(sort: Any = None, **where: Any) -> list[str]:
        nodes = (await graph.data(query, w=where, s=sort))["feedbackItems"]["nodes"]
        return [node["content"].split()[0] for node in nodes]

    assert await found() == ["crash", "Great", "It"]
    for where, expected in (
        ({"sources": ["SUPPORT", "SURVEY"]}, ["crash", "It"]),
        ({"sentiment": "POSITIVE"}, ["Great"]),
        ({"category": "BUG_REPORT"}, ["crash"]),
        ({"priority": "MEDIUM"}, ["It"]),
        ({"theme": "login"}, ["crash"]),
        ({"language": "DE"}, ["Great"]),
        ({"language": "%"}, []),
        ({"language": "d\\"}, []),
        ({"minRating": 2, "maxRating": 4}, ["It"]),
        ({"platform": "ios"}, ["Great"]),
        ({"createdTo": "2023-12-01"}, ["It"]),
        ({"userId": "b"}, ["crash"]),
        ({"search": "ÜBERSICHT"}, ["Great"]),
        ({"corrected": True}, []),
    ):
        assert await found(**where) == expected, where
    assert await found({"field": "SENTIMENT", "direction": "ASC"}) == ["crash", "It", "Great"]
    assert await found({"field": "PRIORITY"}) == ["crash", "It", "Great"]
    paged = """query ($f: FeedbackSortField!, $a: Cursor) { feedbackItems(first: 1, after: $a, sort: {field: $f}) {
      nodes { content } pageInfo { endCursor hasNextPage } } }"""
    for field in ("SENTIMENT", "PRIORITY", "CREATED_AT"):
        seen: list[str] = []
        after = None
        while len(seen) < 4:
            page = (await graph.data(paged, f=field, a=after))["feedbackItems"]
            seen += [node["content"].split()[0] for node in page["nodes"]]
            if not page["pageInfo"]["hasNextPage"]:
                break
            after = page["pageInfo"]["endCursor"]
        assert seen == await found({"field": field}), field


async def test_a_persons_correction_is_the_truth(graph: Graph, database: Database) -> None:
    hire(database)
    made = (await collect(graph, content="Great, a crash again, thanks"))["id"]
    query = """mutation ($i: CorrectFeedbackInput!) { correctFeedback(input: $i) { feedback { sentiment sentimentScore
      sentimentConfidence category categories modelSentiment modelCategory correctedBy { id } } errors { field } } }"""
    fixed = (await graph.data(query, i={"id": made, "sentiment": "NEGATIVE", "category": "BUG_REPORT"}))[
        "correctFeedback"
    ]
    assert fixed["feedback"] == {
        "sentiment": "NEGATIVE",
        "sentimentScore": 0.25,
        "sentimentConfidence": 1,
        "category": "BUG_REPORT",
        "categories": ["BUG_REPORT"],
        "modelSentiment": "POSITIVE",
        "modelCategory": "BUG_REPORT",
        "correctedBy": {"id": graph.viewer.user_id},
    }
    report = (await graph.data("{ feedbackReport { topThemes { theme sentiment } } }"))["feedbackReport"]
    assert report["topThemes"] == [{"theme": "crash", "sentiment": 0.25}]
    assert (await graph.data(query, i={"id": made}))["correctFeedback"]["errors"] == [{"field": "sentiment"}]


async def test_who_is_erased_leaves_nothing(graph: Graph, database: Database) -> None:
    hire(database)
    first = (await collect(graph, content="crash", userId="gone@example.com"))["id"]
    await collect(graph, content="Great dark mode", userId="gone@example.com")
    kept = (await collect(graph, content="Great login", userId="stays"))["id"]
    await graph.data('mutation { predictChurn(input: {userId: "gone@example.com"}) { churn { id } } }')
    assert (await graph.data(f'mutation {{ deleteFeedback(id: "{first}") {{ deletedId }} }}')) == {
        "deleteFeedback": {"deletedId": first}
    }
    query = 'mutation { eraseEndUser(userId: "gone@example.com") { erasedId erasedFeedback errors { code } } }'
    gone = (await graph.data(query))["eraseEndUser"]
    assert (gone["erasedFeedback"], gone["errors"]) == (1, [])
    for table in (Feedback, FeedbackTheme):
        own = table.organization_id == graph.viewer.organization_id
        assert len(await database.rows(select(table.id).where(own))) == 1
    for each in (EndUser, ChurnPrediction):
        assert not await database.rows(select(each.id).where(each.id == gone["erasedId"]))
    left = await graph.data("{ feedbackItems { nodes { id } } }")
    assert left == {"feedbackItems": {"nodes": [{"id": kept}]}}
    told = str((await graph.data("{ events { nodes { type data } } }"))["events"])
    assert "END_USER_ERASED" in told
    assert not {word for word in ("gone@example.com", "dark_mode", "crash") if word in told}
    assert "login" in told
    assert (await graph.data(query))["eraseEndUser"]["errors"] == [{"code": Code.NOT_FOUND}]


async def test_an_unsure_analysis_asks_for_a_person(graph: Graph, database: Database) -> None:
    hire(database, WordAnalyst(confidence=0.4))
    made = await collect(graph, content="Fine")
    assert [each["kind"] for each in made["recommendations"]] == ["review_manually"]


async def test_a_language_model_decides_what_is_unsure(graph: Graph, database: Database) -> None:
    hire(database, WordAnalyst(confidence=0.4))
    async with modelling() as model, writing(database, model) as writer:
        database.outside = replace(database.outside, writer=writer)
        answer = {"number": 0, "sentiment": "NEGATIVE", "category": "BUG_REPORT"}
        model.does(says({"answers": [answer]}))
        made = await collect(graph, content="Fein. Geht nicht mehr auf: hans@example.com")
        assert (made["sentiment"], made["category"], made["sentimentScore"]) == ("NEGATIVE", "BUG_REPORT", 0.2)
        assert made["analyzedBy"] != "words 1"
        assert made["priority"] == "HIGH"
        model.does(raw(500))
        kept = await collect(graph, content="Fine")
        assert (kept["sentiment"], kept["analyzedBy"]) == ("NEUTRAL", "words 1")
