"""Campaigns, their days, budgets and texts through the graph."""

from __future__ import annotations

import asyncio
import io
from dataclasses import replace
from hashlib import sha256
from typing import Any

import pytest

from domain.outside import WriterAnswer
from tests.factories.marketing import campaign_row, hire_locales, make_memory, performance_row
from tests.factories.organizations import store


class Upload:
    """A file as the doors hand it over."""

    def __init__(self, content: bytes) -> None:
        self.file, self.size, self.read = io.BytesIO(content), len(content), None


class Writer:
    """A language model that says what a test has it say; `asked` is what was sent."""

    def __init__(self, **texts: str) -> None:
        self.texts, self.asked = texts, []

    async def available(self, viewer: Any) -> bool:
        return True

    async def write(self, viewer: Any, task: Any) -> WriterAnswer:
        self.asked.append(task.data)
        texts = [{"id": name, "text": text} for name, text in self.texts.items()]
        return WriterAnswer({"translations": texts}, "test-model")


EXPORT = b"""Campaign report
Campaign ID,Campaign,Day,Country,Ad group,Impr.,Clicks,Cost,Conversions,Conv. value
camp_001,Summer,2024-01-01,United States,brand,"1,000",50,100,5,400
camp_001,Summer,2024-01-01,United States,brand,"1,000",50,100,5,400
camp_001,Summer,2024-01-02,Germany,generic,500,20,40.5,1,60
7,Other,2024-01-02,Germany,,500,20,40,0,0
camp_001,Summer,2024-01-03,Germany,generic,500,-1,40,1,60
Total,,,,,2500,119,,,
"""
IMPORT = """mutation ($f: Upload!) { importAdPerformance(input: {file: $f}) {
  imported stored ids rejected { line column reason } errors { field message } } }"""


async def test_days_are_taken_in_from_an_export_and_replaced_by_a_second_one(graph):
    lead = """mutation { createLead(input: {source: "website", email: "a@b.example.com", status: WON,
      customFields: {campaignId: "camp_001"}}) { lead { campaignId campaign { id } } } }"""
    assert (await graph.data(lead))["createLead"]["lead"] == {"campaignId": "camp_001", "campaign": None}
    for _ in range(2):
        taken = (await graph.data(IMPORT, f=Upload(EXPORT)))["importAdPerformance"]
        assert (taken["imported"], taken["stored"], taken["errors"]) == (4, 3, [])
        assert taken["rejected"] == [{"line": 7, "column": "Clicks", "reason": "must not be negative"}]
    found = await graph.data("""{
      adCampaigns(where: {externalId: "camp_001"}) { totalCount nodes { id name impressions clicks cost revenue roi
        leadCount wonLeads leads { nodes { email campaign { __typename name ... on AdCampaign { externalId } } } }
        performance { totalCount nodes { day region segment clicks } } } }
      adCampaignTotals { campaigns clicks cost conversions roi }
      byRegion: adPerformanceReport(groupBy: REGION, where: {dayFrom: "2024-01-01"}) {
        total { clicks } groups { key clicks conversionRate } }
      byDay: adPerformanceReport { groups { key clicks } }
      byCampaign: adPerformanceReport(groupBy: CAMPAIGN, where: {region: "Germany"}) { groups { key clicks roi } }
    }""")
    (campaign,) = found["adCampaigns"]["nodes"]
    numbers = {
        name: campaign[name] for name in ("name", "impressions", "clicks", "cost", "revenue", "leadCount", "wonLeads")
    }
    assert numbers == {
        "name": "Summer",
        "impressions": 2500,
        "clicks": 120,
        "cost": 240.5,
        "revenue": 860,
        "leadCount": 1,
        "wonLeads": 1,
    }
    assert campaign["roi"] == pytest.approx(860 / 240.5)
    (lead,) = campaign["leads"]["nodes"]
    assert lead["campaign"] == {"__typename": "AdCampaign", "name": "Summer", "externalId": "camp_001"}
    assert campaign["performance"]["nodes"][0] == {
        "day": "2024-01-02",
        "region": "Germany",
        "segment": "generic",
        "clicks": 20,
    }
    assert found["adCampaignTotals"]["clicks"] == found["byRegion"]["total"]["clicks"] == 140
    assert [each["key"] for each in found["byRegion"]["groups"]] == ["Germany", "United States"]
    assert found["byDay"]["groups"] == [{"key": "2024-01-01", "clicks": 100}, {"key": "2024-01-02", "clicks": 40}]
    assert {each["key"] for each in found["byCampaign"]["groups"]} == {"camp_001", "7"}
    give = """mutation ($id: ID!, $n: JSON, $c: String) {
      updateAdCampaign(input: {id: $id, performanceData: $n, currency: $c}) { adCampaign { clicks cost revenue } } }"""
    for given, told in (({"clicks": 9, "cost": 1}, (9, 1, None)), (None, (120, 240.5, 860))):
        now = (await graph.data(give, id=campaign["id"], n=given, c="eur"))["updateAdCampaign"]["adCampaign"]
        assert (now["clicks"], now["cost"], now["revenue"]) == told
    euros = await graph.data('{ adCampaignTotals(where: {currency: "eur"}) { campaigns cost } }')
    assert euros["adCampaignTotals"] == {"campaigns": 1, "cost": 240.5}


