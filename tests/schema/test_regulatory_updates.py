"""News about rules: entered, imported, and the companies they affect."""

from __future__ import annotations

import json
from typing import Any

from tests.factories.law import Sent
from tests.factories.leads import make_account
from tests.graphs import Graph

SEC: dict[str, Any] = {
    "title": "New SEC Disclosure Requirements",
    "date": "2024-01-15",
    "jurisdiction": "usa",
    "updateType": "New Regulation",
    "impactLevel": "HIGH",
    "summary": "New requirements for financial disclosures",
    "affectedIndustries": ["finance", "technology"],
    "deadline": "2024-07-01",
    "source": "SEC.gov",
    "externalId": "34-1",
}
ENTER = """mutation ($i: EnterRegulatoryUpdateInput!) { done: enterRegulatoryUpdate(input: $i) { regulatoryUpdate { id
  title date jurisdiction updateType impactLevel affectedIndustries deadline } errors { code field } } }"""
IMPORT = """mutation ($i: ImportRegulatoryUpdatesInput!) { done: importRegulatoryUpdates(input: $i) { created changed
  unchanged failed results { index outcome regulatoryUpdate { title date jurisdiction summary source impactLevel
  affectedIndustries } errors { code field } } errors { code message field } } }"""

RSS = b"""<?xml version="1.0"?><rss version="2.0"><channel><title>Press releases</title>
  <item><title>Fines</title><description>&lt;p&gt;Higher &lt;b&gt;fines&lt;/b&gt;&lt;/p&gt;</description>
    <pubDate>Mon, 15 Jan 2024 23:30:00 -0500</pubDate><guid>one</guid></item>
  <item><title>No day</title><description>x</description><guid>two</guid></item></channel></rss>"""
ATOM = b"""<feed xmlns="http://www.w3.org/2005/Atom"><title>Authority</title>
  <entry><id>urn:1</id><title>Guidance</title><updated>2024-01-14T10:00:00Z</updated><summary>How to.</summary></entry>
</feed>"""
BOMB = b"""<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>
<rss><channel><item><title>&b;</title></item></channel></rss>"""
CSV = b"""Title,Published on,Jurisdiction,Update type,Impact,Summary,Industries,Source
Cookies,2024-01-10,EU,guidance,low,Consent again,retail; media,EDPB
,2024-01-11,EU,guidance,low,No title,,EDPB
Odd,11.1.2024,EU,guidance,enormous,Odd,,EDPB
"""


async def bring(graph: Graph, content: bytes, **defaults: Any) -> Any:
    return (await graph.data(IMPORT, i={"file": Sent(content), **defaults}))["done"]


async def test_one_by_one(graph: Graph) -> None:
    entered = (await graph.data(ENTER, i=SEC))["done"]["regulatoryUpdate"]
    told = {name: value for name, value in entered.items() if name != "id"}
    assert told == {
        "title": "New SEC Disclosure Requirements",
        "date": "2024-01-15",
        "jurisdiction": "US",
        "updateType": "new_regulation",
        "impactLevel": "HIGH",
        "affectedIndustries": ["finance", "technology"],
        "deadline": "2024-07-01",
    }
    twice = (await graph.data(ENTER, i=SEC))["done"]
    assert (twice["regulatoryUpdate"], twice["errors"]) == (None, [{"code": "CONFLICT", "field": "externalId"}])
    wrong = (await graph.data(ENTER, i=SEC | {"title": " ", "summary": "", "jurisdiction": "x" * 101}))["done"]
    assert [error["field"] for error in wrong["errors"]] == ["title", "jurisdiction", "summary"]
    await graph.data(
        ENTER, i=SEC | {"externalId": None, "jurisdiction": "EU", "impactLevel": None, "date": "2023-12-31"}
    )

    for where, many in {
        'jurisdiction: "US", updateType: "new_regulation", dateFrom: "2024-01-01", dateTo: "2024-01-31"': 1,
        'concerning: "DE"': 1,
        'industry: "Software Development"': 2,
        'industry: "Agriculture"': 0,
        'impactLevel: MEDIUM, search: "DISCLOSURE"': 1,
        'deadlineTo: "2024-06-30"': 0,
    }.items():
        assert (await graph.data(f"{{ regulatoryUpdates(where: {{{where}}}) {{ totalCount }} }}")) == {
            "regulatoryUpdates": {"totalCount": many}
        }, where
    listed = await graph.data("{ regulatoryUpdates { nodes { date } } regulatoryUpdateSummary { total highImpact } }")
    assert listed == {
        "regulatoryUpdates": {"nodes": [{"date": "2024-01-15"}, {"date": "2023-12-31"}]},
        "regulatoryUpdateSummary": {"total": 2, "highImpact": 1},
    }
    other = (await graph.data(ENTER, i=SEC | {"source": "Elsewhere"}))["done"]["regulatoryUpdate"]["id"]
    moved = """mutation ($id: ID!) { done: updateRegulatoryUpdate(input: {id: $id, source: "SEC.gov"}) {
      errors { code field } } }"""
    assert (await graph.data(moved, id=other))["done"] == {"errors": [{"code": "CONFLICT", "field": "source"}]}
    update = """mutation ($id: ID!) { updateRegulatoryUpdate(input: {id: $id, deadline: null}) { regulatoryUpdate {
      deadline } errors { code } } deleteRegulatoryUpdate(id: $id) { deleted errors { code } } }"""
    assert await graph.data(update, id=entered["id"]) == {
        "updateRegulatoryUpdate": {"regulatoryUpdate": {"deadline": None}, "errors": []},
        "deleteRegulatoryUpdate": {"deleted": True, "errors": []},
    }
    told = [each["type"] for each in (await graph.data("{ events { nodes { type } } }"))["events"]["nodes"]]
    assert told == [
        "REGULATORY_UPDATE_ENTERED",
        "REGULATORY_UPDATE_ENTERED",
        "REGULATORY_UPDATE_ENTERED",
        "REGULATORY_UPDATE_CHANGED",
        "REGULATORY_UPDATE_DELETED",
    ]


