"""Texts for people of companies: generated from what the graph knows, read, changed by hand, adapted to markets."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from domain.accounts import Account
from domain.errors import Code
from domain.levels import Basis, Level
from domain.outside import WriterAnswer
from domain.research import Competitor, NewsItem, Opportunity, PainPoint
from domain.viewer import Dialect, Viewer
from gateway.database import Database
from tests.conftest import MakeViewer
from tests.factories.content import make_researched
from tests.factories.credentials import make_client
from tests.factories.marketing import hire_locales, owned
from tests.factories.organizations import store
from tests.graphs import Graph, statements_of

GENERATE = """mutation ($i: GenerateContentInput!) { generateContent(input: $i) {
  content { id contentType channels bestVariantId optimalTiming followUpStrategy contentOptimizations generatedBy
    confidence tokensUsed useGpt4 abTestVariants urgency persona { name title influence } account { name }
    facts { variable value kind source assumed }
    variants(first: 50) { nodes { id variantId channel subject html text preview connectionRequest followUpMessage
      postContent personalization conversionPrediction conversion { value low high basis cases } strengths optimizations
      recommendedTiming readingEase words spamWords } } }
  quota { remaining used } errors { code field message } } }"""


@pytest.fixture
async def viewer(database: Database, organization: str, viewer_of: MakeViewer) -> Viewer:
    """An administrator with a client, whose tokens are counted."""
    client = await make_client(database, organization, dialect=Dialect.COPYCAR, monthly_tokens=1_500)
    return replace(await viewer_of(), client_id=client)


class Model:
    """A language model that says what a test has it say of each draft."""

    def __init__(self, say: Any) -> None:
        self.say, self.asked = say, []

    async def available(self, viewer: Any) -> bool:
        return True

    async def write(self, viewer: Any, task: Any) -> WriterAnswer:
        self.asked.append(task)
        return WriterAnswer({"versions": [self.say(draft) for draft in task.data["drafts"]]}, "test-model")


def wish(account: str, **more: Any) -> dict[str, Any]:
    return {"accountId": account, "contentType": "email_outreach", "targetPersona": {"name": "Sarah Johnson"}} | more


async def generated(graph: Graph, input: dict[str, Any]) -> dict[str, Any]:
    answer = (await graph.data(GENERATE, i=input))["generateContent"]
    assert answer["errors"] == []
    return dict(answer["content"], quota=answer["quota"])


async def test_every_channel_gets_variants_that_say_what_the_graph_knows(
    database: Database, graph: Graph, organization: str, viewer: Viewer
) -> None:
    account = await make_researched(database, organization)
    with statements_of(database) as ran:
        made = await generated(
            graph,
            wish(
                account,
                targetPersona={"name": "Sarah Johnson", "title": "CTO", "role": "decision_maker", "influence": 0.95},
                campaignConfig={"objective": "schedule_demo", "urgency": "MEDIUM", "length": "medium"},
                channels=["EMAIL", "LINKEDIN"],
                aiEnhancement={"abTestVariants": 5, "useGpt4": True},
            ),
        )
    # Reading the facts takes no statement per fact, storing none per variant but its own insert.
    assert len(ran) < 35
    variants = made["variants"]["nodes"]
    assert [(each["variantId"], each["channel"]) for each in variants] == [
        ("var_1", "EMAIL"),
        ("var_2", "LINKEDIN"),
        ("var_3", "EMAIL"),
        ("var_4", "LINKEDIN"),
        ("var_5", "EMAIL"),
    ]
    assert made["persona"] == {"name": "Sarah Johnson", "title": "CTO", "influence": 0.95}
    assert len({each["text"] or each["connectionRequest"] for each in variants}) == 5
    mail = variants[0]
    assert mail["text"].startswith("Hi Sarah,")
    assert "TechCorp Solutions" in mail["text"]
    assert "next week" in mail["text"]
    assert mail["preview"].rstrip("…") in " ".join(mail["text"].split())
    assert mail["html"].startswith("<!doctype html>")
    assert "http" not in mail["html"]
    assert variants[1]["subject"] is None
    assert len(variants[1]["connectionRequest"]) <= 300
    values = " ".join(each["text"] or "" for each in variants)
    assert all(each["source"] for each in made["facts"])
    assert {"pain_point", "solution", "company", "first_name"} <= {each["variable"] for each in made["facts"]}
    # Nobody has won anything here: no proof is claimed.
    assert "companies in" not in values
    assert mail["conversion"]["basis"] == "PRIOR"
    assert mail["conversion"]["low"] < mail["conversionPrediction"] < mail["conversion"]["high"]
    assert made["bestVariantId"] == max(variants, key=lambda each: each["conversionPrediction"])["variantId"]
    assert made["optimalTiming"].endswith("UTC")
    assert made["followUpStrategy"] == "Send LinkedIn connection request 2 days after email"
    assert (made["quota"]["used"], made["generatedBy"]) == (made["tokensUsed"], "templates")
    more = await graph(GENERATE, {"i": wish(account, aiEnhancement={"abTestVariants": 10})})
    assert more.codes == [Code.QUOTA_EXCEEDED]
    assert (await graph.data("{ contents { totalCount } }"))["contents"]["totalCount"] == 1
    log = await graph.data("{ events(types: [CONTENT_GENERATED]) { nodes { data subject { id } } } }")
    assert [each["subject"]["id"] for each in log["events"]["nodes"]] == [made["id"]]

    found = await graph.data(
        """query ($a: ID!) { account(id: $a) { contents { totalCount nodes { id persona { id
            contents(where: {channel: EMAIL}) { nodes { id } } } } } }
          none: contents(where: {account: $a, channel: PHONE}) { totalCount }
          some: contents(where: {account: $a, contentType: "email_outreach", channel: LINKEDIN}) { totalCount } }""",
        a=account,
    )
    (text,) = found["account"]["contents"]["nodes"]
    assert (text["id"], text["persona"]["contents"]) == (made["id"], {"nodes": [{"id": made["id"]}]})
    assert (found["none"]["totalCount"], found["some"]["totalCount"]) == (0, 1)


async def test_the_shortest_call_serves_and_a_wrong_one_is_told_what_is_wrong(
    database: Database, graph: Graph, organization: str
) -> None:
    account = await make_researched(database, organization, technologies=[], research_run_id=None, industry=None)
    made = await generated(graph, wish(account))
    (only,) = made["variants"]["nodes"]
    assert (only["channel"], made["bestVariantId"]) == ("EMAIL", "var_1")
    assert {each["kind"] for each in made["facts"]} == {"PERSON", "COMPANY", "SENDER"}
    again = await generated(graph, wish(account, targetPersona={"name": "sarah  johnson", "title": "CTO"}))
    assert again["persona"]["name"] == "Sarah Johnson"
    wrong: list[tuple[dict[str, Any], tuple[str, str]]] = [
        (wish("acc_nobody"), ("NOT_FOUND", "accountId")),
        (wish(account, contentType=" "), ("REQUIRED", "contentType")),
        (wish(account, targetPersona={"name": ""}), ("REQUIRED", "targetPersona.name")),
        (wish(account, channels=[]), ("INVALID", "channels")),
        (wish(account, aiEnhancement={"abTestVariants": 11}), ("INVALID", "aiEnhancement.abTestVariants")),
        (wish(account, targetPersona={"name": "A", "influence": 7}), ("INVALID", "targetPersona.influence")),
    ]
    for sent, told in wrong:
        answer = (await graph.data(GENERATE, i=sent))["generateContent"]
        assert [(each["code"], each["field"]) for each in answer["errors"]] == [told]
        assert answer["content"] is None
    assert (await graph.data("{ contents { totalCount } }"))["contents"]["totalCount"] == 2


async def test_a_models_version_is_used_only_when_it_says_nothing_new(
    database: Database, graph: Graph, organization: str
) -> None:
    def say(draft: dict[str, Any]) -> dict[str, Any]:
        text = draft["text"].replace("Hi Sarah,", "Hello Sarah,")
        if draft["number"] == 1:
            text += "\n\nGlobex saved 45% with us."
        return {"number": draft["number"], "subject": draft["subject"], "text": text}

    model = Model(say)
    database.outside = replace(database.outside, writer=model)
    account = await make_researched(database, organization)
    wanted = wish(account, aiEnhancement={"abTestVariants": 2})
    made = await generated(graph, wanted)
    first, second = made["variants"]["nodes"]
    assert made["generatedBy"] == "test-model"
    assert first["text"].startswith("Hello Sarah,")
    assert "Hello Sarah," in first["html"]
    assert second["text"].startswith("Hi Sarah,")
    (note,) = [each for each in second["optimizations"] if "language model" in each]
    assert all(word in note for word in ("Globex", "45", "saved"))
    assert "facts" in model.asked[0].data

    await generated(graph, wanted | {"aiEnhancement": {"useGpt4": False, "useClaude": False}})
    assert len(model.asked) == 1


async def test_a_variant_is_changed_by_hand_and_adapted_to_markets(
    database: Database, graph: Graph, organization: str
) -> None:
    hire_locales(database)
    account = await make_researched(database, organization)
    made = await generated(graph, wish(account, channels=["EMAIL", "PHONE"]))
    mail, call = made["variants"]["nodes"]
    change = """mutation ($i: UpdateContentVariantInput!) { updateContentVariant(input: $i) {
      variant { subject text html preview words readingEase spamWords } errors { code field } } }"""
    changed = (await graph.data(change, i={"id": mail["id"], "text": "Act now & <b>win</b>."}))["updateContentVariant"]
    assert changed["variant"]["html"].count("&lt;b&gt;win&lt;/b&gt;") == 2
    assert (changed["variant"]["words"], changed["variant"]["spamWords"]) != (mail["words"], [])
    kept = (await graph.data(change, i={"id": mail["id"], "html": "<p>Mine</p>"}))["updateContentVariant"]
    assert kept["variant"]["html"] == "<p>Mine</p>"
    for sent, told in (
        ({"id": call["id"], "subject": "No"}, ("INVALID", "subject")),
        ({"id": mail["id"], "html": "plain"}, ("INVALID", "html")),
        ({"id": mail["id"], "text": ""}, ("REQUIRED", "text")),
        ({"id": "cvar_none", "text": "x"}, ("NOT_FOUND", "id")),
    ):
        answer = (await graph.data(change, i=sent))["updateContentVariant"]
        assert [(each["code"], each["field"]) for each in answer["errors"]] == [told]

    adapt = """mutation ($i: LocalizeContentInput!) { localizeContent(input: $i) {
      results { localization { originalContent variant { id content { id } } } } errors { code field } } }"""
    done = await graph.data(adapt, i={"variantId": mail["id"], "sourceLanguage": "en", "markets": ["US"]})
    assert done["localizeContent"]["results"] == [
        {
            "localization": {
                "originalContent": "Act now & <b>win</b>.",
                "variant": {"id": mail["id"], "content": {"id": made["id"]}},
            }
        }
    ]
    for source, told in (
        ({}, ("REQUIRED", "content")),
        ({"variantId": mail["id"], "content": "x"}, ("INVALID", "variantId")),
        ({"variantId": "cvar_none"}, ("NOT_FOUND", "variantId")),
    ):
        answer = (await graph.data(adapt, i={"markets": ["US"], **source}))["localizeContent"]
        assert [(each["code"], each["field"]) for each in answer["errors"]] == [told]
    found = await graph.data(
        """query ($c: ID!, $v: ID!) { content(id: $c) { localizations { totalCount } }
          contentVariant(id: $v) { localizations { totalCount } }
          localizations(where: {variant: $v}) { totalCount } }""",
        c=made["id"],
        v=mail["id"],
    )
    assert [each.get("totalCount") or each["localizations"]["totalCount"] for each in found.values()] == [1, 1, 1]


async def test_own_templates_come_first_and_only_known_places_are_taken(
    database: Database, graph: Graph, organization: str
) -> None:
    account = await make_researched(database, organization)
    save = """mutation ($i: SaveCopyTemplateInput!) { saveCopyTemplate(input: $i) {
      copyTemplate { id name objective subject text } errors { code field message } } }"""
    own = {
        "channel": "EMAIL",
        "name": "House",
        "objective": "Schedule Demo",
        "subject": "For {{company}}",
        "text": "Dear {{full_name}}.\n\nWe met on {{meeting_date}}. About {{pain_point}}.\n\n{{sender_company}}",
    }
    saved = (await graph.data(save, i=own))["saveCopyTemplate"]["copyTemplate"]
    assert saved["objective"] == "schedule_demo"
    again = (await graph.data(save, i=own | {"subject": "To {{company}}"}))["saveCopyTemplate"]["copyTemplate"]
    assert (again["id"], again["subject"]) == (saved["id"], "To {{company}}")
    bad = own | {"text": "{{first_name}} {{password}} {% x %}", "postContent": "x"}
    told = (await graph.data(save, i=bad))["saveCopyTemplate"]["errors"]
    assert [each["field"] for each in told] == ["text", "postContent"]
    assert "password, {%" in told[0]["message"]

    made = await generated(graph, wish(account, campaignConfig={"objective": "schedule_demo"}))
    (mail,) = made["variants"]["nodes"]
    assert mail["subject"] == "To TechCorp Solutions"
    # They have not met: that sentence is left out.
    assert re.match(r"Dear Sarah Johnson\.\n\nAbout .*\.\n\n\S", mail["text"])
    assert "met" not in mail["text"]
    listed = await graph.data(
        "{ copyTemplates(where: {channel: EMAIL}) { nodes { id } } "
        "carriedCopyTemplates(channel: EMAIL) { name text needs versions replaced } }"
    )
    assert listed["copyTemplates"]["nodes"] == [{"id": saved["id"]}]
    assert all("{{" in each["text"] for each in listed["carriedCopyTemplates"])
    gone = await graph.data("mutation ($id: ID!) { deleteCopyTemplate(id: $id) { deleted } }", id=saved["id"])
    assert gone["deleteCopyTemplate"]["deleted"]


@pytest.mark.parametrize("included", [True, False])
async def test_what_is_not_to_be_mentioned_is_not(
    database: Database, graph: Graph, organization: str, included: bool
) -> None:
    account = await make_researched(database, organization)
    switches = dict.fromkeys(
        ("includeCompanyInsights", "includeIndustryContext", "includeCompetitorMentions", "includeSocialProof"),
        included,
    )
    made = await generated(
        graph,
        wish(
            account,
            personalization=switches,
            campaignConfig={"length": "long"},
            aiEnhancement={"abTestVariants": 6, "optimizeForConversion": True},
        ),
    )
    kinds = {each["kind"] for each in made["facts"]}
    expected = {"PAIN_POINT", "SOLUTION", "OPPORTUNITY", "TECHNOLOGY", "NEWS", "INDUSTRY", "COMPETITOR"}
    assert (expected & kinds) == (expected if included else set())


async def test_what_is_counted_for_those_who_sell_is_not_told_to_readers(
    database: Database, graph: Graph, organization: str
) -> None:
    account = await make_researched(database, organization)
    ((run,),) = await database.rows(select(Account.research_run_id).where(Account.id == account))
    head = {"account_id": account, "run_id": run, "position": 2, "confidence": 0.9}
    pain = {"category": "Adoption", "urgency": Level.HIGH, "impact": "revenue", "solutions": []}
    chance = {"type": "Open Demand", "value": "", "timeline": "", "probability": 0.5, "low": 0.2, "high": 0.8}
    chance |= {"cases": 0, "basis": Basis.PRIOR}

    def seen(source: str) -> dict[str, Any]:
        return {**head, "evidence": [{"kind": "GRAPH", "source": source, "text": ""}]}

    def row(entity: Any, **values: Any) -> Any:
        return owned(entity, organization, database.clock.now(), **values)

    internal = [
        row(PainPoint, **seen("item_1"), **pain, description="Law where it is asks for notices"),
        row(PainPoint, **seen(account), **pain, description="2 of 3 users at the company have left"),
        row(Opportunity, **seen(account), **chance, description="2 leads of its people open"),
        row(Opportunity, **seen("item_1"), **chance, description="Offer help before 2024-03-01"),
        row(Competitor, **seen("note_1"), name="Acme", relationship="", strengths=[], weaknesses=[]),
    ]
    fined = {"title": "TechCorp fined", "date": date(2024, 1, 16), "relevance": Level.HIGH, "summary": ""}
    internal.append(row(NewsItem, **seen("news_1"), **fined, impact="negative"))
    theirs = row(PainPoint, **seen("persona_1"), **pain, description="Slow onboarding")
    await store(database, *internal, theirs)
    wanted = {"campaignConfig": {"length": "long"}, "aiEnhancement": {"abTestVariants": 5}}
    made = await generated(graph, wish(account, **wanted))
    told = {each["value"] for each in made["facts"]}
    assert {"Slow onboarding", "CloudScale Inc", "Potential 40% reduction in AWS costs"} <= told
    assert not told & {getattr(each, name, None) for each in internal for name in ("name", "title", "description")}