async def test_writers_at_once_make_everything_once(graph):
    memory = b"source,target,target_language\nBuy now,Kauf jetzt,de\nLast call,Letzte Chance,de\n"
    texts = "mutation ($f: Upload!) { importTranslations(file: $f) { stored errors { field message } } }"
    imports = [graph.data(IMPORT, f=Upload(EXPORT)) for _ in range(3)]
    answers = await asyncio.gather(*imports, *(graph.data(texts, f=Upload(memory)) for _ in range(3)))
    assert [each["errors"] for answer in answers for each in answer.values()] == [[]] * 6
    found = await graph.data("""{ translations { totalCount } adPerformance { totalCount }
      adCampaigns(sort: {field: COST}) { nodes { externalId clicks } } }""")
    assert found == {
        "translations": {"totalCount": 2},
        "adPerformance": {"totalCount": 3},
        "adCampaigns": {"nodes": [{"externalId": "camp_001", "clicks": 120}, {"externalId": "7", "clicks": 20}]},
    }


async def test_what_is_no_export_is_refused(graph):
    for content, field in ((b"Day;Nothing\n", "file"), (b"\xff\xff", "file")):
        errors = (await graph.data(IMPORT, f=Upload(content)))["importAdPerformance"]["errors"]
        assert [each["field"] for each in errors] == [field]
    empty = "mutation { importAdPerformance(input: {}) { imported errors { field } } }"
    assert (await graph.data(empty))["importAdPerformance"] == {"imported": 0, "errors": [{"field": "file"}]}


