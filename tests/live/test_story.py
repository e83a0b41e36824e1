"""One story of one company through every door of every product: each tells its part, and one query reads it whole."""

from __future__ import annotations

import email
import re
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.message import Message
from pathlib import Path
from typing import Any, TypeVar

import httpx

from tests.live.conftest import LiveServer
from tests.live.doors import crm_ultra, graphql

T = TypeVar("T")

_READ = """query ($id: ID!) { account(id: $id) {
  name
  researchRuns { nodes { status } }
  leads { nodes { id activities { nodes { type } } conversion { points probability } } }
  campaigns { nodes { id performance { emailsSent emailsOpened emailsClicked emailsReplied } } }
  contacts { nodes { endUsers { nodes { externalId } } feedback { nodes { content } } } }
  regulatoryUpdates { nodes { title } }
  insight { thin evidence }
  timeline(first: 50) { nodes { kind title subject { __typename } } } } }"""


def copycar(server: LiveServer, method: str, path: str, body: Any = None) -> dict[str, Any]:
    headers = {"X-API-Key": server.demo["keys"]["copycar"]}
    answer = httpx.request(method, f"{server.base_url}/v2/ultimate{path}", json=body, headers=headers, timeout=30)
    assert answer.status_code == 200, answer.text
    data: dict[str, Any] = answer.json()["data"]
    return data


def clickup_brain(server: LiveServer, path: str, body: Any) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {server.demo['keys']['clickup_brain']}"}
    answer = httpx.post(f"{server.base_url}/api/v1{path}", json=body, headers=headers, timeout=30)
    assert answer.status_code in (200, 201), answer.text
    data: dict[str, Any] = answer.json()
    return data


def awaited(look: Callable[[], T | None]) -> T:
    """What is there sooner or later, because work is done beside the answers."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        found = look()
        if found:
            return found
        time.sleep(0.1)
    raise AssertionError("it did not happen")


def letter_to(server: LiveServer, address: str) -> Message | None:
    written = [email.message_from_bytes(each.read_bytes()) for each in (server.folder / "mail").glob("email_*.eml")]
    return next((each for each in written if each["To"] == address and each["List-Unsubscribe"]), None)


def html_of(letter: Message) -> str:
    part = next(each for each in letter.walk() if each.get_content_type() == "text/html")
    return bytes(part.get_payload(decode=True)).decode()


def test_one_company_is_one_story_at_every_door(server: LiveServer) -> None:
    now = datetime.now(UTC)
    # The first message leaves at 10:30; one whose time was less than a day ago leaves at once.
    start = now if now.time() > datetime(2024, 1, 1, 10, 31, tzinfo=UTC).time() else now - timedelta(days=1)
    rule: dict[str, Any] = {"title": "Story rule", "date": "2024-01-12", "jurisdiction": "US"}
    rule |= {"updateType": "amendment"} | {
        "impactLevel": "HIGH",
        "summary": "x",
        "affectedIndustries": ["technology"],
        "source": "Story",
    }
    enter = "mutation ($i: EnterRegulatoryUpdateInput!) { enterRegulatoryUpdate(input: $i) { errors { message } } }"
    assert graphql(server, enter, i=rule)["enterRegulatoryUpdate"]["errors"] == []

    company = {"name": "Story Systems", "domain": "story-systems.example.com", "industry": "Software Development"}
    account = copycar(server, "POST", "/accounts/research", {"company": company | {"technologies": ["AWS"]}})
    person = {"firstName": "Nora", "lastName": "Teller", "email": "nora.teller@story-systems.example.com"}
    lead = crm_ultra(server, "POST", "/leads", person | {"source": "website"}).json()["id"]
    campaign = copycar(
        server,
        "POST",
        "/campaigns/create",
        {
            "campaign_name": "Story",
            "account_id": account["account_id"],
            "target_personas": [{"name": "Nora Teller", "title": "CTO"}],
            "channels": ["email"],
            "timeline": {"start_date": f"{start:%Y-%m-%d}", "duration_weeks": 1},
            "automation": {"enabled": True},
        },
    )

    html = html_of(awaited(lambda: letter_to(server, person["email"])))
    assert "Nora" in html
    pixel = re.search(r'<img[^>]* src="([^"]+)"', html)
    assert pixel is not None
    assert httpx.get(pixel[1], headers={"User-Agent": "Story/1.0"}).headers["content-type"] == "image/gif"
    reply = "mutation ($i: RecordEngagementInput!) { recordEngagement(input: $i) { errors { message } } }"
    said = {"campaignId": campaign["campaign_id"], "contentId": "cnt_week1_email", "type": "RESPONSE_RECEIVED"}
    contacts = graphql(
        server, "query ($e: String) { contacts(where: {email: $e}) { nodes { id } } }", e=person["email"]
    )
    said |= {"contactId": contacts["contacts"]["nodes"][0]["id"]}
    assert graphql(server, reply, i=said)["recordEngagement"]["errors"] == []
    sent = {"user_id": person["email"], "source": "survey", "content": "The story app crashes when I export."}
    assert clickup_brain(server, "/feedback/collect", sent)["feedback_id"].startswith("fb_")

    def on_timeline() -> list[str] | None:
        answer = crm_ultra(server, "GET", f"/leads/{lead}/activities/timeline").json()
        types = [each["type"] for each in answer["data" if "data" in answer else "activities"]]
        return types if {"LEAD_CREATED", "EMAIL_SENT", "EMAIL_OPENED"} <= set(types) else None

    awaited(on_timeline)
    performance = copycar(server, "GET", f"/campaigns/{campaign['campaign_id']}/performance")
    counted = performance["metrics"]["overall"]
    assert [counted[f"emails_{each}"] for each in ("sent", "delivered", "opened", "replied")] == [1, 1, 1, 1]
    insights = copycar(server, "GET", f"/accounts/{account['account_id']}/insights")
    assert insights["insights"]["engagement_trends"]["overall_score"] > 0

    whole = graphql(server, _READ, id=account["account_id"])["account"]
    assert whole["researchRuns"]["nodes"] == [{"status": "COMPLETED"}]
    (known,) = whole["leads"]["nodes"]
    assert known["id"] == lead
    assert known["conversion"]["probability"] is None
    assert [each["id"] for each in whole["campaigns"]["nodes"]] == [campaign["campaign_id"]]
    assert whole["contacts"]["nodes"] == [
        {
            "endUsers": {"nodes": [{"externalId": person["email"]}]},
            "feedback": {"nodes": [{"content": sent["content"]}]},
        }
    ]
    assert "Story rule" in [each["title"] for each in whole["regulatoryUpdates"]["nodes"]]
    assert whole["insight"] == {"thin": True, "evidence": 2}
    kinds = {each["kind"] for each in whole["timeline"]["nodes"]}
    assert {"LEAD", "EMAIL", "ENGAGEMENT", "FEEDBACK", "CAMPAIGN", "RESEARCH"} <= kinds


def test_the_demos_story_is_read_by_the_readmes_query(server: LiveServer) -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text("utf-8")
    query = re.search(r"```graphql\n(query Story \{.*?)```", readme, re.DOTALL)
    assert query is not None
    account = graphql(server, query[1])["account"]
    assert account["name"] == "TechCorp Solutions"
    for part in ("painPoints", "leads", "campaigns", "contacts", "regulatoryUpdates", "timeline"):
        assert account[part]["nodes"], part
    # Others on this server may have made campaigns for the same company.
    names = {each["name"]: each["performance"] for each in account["campaigns"]["nodes"]}
    assert names["TechCorp Infrastructure Optimization Campaign"]["emailsOpened"] == 4
