"""Campaigns of both kinds behind one interface: where a lead's name leads, and by id (X-13)."""

from __future__ import annotations

from dataclasses import replace

from domain.permissions import Permission
from domain.viewer import Viewer
from gateway.database import Database
from tests.conftest import CountStatements
from tests.factories.abm import make_campaign
from tests.factories.leads import make_lead
from tests.factories.marketing import campaign_row
from tests.factories.organizations import store
from tests.graphs import Graph

LEADS = """{ leads { nodes { campaignId campaign { __typename id name ... on AbmCampaign { durationWeeks }
  ... on AdCampaign { platform } leads(first: 5) { totalCount nodes { campaignId } } } } } }"""


async def test_a_name_leads_to_whichever_kind_has_it(
    graph: Graph, database: Database, organization: str, viewer: Viewer, count_statements: CountStatements
) -> None:
    ad = campaign_row(organization, database.clock.now(), external_id="camp_1", name="Ads")
    await store(database, ad)
    abm = (await make_campaign(database, organization)).campaign
    for name in ("camp_1", ad.id, abm, abm, "unknown", None):
        await make_lead(database, organization, custom_fields={"campaignId": name} if name else {}, campaign_id=name)
    with count_statements() as ran:
        found = (await graph.data(LEADS))["leads"]["nodes"]
    # Leads; campaigns of each kind, with the totals and rows of their leads.
    assert len(ran) == 1 + 2 * 3
    told = sorted((each["campaignId"] or "", (each["campaign"] or {}).get("name")) for each in found)
    assert told == sorted(
        [("camp_1", "Ads"), (ad.id, "Ads"), *[(abm, "Q1 Outreach")] * 2, ("unknown", None), ("", None)]
    )
    by_name = {each["campaignId"]: each["campaign"] for each in found}
    assert by_name[abm] | {"leads": None} == {
        "__typename": "AbmCampaign",
        "id": abm,
        "name": "Q1 Outreach",
        "durationWeeks": 4,
        "leads": None,
    }
    assert by_name[abm]["leads"] == {"totalCount": 2, "nodes": [{"campaignId": abm}] * 2}
    assert by_name["camp_1"]["__typename"] == "AdCampaign"

    query = "query ($id: ID!) { campaign(id: $id) { __typename id status leads { totalCount } } }"
    kinds = {key: (await graph.data(query, id=key))["campaign"] for key in (ad.id, abm, "camp_1", "unknown")}
    assert [each and each["__typename"] for each in kinds.values()] == ["AdCampaign", "AbmCampaign", None, None]
    assert (kinds[abm]["id"], kinds[abm]["status"], kinds[abm]["leads"]) == (abm, "ACTIVE", {"totalCount": 2})

    lacking = replace(viewer, permissions=viewer.permissions - {Permission.READ_MARKETING})
    refused = await graph(LEADS, viewer=lacking)
    assert [each["campaign"] for each in refused.data["leads"]["nodes"]] == [None] * 6
    assert set(refused.codes) == {"FORBIDDEN"}