async def test_a_campaign_is_made_changed_sorted_and_paged(graph):
    create = """mutation ($id: String, $n: JSON) { createAdCampaign(input: {externalId: $id, name: $id, currency: "eur",
      budgetTotal: 100, budgetSpent: 40, locations: ["DE"], performanceData: $n}) {
      adCampaign { id externalId currency budgetRemaining roi cost } errors { code field } } }"""
    first = (await graph.data(create, n={"cost": "1,000", "roi": 2}))["createAdCampaign"]["adCampaign"]
    assert first["externalId"] == first["id"]
    assert (first["currency"], first["budgetRemaining"], first["roi"], first["cost"]) == ("EUR", 60, 2, 1000)
    for name, roi in (("a", 1), ("b", 3), ("c", None)):
        await graph.data(create, id=name, n={"cost": 10, "roi": roi} if roi else None)
    assert (await graph.data(create, id="a"))["createAdCampaign"]["errors"] == [
        {"code": "CONFLICT", "field": "externalId"}
    ]
    page = """query ($after: Cursor) { adCampaigns(sort: {field: ROI}, first: 2, after: $after) {
      totalCount nodes { externalId roi } pageInfo { endCursor hasNextPage } } }"""
    begin = (await graph.data(page))["adCampaigns"]
    rest = (await graph.data(page, after=begin["pageInfo"]["endCursor"]))["adCampaigns"]
    assert [each["roi"] for each in (*begin["nodes"], *rest["nodes"])] == [3, 2, 1]
    assert (begin["totalCount"], rest["pageInfo"]["hasNextPage"]) == (3, False)
    assert (await graph.data("{ adCampaigns { totalCount } }"))["adCampaigns"]["totalCount"] == 4
    change = """mutation ($id: ID!, $n: JSON) {
      updateAdCampaign(input: {id: $id, status: PAUSED, performanceData: $n}) {
      adCampaign { status roi performanceData } errors { field message } } }"""
    changed = (await graph.data(change, id=first["id"], n=None))["updateAdCampaign"]["adCampaign"]
    assert changed == {"status": "PAUSED", "roi": None, "performanceData": None}
    wrong = (await graph.data(change, id=first["id"], n={"clicks": "many"}))["updateAdCampaign"]["errors"]
    assert [each["field"] for each in wrong] == ["performanceData"]
    usual = """mutation ($c: String, $id: ID!) {
      createAdCampaign(input: {platform: "x", currency: $c, performanceData: {clicks: 20000}}) { errors { field } }
      analyzeCampaign(input: {campaignId: $id, platform: "X"}) { analysis { basis } } }"""
    for currency, basis in (("USD", "PRIOR"), ("EUR", "HISTORY")):
        told = await graph.data(usual, c=currency, id=first["id"])
        assert told["analyzeCampaign"]["analysis"] == {"basis": basis}


