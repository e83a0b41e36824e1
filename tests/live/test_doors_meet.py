"""A lead made through one door is the same lead at every other, and the same event for who listens."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx

from tests.live.conftest import LiveServer
from tests.live.doors import crm_ultra, graphql, subscribed

_CREATE = """mutation ($input: CreateLeadInput!) {
  createLead(input: $input) { lead { id } errors { field message } }
}"""


def _lead(**more: Any) -> dict[str, Any]:
    return {"source": "website", "firstName": "Ada", "lastName": "Lovelace"} | more


def test_lead_of_rest_is_seen_by_graphql(server: LiveServer) -> None:
    made = crm_ultra(server, "POST", "/leads", _lead(email="rest@example.com"))
    assert made.status_code == 201

    seen = graphql(
        server, "query ($id: ID!) { lead(id: $id) { email statusText contact { email } } }", id=made.json()["id"]
    )

    assert seen["lead"] == {"email": "rest@example.com", "statusText": "new", "contact": {"email": "rest@example.com"}}


def test_lead_of_graphql_is_seen_by_rest(server: LiveServer) -> None:
    made = graphql(server, _CREATE, input=_lead(email="graph@example.com"))["createLead"]
    assert made["errors"] == []

    seen = crm_ultra(server, "GET", f"/leads/{made['lead']['id']}")

    assert (seen.status_code, seen.json()["email"]) == (200, "graph@example.com")


async def test_subscription_hears_both_doors_in_order(server: LiveServer) -> None:
    query = "subscription { events(types: [LEAD_CREATED]) { sequence lead { email } } }"
    newest = "{ events(last: 1) { nodes { cursor } } }"
    after = graphql(server, newest)["events"]["nodes"][0]["cursor"]
    async with asyncio.timeout(20), subscribed(server, query.replace("])", f'], after: "{after}")')) as events:
        await asyncio.to_thread(crm_ultra, server, "POST", "/leads", _lead(email="first@example.com"))
        await asyncio.to_thread(graphql, server, _CREATE, input=_lead(email="second@example.com"))

        heard = [(await events.next())["events"] for _ in range(2)]

    assert [event["lead"]["email"] for event in heard] == ["first@example.com", "second@example.com"]
    assert heard[0]["sequence"] < heard[1]["sequence"]


def test_event_stream_goes_on_after_the_last_event_seen(server: LiveServer) -> None:
    seen, missed = graphql(server, "{ events(first: 2) { nodes { cursor } } }")["events"]["nodes"]
    headers = {
        "X-API-Key": server.demo["keys"]["graphql_admin"],
        "Accept": "text/event-stream",
        "Last-Event-ID": seen["cursor"],
    }
    query = {"query": "subscription { events { cursor } }"}

    with httpx.stream("GET", server.demo["graphql_url"], params=query, headers=headers) as stream:
        place = next(line for line in stream.iter_lines() if line.startswith("id:"))

    assert place.removeprefix("id:").strip() == missed["cursor"]


def test_key_of_one_door_does_not_open_the_rest_dialect(server: LiveServer) -> None:
    refused = crm_ultra(server, "GET", "/leads", X_API_Key=server.demo["keys"]["copycar"])

    assert (refused.status_code, refused.json()["error"]["code"]) == (401, "invalid_api_key")


def test_printed_lead_is_there_under_its_printed_id(server: LiveServer) -> None:
    assert crm_ultra(server, "GET", "/leads/lead_123456789").json()["firstName"] == "John"