async def test_feeds(graph: Graph) -> None:
    printed = {
        "updates": [
            {
                "id": "update_456",
                "title": "New SEC Disclosure Requirements",
                "date": "2024-01-15",
                "jurisdiction": "US",
                "impact_level": "high",
                "summary": "New requirements",
                "affected_industries": ["finance", "technology"],
                "deadline": "2024-07-01",
                "source": "SEC.gov",
            },
            {"title": "No more", "affected_industries": "finance"},
        ]
    }
    done = await bring(graph, json.dumps(printed).encode(), updateType="new_regulation")
    assert (done["created"], done["failed"]) == (1, 1)
    assert done["results"][1]["errors"] == [{"code": "INVALID", "field": "affectedIndustries"}]
    assert (await bring(graph, json.dumps(printed).encode(), updateType="new_regulation"))["unchanged"] == 1
    printed["updates"][0]["impact_level"] = "low"
    assert (await bring(graph, json.dumps(printed).encode(), updateType="new_regulation"))["changed"] == 1

    done = await bring(graph, b"\xef\xbb\xbf" + CSV)
    assert [each["outcome"] for each in done["results"]] == ["CREATED", "FAILED", "FAILED"]
    assert done["results"][0]["regulatoryUpdate"]["affectedIndustries"] == ["retail", "media"]
    assert [each["field"] for each in done["results"][1]["errors"]] == ["title"]
    assert [each["field"] for each in done["results"][2]["errors"]] == ["date"]

    done = await bring(
        graph, RSS, jurisdiction="EU", updateType="news", affectedIndustries=["finance"], impactLevel="HIGH"
    )
    assert done["results"][0]["regulatoryUpdate"] == {
        "title": "Fines",
        "date": "2024-01-16",
        "jurisdiction": "EU",
        "summary": "Higher fines",
        "source": "Press releases",
        "impactLevel": "HIGH",
        "affectedIndustries": ["finance"],
    }
    assert done["results"][1]["errors"] == [{"code": "REQUIRED", "field": "date"}]
    assert (await bring(graph, RSS))["results"][0]["errors"] == [
        {"code": "REQUIRED", "field": "jurisdiction"},
        {"code": "REQUIRED", "field": "updateType"},
    ]
    # What browsers forgive, and what parsers take minutes for.
    for summary, words in (
        ("&lt;![CDATA&lt;b&gt;Fines&lt;/b&gt; &amp;amp; more", "<![CDATA Fines & more"),
        ("&lt;a b='" * 300_000, None),
    ):
        feed = RSS.decode().replace("Higher", summary).encode()
        done = await bring(graph, feed, jurisdiction="EU", updateType="news")
        if words:
            assert done["results"][0]["regulatoryUpdate"]["summary"] == f"{words} fines"
        else:
            assert done["results"][0]["errors"] == [{"code": "INVALID", "field": "summary"}]
    done = await bring(graph, ATOM, jurisdiction="DE", updateType="news", source="Ours")
    # What the feed says of itself comes before what is taken for granted.
    assert done["results"][0]["regulatoryUpdate"]["source"] == "Authority"
    for content, why in (
        (BOMB, "document type"),
        (b"<rss>" + b"<a>" * 60, "deep"),
        (b"<rss>", "XML"),
        (b"{]", "JSON"),
        (b'{"updates": 1}', "list"),
        (b"a,b\n1,2\n", "title"),
        (b"\xff\xfe\x00", "UTF-8"),
        (b" " * 5_000_001, "bytes"),
        (b"title\n" + b"x\n" * 501, "at most 500 updates"),
    ):
        (error,) = (await bring(graph, content))["errors"]
        assert (error["code"], error["field"]) == ("INVALID", "file")
        assert why in error["message"], content[:20]
    told = [each["type"] for each in (await graph.data("{ events { nodes { type } } }"))["events"]["nodes"]]
    assert told == ["REGULATORY_UPDATES_IMPORTED"] * 6


async def test_companies_go_by_another_name_for_their_industry(graph: Graph, database, organization) -> None:
    software = await make_account(database, organization, industry="Software Development")
    await make_account(database, organization, name="Other", industry="Logistics")
    entered = (await graph.data(ENTER, i=SEC))["done"]["regulatoryUpdate"]["id"]
    await graph.data(ENTER, i=SEC | {"externalId": None, "affectedIndustries": ["retail"]})
    query = """{ accounts { nodes { industry regulatoryUpdates { totalCount nodes { id } } } }
      regulatoryUpdates { nodes { affectedIndustries affectedAccounts { nodes { id } } } } }"""
    found = await graph.data(query)
    assert {each["industry"]: each["regulatoryUpdates"] for each in found["accounts"]["nodes"]} == {
        "Software Development": {"totalCount": 1, "nodes": [{"id": entered}]},
        "Logistics": {"totalCount": 0, "nodes": []},
    }
    affected = {
        each["affectedIndustries"][0]: each["affectedAccounts"]["nodes"] for each in found["regulatoryUpdates"]["nodes"]
    }
    assert affected == {"finance": [{"id": software}], "retail": []}