async def test_a_plan_has_bounds_and_says_what_it_assumes(graph, database, viewer):
    campaign = campaign_row(viewer.organization_id, database.clock.now(), external_id="a")
    at = database.clock.now().date()
    days = [
        performance_row(campaign, at.replace(month=1 + n // 28, day=1 + n % 28), cost=60.0 + n % 7 * 15, revenue=200.0)
        for n in range(56)
    ]
    await store(database, campaign, *days)
    plan = """mutation ($c: [PlannedCampaignInput!]!, $t: Float!) { optimizeBudget(input: {totalBudget: $t,
      campaigns: $c, maxChange: 1, model: HILL}) { plan { assumption currentTotalRoi allocations { nodes {
      name recommendedBudget campaign { externalId budgetTotal } } } } errors { field message } } }"""
    lines = [{"id": name, "currentBudget": 100, "performance": 0.5, "roi": roi} for name, roi in (("a", 2), ("b", 4))]
    made = (await graph.data(plan, t=200, c=[lines[0] | {"minBudget": 150}, lines[1]]))["optimizeBudget"]
    parts = {each["name"]: each["recommendedBudget"] for each in made["plan"]["allocations"]["nodes"]}
    assert parts == {"a": 150, "b": 50}
    assert made["plan"]["currentTotalRoi"] == 3
    assert "1 of 2" in made["plan"]["assumption"]
    assert "Hill" in made["plan"]["assumption"]
    for total, other, field in (
        (100, [lines[0] | {"minBudget": 150}, lines[1]], "totalBudget"),
        (200, [*lines, lines[0] | {"id": campaign.id}], "campaigns.2.id"),
    ):
        refused = (await graph.data(plan, t=total, c=other))["optimizeBudget"]["errors"]
        assert [each["field"] for each in refused] == [field]
    shares = plan.replace("maxChange: 1", "minShare: 0.6")
    refused = (await graph.data(shares, t=200, c=lines))["optimizeBudget"]["errors"]
    assert [each["field"] for each in refused] == ["minShare"]


LOCALIZE = """mutation ($i: LocalizeContentInput!) { localizeContent(input: $i) { results { market
  problem { code message } localization { localizedContent language targetMarket method seasonalContext
    colorPreferences paymentPreferences culturalTaboos performancePrediction predictionLow predictionHigh
    predictionBasis notes campaign { externalId } } } errors { code field } } }"""


async def localized(graph, **sent):
    answer = (await graph.data(LOCALIZE, i=sent))["localizeContent"]
    assert answer["errors"] == []
    return {each["market"]: each for each in answer["results"]}


async def test_every_market_is_told_of_by_itself(graph, database, viewer):
    hire_locales(database)
    await make_memory(database, viewer.organization_id)
    campaign = campaign_row(viewer.organization_id, database.clock.now(), external_id="c")
    here = performance_row(campaign, database.clock.now().date(), region="DE", clicks=20_000, conversions=200.0)
    there = performance_row(campaign, database.clock.now().date(), region="US", clicks=20_000, conversions=1_000.0)
    await store(database, campaign, here, there)
    profile = """mutation { putMarketProfile(input: {market: "fr", paymentPreferences: ["cb"], source: "Survey"}) {
      marketProfile { market paymentPreferences colorPreferences } errors { field } } }"""
    assert (await graph.data(profile))["putMarketProfile"]["errors"] == []
    texts = await localized(
        graph, content="Buy now for 50% off!", markets=["DE", "fr", "it", "gb"], campaignId="c", day="2024-07-02"
    )
    assert texts["DE"]["localization"]["localizedContent"] == "Jetzt kaufen mit 50% Rabatt!"
    assert texts["DE"]["localization"]["predictionBasis"] == "HISTORY"
    assert texts["DE"]["localization"]["performancePrediction"] < 0.1
    assert texts["DE"]["localization"]["campaign"] == {"externalId": "c"}
    french = texts["fr"]["localization"]
    assert (french["paymentPreferences"], french["colorPreferences"]) == (["cb"], ["blue", "red", "white"])
    assert (french["seasonalContext"], french["predictionBasis"]) == ("soldes_ete", "PRIOR")
    assert french["predictionLow"] < 0.76 < french["predictionHigh"]
    assert "Survey" in french["notes"][-1]
    assert (texts["gb"]["localization"]["method"], texts["gb"]["localization"]["language"]) == ("ORIGINAL", "en")
    swiss = await localized(graph, content="Buy now!", markets=["de-CH", "fr-CH"], day="9999-12-31")
    spoken = [each["localization"]["localizedContent"] for each in swiss.values()]
    assert spoken == ["Jetzt kaufen!", "Achetez maintenant !"]
    assert texts["it"]["localization"] is None
    assert texts["it"]["problem"]["code"] == "UNAVAILABLE"
    assert "Italy (IT)" in texts["it"]["problem"]["message"]
    market = '{ market(code: "FR") { name region languages paymentPreferences own asOf } localizations { totalCount } }'
    assert await graph.data(market) == {
        "market": {
            "name": "France",
            "region": "EU",
            "languages": ["fr"],
            "paymentPreferences": ["cb"],
            "own": True,
            "asOf": "2024-01-15",
        },
        "localizations": {"totalCount": 5},
    }


async def test_a_language_model_fills_what_the_memory_lacks_and_is_checked(graph, database, viewer):
    hire_locales(database)
    await make_memory(database, viewer.organization_id)
    await graph.data("""mutation { createGlossaryTerm(input: {term: "sneaker", targetLanguage: "it",
      target: "scarpa"}) { glossaryTerm { id } } }""")
    writer = Writer(
        IT="Ogni scarpa al {percent} di sconto", PT="Tudo com desconto", NL="{percent} korting op elke sneaker"
    )
    database.outside = replace(database.outside, writer=writer)
    content = "Every sneaker at 30.5% off"
    texts = await localized(graph, content=content, markets=["IT", "PT", "NL", "SE"], brandVoice="bold")
    assert texts["IT"]["localization"]["localizedContent"] == "Ogni scarpa al 30,5% di sconto"
    assert texts["IT"]["localization"]["method"] == "WRITER"
    assert "test-model" in texts["IT"]["localization"]["notes"][0]
    assert texts["NL"]["localization"]["localizedContent"] == "30,5% korting op elke sneaker"
    assert "placeholders" in texts["PT"]["problem"]["message"]
    assert "there was none" in texts["SE"]["problem"]["message"]
    (asked,) = writer.asked
    assert (asked["text"], asked["voice"]) == ("Every sneaker at {percent} off", "bold")
    assert asked["targets"][0]["glossary"] == [{"term": "sneaker", "target": "scarpa"}]
    writer.texts["IT"] = "Ogni sneaker al {percent} di sconto"
    texts = await localized(graph, content=content, markets=["IT"])
    assert "glossary" in texts["IT"]["problem"]["message"]
    writer.texts["IT"] = "Ogni scarpa al {percent} di sconto con {code}"
    texts = await localized(graph, content=content, markets=["IT"])
    assert "placeholders" in texts["IT"]["problem"]["message"]


MEMORY = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE tmx SYSTEM "tmx14.dtd">
<tmx version="1.4"><header srclang="en-US" datatype="plaintext"/><body>
<tu><tuv xml:lang="EN-us"><seg><ph x="1">{y}</ph> &amp; <bpt i="1">&lt;b&gt;</bpt>more<ept i="1">&lt;/b&gt;</ept>
at 7%</seg></tuv>
 <tuv xml:lang="fr-CA"><seg>{y} et &lt;b&gt;plus&lt;/b&gt; à 7 %</seg></tuv>
 <tuv xml:lang="pt"><seg>{y} e &lt;b&gt;mais&lt;/b&gt; a 7%</seg></tuv></tu>
<tu srclang="*all*"><tuv xml:lang="it"><seg>Ciao</seg></tuv><tuv xml:lang="de"><seg>Tschüs</seg></tuv></tu>


<!-- What cannot be taken in follows. -->
<tu><tuv xml:lang="en"><seg>5% off</seg></tuv>
 <tuv xml:lang="de"><seg>Rabatt</seg></tuv></tu>

<tu><tuv xml:lang="de"><seg>Ohne Quelle</seg></tuv></tu>
</body></tmx>"""
BOMB = (
    '<!DOCTYPE tmx [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><tmx><body><tu><tuv><seg>&b;</seg></tuv></tu></body></tmx>'
)


async def test_the_memory_is_written_read_and_taken_in_from_a_file(graph, database):
    hire_locales(database)
    create = """mutation ($i: CreateTranslationInput!) { createTranslation(input: $i) {
      translation { id source target market voice } errors { code field } } }"""
    first = {"source": "Only 5 left!", "target": "Nur noch 5 da!", "targetLanguage": "DE"}
    made = (await graph.data(create, i=first))["createTranslation"]["translation"]
    assert (made["source"], made["target"]) == ("Only {number} left!", "Nur noch {number} da!")
    assert (await graph.data(create, i=first))["createTranslation"]["errors"] == [
        {"code": "CONFLICT", "field": "source"}
    ]
    for wrong, field in (
        ({"target": "Nur noch wenige!"}, "target"),
        ({"targetLanguage": "d1"}, "targetLanguage"),
        ({"market": "X1"}, "market"),
    ):
        assert (await graph.data(create, i=first | wrong))["createTranslation"]["errors"][0]["field"] == field
    article = " ".join(sha256(bytes([number])).hexdigest() for number in range(76))
    for text in (article, article.upper()):
        known = (await graph.data(create, i={"source": text, "target": "Ein Aufsatz", "targetLanguage": "de"}))[
            "createTranslation"
        ]
        assert [each["field"] for each in known["errors"]] == ([] if text is article else ["source"])
    whole = await localized(graph, content=article, markets=["DE"])
    assert whole["DE"]["localization"]["localizedContent"] == "Ein Aufsatz"
    await graph.data(create, i=first | {"target": "Bloß noch 5!", "voice": "Bold"})
    await graph.data(create, i=first | {"target": "Nur mehr 5!", "market": "AT"})
    taken = (
        "mutation ($f: Upload!) { importTranslations(file: $f) { stored rejected { line column } errors { field } } }"
    )
    file = b"source,target,target_language\nBuy now,Kauf jetzt,de\n5% off,Rabatt,de\nOnly 7 left!,Noch 7 da!,de\n"
    assert (await graph.data(taken, f=Upload(file)))["importTranslations"] == {
        "stored": 2,
        "rejected": [{"line": 3, "column": "target"}],
        "errors": [],
    }
    spreadsheet = 'target_language;"source";target;market\r\nde;"Buy;\r\nnow";"Kauf;\r\njetzt";AT\r\nde;Hi;Hallo;Q9\r\n'
    assert (await graph.data(taken, f=Upload(spreadsheet.encode("utf-16"))))["importTranslations"] == {
        "stored": 1,
        "rejected": [{"line": 5, "column": "market"}],
        "errors": [],
    }
    assert (await graph.data(taken, f=Upload(MEMORY.encode())))["importTranslations"] == {
        "stored": 3,
        "rejected": [{"line": 12, "column": "target"}, {"line": 15, "column": "source"}],
        "errors": [],
    }
    for wrong in (BOMB, "<rss/>", "<tmx><header srclang='en'/>", "source,target\na,b\n"):
        refused = (await graph.data(taken, f=Upload(wrong.encode())))["importTranslations"]
        assert (refused["stored"], refused["errors"]) == (0, [{"field": "file"}])
    memory = await localized(graph, content="{x} & <b>more</b> at 5 %", markets=["fr-CA", "FR", "pt-BR"])
    texts = {
        market: each["localization"] and each["localization"]["localizedContent"] for market, each in memory.items()
    }
    assert texts == {"fr-CA": "{x} et <b>plus</b> à 5\u00a0%", "FR": None, "pt-BR": "{x} e <b>mais</b> a 5 %"}
    content = "Only 1,000 left! Buy now"
    texts = await localized(graph, content=content, markets=["DE", "AT"], brandVoice="bold")
    assert texts["DE"]["localization"]["localizedContent"] == "Bloß noch 1.000! Kauf jetzt"
    assert texts["AT"]["localization"]["localizedContent"].startswith("Nur mehr 1")
    plain = await localized(graph, content=content, markets=["DE"])
    assert plain["DE"]["localization"]["localizedContent"] == "Noch 1.000 da! Kauf jetzt"
    change = """mutation ($id: ID!) { updateTranslation(input: {id: $id, target: "Noch {number}"}) {
      translation { target } errors { field } } }"""
    assert (await graph.data(change, id=made["id"]))["updateTranslation"]["translation"] == {"target": "Noch {number}"}
    delete = "mutation ($id: ID!) { deleteTranslation(id: $id) { deleted } }"
    assert (await graph.data(delete, id=made["id"]))["deleteTranslation"] == {"deleted": True}
    found = await graph.data('{ translations(where: {search: "noch", voice: "bold"}) { totalCount nodes { target } } }')
    assert found["translations"]["nodes"] == [{"target": "Bloß noch {number}!"}]


async def test_unknown_markets_are_named_all_at_once(graph, database):
    hire_locales(database)
    sent = {"content": "x", "markets": ["DE", "Atlantis", "Q9"]}
    errors = (await graph.data(LOCALIZE, i=sent))["localizeContent"]["errors"]
    assert errors == [{"code": "INVALID", "field": "markets"}] * 2
    sent = {"content": "x", "markets": ["GB"], "sourceLanguage": "english"}
    errors = (await graph.data(LOCALIZE, i=sent))["localizeContent"]["errors"]
    assert errors == [{"code": "INVALID", "field": "sourceLanguage"}]
