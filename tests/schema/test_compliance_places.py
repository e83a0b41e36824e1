"""Items, and the leads, campaigns and localizations that are where their law holds."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from domain.channels import Channel
from domain.engagement import EngagementEvent, EngagementType
from domain.localization import Localization
from domain.viewer import Viewer
from gateway.database import Database
from tests.clocks import SetClock
from tests.factories.compliance import item_row
from tests.factories.leads import lead_row
from tests.factories.marketing import campaign_row, marketing_rows, owned
from tests.factories.organizations import store
from tests.graphs import Graph

FIRST = date(2024, 6, 1)
PLACES = ("EU", "DE", "US", "US-CA", "UK", "GLOBAL", "Bavaria", "EU", "US")


@pytest.fixture
async def graph(database: Database, viewer: Viewer, clock: SetClock) -> Graph:
    """Nine items, one a day; leads of three states and of none; campaigns and a localization."""
    at, own = clock.now(), viewer.organization_id
    items = [
        item_row(own, at, FIRST + timedelta(days=day), title=f"{place} {day}", jurisdiction=place)
        for day, place in enumerate(PLACES)
    ]
    leads = [
        lead_row(own, at + timedelta(minutes=minute), email=f"{state or 'none'}{minute}@a.example.com", state=state)
        for minute, state in enumerate(("CA", "NY", None, "CA"))
    ]
    campaigns = [
        campaign_row(own, at + timedelta(minutes=minute), name=name, locations=locations)
        for minute, (name, locations) in enumerate(
            (("german", ["Germany"]), ("union", ["eu"]), ("both", ["California", "FR"]), ("nowhere", []))
        )
    ]
    (text,) = [row for row in marketing_rows(own, at) if isinstance(row, Localization)]
    text.campaign_id, text.target_market = campaigns[0].id, "GB"
    seen = [
        owned(
            EngagementEvent,
            own,
            at,
            type=EngagementType.OTHER,
            channel=Channel.EMAIL,
            occurred_at=at,
            score=0.1,
            counted=True,
            source_key=f"told:{country}",
            country=country,
        )
        for country in ("Deutschland", "gb", "Atlantis", None)
    ]
    await store(database, *items, *leads, *campaigns, text, *seen)
    return Graph(database, viewer)


async def asked(graph: Graph, query: str) -> Any:
    return await graph.data(f"{{ {query} }}")


def titles(found: Any) -> list[str]:
    return [each["title"] for each in found["nodes"]]


async def test_each_finds_what_concerns_it(graph: Graph) -> None:
    mine = "complianceItems { totalCount nodes { title } }"
    leads = (await asked(graph, f"leads {{ nodes {{ state {mine} }} }}"))["leads"]["nodes"]
    by_state = {each["state"]: titles(each["complianceItems"]) for each in leads}
    assert by_state == {
        "CA": ["US 2", "US-CA 3", "GLOBAL 5", "US 8"],
        "NY": ["US 2", "GLOBAL 5", "US 8"],
        None: [],
    }
    assert [each["complianceItems"]["totalCount"] for each in leads] == [4, 0, 3, 4]
    campaigns = (await asked(graph, f"adCampaigns {{ nodes {{ name {mine} }} }}"))["adCampaigns"]["nodes"]
    assert {each["name"]: titles(each["complianceItems"]) for each in campaigns} == {
        "german": ["EU 0", "DE 1", "GLOBAL 5", "EU 7"],
        "union": ["EU 0", "DE 1", "GLOBAL 5", "EU 7"],
        "both": ["EU 0", "US 2", "US-CA 3", "GLOBAL 5", "EU 7", "US 8"],
        "nowhere": [],
    }
    (text,) = (await asked(graph, f"localizations {{ nodes {{ {mine} }} }}"))["localizations"]["nodes"]
    assert titles(text["complianceItems"]) == ["UK 4", "GLOBAL 5"]
    by_country = (await asked(graph, f"engagements {{ nodes {{ country {mine} }} }}"))["engagements"]["nodes"]
    assert {each["country"]: titles(each["complianceItems"]) for each in by_country} == {
        "Deutschland": ["EU 0", "DE 1", "GLOBAL 5", "EU 7"],
        "gb": ["UK 4", "GLOBAL 5"],
        "Atlantis": ["GLOBAL 5"],
        None: [],
    }


async def test_and_is_found_from_there(graph: Graph) -> None:
    query = """complianceItems { nodes { title leads { totalCount nodes { state } } campaigns { nodes { name } }
      localizations { nodes { targetMarket } } } }"""
    found = {each["title"]: each for each in (await asked(graph, query))["complianceItems"]["nodes"]}
    states = {title: [lead["state"] for lead in each["leads"]["nodes"]] for title, each in found.items()}
    assert states["US 2"] == states["GLOBAL 5"] == ["CA", "NY", "CA"]
    assert (states["US-CA 3"], states["EU 0"], found["US 8"]["leads"]["totalCount"]) == (["CA", "CA"], [], 3)
    aimed = {title: {each["name"] for each in item["campaigns"]["nodes"]} for title, item in found.items()}
    assert aimed["EU 0"] == {"german", "union", "both"}
    assert aimed["DE 1"] == {"german", "union"}
    assert aimed["US-CA 3"] == {"both"}
    assert (aimed["UK 4"], aimed["GLOBAL 5"]) == (set(), {"german", "union", "both", "nowhere"})
    assert [len(found[title]["localizations"]["nodes"]) for title in ("UK 4", "GLOBAL 5", "EU 0")] == [1, 1, 0]


@pytest.mark.parametrize("backward", [False, True])
async def test_pages_go_on_across_jurisdictions(graph: Graph, backward: bool) -> None:
    size, place, cursor = ("last", "before", "startCursor") if backward else ("first", "after", "endCursor")
    walked, after = [], ""
    for _ in range(4):
        page = f"complianceItems({size}: 2{after}) {{ nodes {{ title }} pageInfo {{ {cursor} hasNextPage }} }}"
        query = f'adCampaigns(where: {{search: "both"}}) {{ nodes {{ {page} }} }}'
        (campaign,) = (await asked(graph, query))["adCampaigns"]["nodes"]
        found = campaign["complianceItems"]
        walked = [*titles(found), *walked] if backward else [*walked, *titles(found)]
        after = f', {place}: "{found["pageInfo"][cursor]}"' if found["nodes"] else after
    assert walked == ["EU 0", "US 2", "US-CA 3", "GLOBAL 5", "EU 7", "US 8"]
    skipped = (
        'adCampaigns(where: {search: "both"}) { nodes { complianceItems(first: 2, offset: 3) { nodes { title } } } }'
    )
    (campaign,) = (await asked(graph, skipped))["adCampaigns"]["nodes"]
    assert titles(campaign["complianceItems"]) == ["GLOBAL 5", "EU 7"]
    filtered = 'complianceItems(where: {jurisdiction: "US"}, sort: {direction: DESC}) { nodes { title } }'
    (campaign,) = (await asked(graph, f'adCampaigns(where: {{search: "both"}}) {{ nodes {{ {filtered} }} }}'))[
        "adCampaigns"
    ]["nodes"]
    assert titles(campaign["complianceItems"]) == ["US 8", "US 2"]
