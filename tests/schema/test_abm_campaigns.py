"""Campaigns for one company through the graph: planned, read, changed, paused, resumed, completed."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import select

from domain.abm import AbmCampaign, ActionStatus, ScheduledContent, TriggeredAction
from domain.accounts import Account
from domain.emails import Email, EmailStatus
from domain.engagement import EngagementEvent, EngagementType
from domain.permissions import Permission
from domain.viewer import Dialect, Viewer
from domain.webhooks import WebhookStatus
from resolvers import campaign_running
from tests.factories.credentials import make_client
from tests.factories.organizations import store
from tests.factories.webhook_rows import endpoint_row

DOCUMENTED: dict[str, Any] = {
    "campaignName": "TechCorp Infrastructure Optimization Campaign",
    "objective": "schedule_demo",
    "targetPersonas": [
        {"name": "Michael Chen", "title": "VP Engineering", "influence": 0.85},
        {"name": "Sarah Johnson", "title": "CTO", "influence": 0.95, "email": "sarah@techcorp.example.com"},
    ],
    "channels": ["EMAIL", "LINKEDIN", "WEBSITE", "DIRECT_MAIL"],
    "timeline": {"startDate": "2024-01-22", "durationWeeks": 4, "frequency": "weekly"},
    "contentStrategy": [
        {
            "week": 1,
            "theme": "Introduction & Value",
            "channels": ["EMAIL", "LINKEDIN"],
            "contentTypes": ["insight_email", "connection_request"],
        }
    ],
    "personalization": {"level": "ultimate", "includeAiInsights": True},
    "automation": {"enabled": True, "triggers": ["EMAIL_OPEN", "LINK_CLICK", "RESPONSE_RECEIVED"], "abTesting": True},
}
CREATE = """mutation ($i: CreateAbmCampaignInput!) { createAbmCampaign(input: $i) { campaign { id name status
  campaignType channels startDate endDate frequency tokensUsed trackingPixelUrl webhookUrl dashboardUrl
  automationEnabled automationTriggers strategy { week theme channels contentTypes }
  expectedRoi expected { responseRate { value low high basis cases } roi { basis } } account { name }
  personas { nodes { name contact { email } } }
  schedule { nodes { id localId week date type channel subject message status sendTime note
    variants { key subject text html } } }
  automationRules { nodes { id trigger action delay delaySeconds enabled oncePer } } }
  quota { remaining } errors { code field message } } }"""
STATE = """query ($id: ID!) { abmCampaign(id: $id) { status endDate pausedAt completedAt
  schedule { nodes { localId status sendTime date } } triggeredActions { nodes { status scheduledTime } } } }"""


@pytest.fixture
async def viewer(viewer_of, database, organization) -> Viewer:
    """Somebody with a client, whose tokens are counted."""
    client = await make_client(database, organization, dialect=Dialect.COPYCAR, monthly_tokens=5_000)
    return replace(await viewer_of(), client_id=client)


@pytest.fixture
async def account(database, organization) -> str:
    own = Account(id=Account.new_id(), organization_id=organization, created_at=database.clock.now())
    own.name, own.name_key, own.technologies, own.updated_at = "TechCorp", "techcorp", ["AWS"], own.created_at
    await store(database, own)
    return own.id


async def created(graph, account: str, **changes: Any) -> dict[str, Any]:
    answer = (await graph.data(CREATE, i=DOCUMENTED | {"accountId": account} | changes))["createAbmCampaign"]
    assert answer["errors"] == []
    return dict(answer["campaign"])


async def test_the_documented_campaign_is_planned_with_its_texts_rules_and_people(graph, database, account) -> None:
    campaign = await created(graph, account)
    assert (campaign["status"], campaign["startDate"]) == ("ACTIVE", "2024-01-22T00:00:00Z")
    assert (campaign["endDate"], campaign["campaignType"]) == ("2024-02-19T23:59:59Z", "multi_channel_abm")
    assert campaign["strategy"][0]["contentTypes"] == ["insight_email", "connection_request"]
    assert campaign["trackingPixelUrl"] == f"{database.public_url}/v2/ultimate/track/{campaign['id']}"
    assert campaign["dashboardUrl"] == f"{database.public_url}/campaigns/{campaign['id']}"
    assert campaign["webhookUrl"] is None
    assert campaign["account"] == {"name": "TechCorp"}
    people = {each["name"]: each["contact"] for each in campaign["personas"]["nodes"]}
    assert people == {"Sarah Johnson": {"email": "sarah@techcorp.example.com"}, "Michael Chen": None}

    items = campaign["schedule"]["nodes"]
    first, second = items[:2]
    assert (first["localId"], first["type"], first["sendTime"]) == ("cnt_week1_email", "email", "2024-01-22T10:30:00Z")
    assert (second["localId"], second["type"]) == ("cnt_week1_linkedin", "linkedin_connection")
    assert {each["status"] for each in items} == {"SCHEDULED"}
    # One version has a place for each reader's name; what is shown is the most influential one's.
    assert first["subject"]
    assert first["message"] is None
    assert [each["key"] for each in first["variants"]] == ["A", "B"]
    assert first["variants"][0]["text"] != first["variants"][1]["text"]
    assert "{{first_name}}" in first["variants"][0]["text"]
    assert "{{first_name}}" in first["variants"][0]["html"]
    assert second["message"].startswith("Hi Sarah")
    assert second["subject"] is None
    # Weeks that nobody planned have every channel of the campaign.
    assert {each["channel"] for each in items if each["week"] == 2} == set(DOCUMENTED["channels"])

    rules = [(each["trigger"], each["action"], each["delay"]) for each in campaign["automationRules"]["nodes"]]
    assert rules == [
        ("EMAIL_OPEN", "SEND_LINKEDIN_CONNECTION", "2 hours"),
        ("LINK_CLICK", "SEND_FOLLOW_UP_EMAIL", "1 hour"),
    ]
    assert campaign["expected"]["responseRate"]["basis"] == campaign["expected"]["roi"]["basis"] == "PRIOR"
    assert campaign["tokensUsed"] > 0


async def test_the_shortest_call_plans_from_today_for_everybody_known(graph, account, organization, database) -> None:
    named = {"i": {"accountId": account, "name": "Ada Lovelace", "email": "ada@x.example.com"}}
    await graph.data("mutation ($i: CreatePersonaInput!) { createPersona(input: $i) { errors { message } } }", **named)
    short = {"campaignName": "Short", "channels": ["EMAIL"], "timeline": {"durationWeeks": 1}, "accountId": account}
    answer = (await graph.data(CREATE, i=short))["createAbmCampaign"]
    campaign = answer["campaign"]
    assert answer["errors"] == []
    assert campaign["automationRules"]["nodes"] == []
    assert (campaign["startDate"], campaign["frequency"]) == ("2024-01-15T00:00:00Z", "weekly")
    assert [each["name"] for each in campaign["personas"]["nodes"]] == ["Ada Lovelace"]
    # Half past ten is over, but only by hours.
    assert campaign["schedule"]["nodes"][0]["status"] == "SCHEDULED"

    old = await created(graph, account, timeline={"startDate": "2023-12-18", "durationWeeks": 5})
    assert [(each["week"], each["status"]) for each in old["schedule"]["nodes"] if each["channel"] == "EMAIL"] == [
        *((week, "SKIPPED") for week in range(1, 5)),
        (5, "SCHEDULED"),
    ]
    found = await graph.data(
        """query ($account: ID!) {
          account(id: $account) { campaigns(sort: {field: NAME, direction: DESC}) { nodes { name } } }
          abmCampaigns(where: {account: $account, channel: WEBSITE, startFrom: "2023-12-01"}) { nodes { id } } }""",
        account=account,
    )
    assert [each["name"] for each in found["account"]["campaigns"]["nodes"]] == [old["name"], "Short"]
    assert found["abmCampaigns"]["nodes"] == [{"id": old["id"]}]


async def test_what_cannot_be_planned_is_refused_by_its_field_and_nothing_is_stored(graph, account) -> None:
    for changes, fields in (
        ({"campaignName": " ", "channels": []}, ["campaignName", "channels"]),
        (
            {"timeline": {"durationWeeks": 0, "startDate": "1900-01-01", "frequency": "hourly"}},
            ["timeline.durationWeeks", "timeline.startDate", "timeline.frequency"],
        ),
        ({"contentStrategy": [{"week": 5}]}, ["contentStrategy.0.week"]),
        ({"contentStrategy": [{"week": 1}, {"week": 1}]}, ["contentStrategy.1.week"]),
        (
            {"timeline": {"durationWeeks": 4, "frequency": "biweekly"}, "contentStrategy": [{"week": 2}]},
            ["contentStrategy.0.week"],
        ),
        ({"targetPersonas": [{"name": "Ann"}, {"name": " "}]}, ["targetPersonas.1.name"]),
        ({"targetPersonas": [{"name": "Ann", "email": "nowhere"}]}, ["targetPersonas.0.email"]),
        ({"accountId": "acc_0"}, ["accountId"]),
    ):
        answer = (await graph.data(CREATE, i=DOCUMENTED | {"accountId": account} | changes))["createAbmCampaign"]
        assert (answer["campaign"], [each["field"] for each in answer["errors"]]) == (None, fields)
    assert (await graph.data("{ abmCampaigns { totalCount } personas { totalCount } }")) == {
        "abmCampaigns": {"totalCount": 0},
        "personas": {"totalCount": 0},
    }


async def test_a_pause_moves_what_has_not_left_and_the_end_is_final(
    graph, database, clock, account, organization
) -> None:
    campaign = await created(graph, account)
    own = campaign["id"]
    await _in_flight(database, organization, campaign)
    for _ in range(2):
        paused = await graph.data(
            "mutation ($id: ID!) { pauseAbmCampaign(id: $id) { campaign { status } errors { code } } }", id=own
        )
        assert paused["pauseAbmCampaign"] == {"campaign": {"status": "PAUSED"}, "errors": []}
    assert await _due(database, own) == {"items": 0, "actions": 0, "emails": 0, "campaigns": 0}

    clock.advance(days=9, hours=5)
    resume = "mutation ($id: ID!) { resumeAbmCampaign(id: $id) { campaign { status } errors { code } } }"
    assert (await graph.data(resume, id=own))["resumeAbmCampaign"]["campaign"] == {"status": "ACTIVE"}
    state = (await graph.data(STATE, id=own))["abmCampaign"]
    assert (state["endDate"], state["pausedAt"]) == ("2024-02-28T23:59:59Z", None)
    assert (state["schedule"]["nodes"][0]["sendTime"], state["schedule"]["nodes"][0]["date"]) == (
        "2024-01-31T10:30:00Z",
        "2024-01-31",
    )
    # Of its two hours' delay all were left when the campaign was paused.
    assert state["triggeredActions"]["nodes"][0]["scheduledTime"] == "2024-01-24T21:30:00Z"
    assert await _due(database, own) == {"items": 14, "actions": 1, "emails": 1, "campaigns": 1}

    complete = "mutation ($id: ID!) { completeAbmCampaign(id: $id) { campaign { status } errors { code } } }"
    assert (await graph.data(complete, id=own))["completeAbmCampaign"]["campaign"] == {"status": "COMPLETED"}
    assert await _due(database, own) == {"items": 0, "actions": 0, "emails": 0, "campaigns": 0}
    state = (await graph.data(STATE, id=own))["abmCampaign"]
    assert {each["status"] for each in state["schedule"]["nodes"]} == {"CANCELLED"}
    ((status, failure),) = await database.rows(select(Email.status, Email.failure).where(Email.campaign_id == own))
    assert status is EmailStatus.FAILED
    assert "completed" in failure
    for mutation in ("pause", "resume", "complete"):
        name = f"{mutation}AbmCampaign"
        again = await graph.data(f"mutation ($id: ID!) {{ {name}(id: $id) {{ errors {{ code }} }} }}", id=own)
        assert again[name]["errors"] == [{"code": "CONFLICT"}]
    told = (await graph.data("{ events(last: 3) { nodes { type } } }"))["events"]["nodes"]
    assert [each["type"] for each in told] == ["CAMPAIGN_PAUSED", "CAMPAIGN_RESUMED", "CAMPAIGN_COMPLETED"]


async def _in_flight(database, organization, campaign) -> None:
    """A message that was made and not sent, and a reaction that waits for its delay, just begun."""
    now = database.clock.now()
    owned = {"organization_id": organization, "created_at": now}
    contact_id = (await database.rows(select(Email.metadata.tables["contact"].c.id)))[0][0]
    waiting = {"id": Email.new_id(), "campaign_id": campaign["id"], "to": ["a@b.example.com"], "due_at": now}
    mail = Email(**owned, **waiting, subject="S", body="B", status=EmailStatus.SCHEDULED)
    seen = {"type": EngagementType.EMAIL_OPEN, "channel": "EMAIL", "source_key": "k", "counted": True, "score": 0.3}
    cause = EngagementEvent(**owned, **seen, id=EngagementEvent.new_id(), occurred_at=now, contact_id=contact_id)
    rule = campaign["automationRules"]["nodes"][0]
    due = datetime(2024, 1, 15, 16, 30, tzinfo=UTC)
    action = TriggeredAction(
        **owned,
        id=TriggeredAction.new_id(),
        rule_id=rule["id"],
        campaign_id=campaign["id"],
        engagement_id=cause.id,
        contact_id=contact_id,
        scope_key=contact_id,
        action=rule["action"],
        scheduled_time=due,
        due_at=due,
        status=ActionStatus.SCHEDULED,
    )
    await store(database, mail, cause, action)


async def _due(database, campaign: str) -> dict[str, int]:
    found = {}
    entities = {"items": ScheduledContent, "actions": TriggeredAction, "emails": Email}
    for name, entity in entities.items():
        own = select(entity.id).where(entity.campaign_id == campaign, entity.due_at.is_not(None))
        found[name] = len(await database.rows(own))
    own = select(AbmCampaign.id).where(AbmCampaign.id == campaign, AbmCampaign.due_at.is_not(None))
    return found | {"campaigns": len(await database.rows(own))}


async def test_campaigns_that_name_the_same_people_at_once_share_them(graph, account) -> None:
    people = [{"name": name, "email": f"{name}@people.example.com"} for name in ("ada", "bob", "eve", "joe")]
    orders = [people[::-1] if number % 2 else people for number in range(6)]
    small = {"channels": ["EMAIL"], "timeline": {"durationWeeks": 1}, "contentStrategy": []}
    made = await asyncio.gather(*(created(graph, account, **small, targetPersonas=each) for each in orders))
    assert len({each["id"] for each in made}) == len(orders)
    assert (await graph.data("{ contacts { totalCount } }"))["contacts"]["totalCount"] == len(people)


async def test_people_and_rules_of_a_campaign_change(graph, account) -> None:
    campaign = await created(graph, account)
    change = """mutation ($i: UpdateAbmCampaignInput!) { updateAbmCampaign(input: $i) { campaign { name endDate
      personas { nodes { id name } } } errors { field } } }"""
    added = {"id": campaign["id"], "campaignName": "New", "endDate": "2024-03-01", "addPersonas": [{"name": "Ada"}]}
    answer = (await graph.data(change, i=added))["updateAbmCampaign"]
    assert answer["errors"] == []
    people = {each["name"]: each["id"] for each in answer["campaign"]["personas"]["nodes"]}
    assert (answer["campaign"]["name"], answer["campaign"]["endDate"]) == ("New", "2024-03-01T23:59:59Z")
    assert set(people) == {"Ada", "Sarah Johnson", "Michael Chen"}
    removed = {"id": campaign["id"], "removePersonas": [people["Ada"]]}
    answer = (await graph.data(change, i=removed))["updateAbmCampaign"]
    assert len(answer["campaign"]["personas"]["nodes"]) == 2
    both = {"removePersonas": [people["Sarah Johnson"]], "addPersonas": [{"name": "sarah johnson"}]}
    kept = (await graph.data(change, i={"id": campaign["id"]} | both))["updateAbmCampaign"]["campaign"]
    assert len(kept["personas"]["nodes"]) == 2
    for wrong, field in (
        ({"removePersonas": [people["Ada"]]}, "removePersonas.0"),
        ({"endDate": "2024-01-30"}, "endDate"),
    ):
        refused = (await graph.data(change, i={"id": campaign["id"]} | wrong))["updateAbmCampaign"]
        assert refused["errors"] == [{"field": field}]

    make = """mutation ($i: CreateAutomationRuleInput!) { createAutomationRule(input: $i) {
      automationRule { id delay delaySeconds oncePer position } errors { field } } }"""
    wanted = {"campaignId": campaign["id"], "trigger": "RESPONSE_RECEIVED", "action": "CREATE_TASK"}
    made = (await graph.data(make, i=wanted | {"delay": "90 minutes"}))["createAutomationRule"]["automationRule"]
    assert (made["delay"], made["delaySeconds"], made["oncePer"], made["position"]) == ("90 minutes", 5400, "ITEM", 3)
    assert (await graph.data(make, i=wanted | {"delay": "soon"}))["createAutomationRule"]["errors"] == [
        {"field": "delay"}
    ]
    changed = await graph.data(
        """mutation ($id: ID!) { updateAutomationRule(input: {id: $id, delaySeconds: 7200, enabled: false}) {
          automationRule { delay enabled campaign { name } } } }""",
        id=made["id"],
    )
    told = changed["updateAutomationRule"]["automationRule"]
    assert told == {"delay": "2 hours", "enabled": False, "campaign": {"name": "New"}}
    gone = await graph.data(
        "mutation ($id: ID!) { deleteAutomationRule(id: $id) { id errors { code } } }", id=made["id"]
    )
    assert gone["deleteAutomationRule"] == {"id": made["id"], "errors": []}


async def test_a_planned_piece_is_put_off_reworded_and_taken_back(graph, account) -> None:
    campaign = await created(graph, account)
    mail, request = campaign["schedule"]["nodes"][:2]
    change = """mutation ($i: UpdateScheduledContentInput!) { updateScheduledContent(input: $i) {
      scheduledContent { sendTime date subject message variants { key template subject text html } }
      errors { code field } } }"""

    async def changed(id: str, **values: Any) -> Any:
        return (await graph.data(change, i={"id": id} | values))["updateScheduledContent"]

    words = {"variant": "B", "subject": "News for {{full_name}}", "text": "Hello {{first_name}} <3"}
    told = (await changed(mail["id"], sendTime="2024-01-24", **words))["scheduledContent"]
    assert (told["sendTime"], told["date"]) == ("2024-01-24T10:30:00Z", "2024-01-24")
    # What is shown is the first version still, as Sarah gets it.
    assert told["subject"] == mail["subject"]
    assert told["variants"][0] == mail["variants"][0] | {"template": told["variants"][0]["template"]}
    assert (told["variants"][1]["template"], told["variants"][1]["subject"]) == (None, words["subject"])
    assert "Hello {{first_name}} &lt;3" in told["variants"][1]["html"]
    told = (await changed(request["id"], message="{{first_name}}, shall we?"))["scheduledContent"]
    assert told["message"] == "Sarah, shall we?"

    generate = """mutation ($i: GenerateContentInput!) { generateContent(input: $i) { content { id
      variants { nodes { subject text } } } errors { message } } }"""
    wanted = {"accountId": account, "contentType": "insight_email", "targetPersona": {"name": "Michael Chen"}}
    generated = (await graph.data(generate, i=wanted | {"channels": ["EMAIL"]}))["generateContent"]["content"]
    told = (await changed(mail["id"], contentId=generated["id"]))["scheduledContent"]
    own = generated["variants"]["nodes"][0]["text"]
    assert "Michael" in own
    assert told["variants"][0]["text"] == own.replace("Michael", "{{first_name}}")

    for values, field in (
        ({"sendTime": "2024-03-01"}, "sendTime"),
        # The campaign begins on the 22nd.
        ({"sendTime": "2024-01-21"}, "sendTime"),
        ({"message": "x"}, "message"),
        ({"text": "Dear {{salary}}"}, "text"),
        ({"html": "no markup"}, "html"),
        ({"contentId": "cnt_0"}, "contentId"),
    ):
        refused = await changed(mail["id"], **values)
        assert (refused["scheduledContent"], [each["field"] for each in refused["errors"]]) == (None, [field])
    cancel = "mutation ($id: ID!) { cancelScheduledContent(id: $id) { scheduledContent { status } errors { code } } }"
    gone = (await graph.data(cancel, id=mail["id"]))["cancelScheduledContent"]
    assert gone == {"scheduledContent": {"status": "CANCELLED"}, "errors": []}
    assert (await changed(mail["id"], text="x"))["errors"][0]["code"] == "CONFLICT"


async def test_what_was_taken_up_before_a_pause_leaves_once_after_it(
    graph, database, clock, account, organization
) -> None:
    campaign = await created(graph, account, timeline={"durationWeeks": 1, "startDate": "2024-01-15"})
    held = await _taken(database, clock, organization)
    pause = "mutation ($id: ID!) { pauseAbmCampaign(id: $id) { errors { code } } }"
    await graph.data(pause, id=campaign["id"])
    await _run(database, held)
    mail = select(Email.to).where(Email.campaign_id == campaign["id"])
    assert await database.rows(mail) == []

    clock.advance(hours=3)
    await graph.data(pause.replace("pause", "resume"), id=campaign["id"])
    again = await _taken(database, clock, organization)
    for _ in range(2):
        await _run(database, [*held, *again])
    # Sarah alone has an address; the other piece that was due became a task for each of the two.
    assert [tuple(row) for row in await database.rows(mail)] == [(["sarah@techcorp.example.com"],)]
    tasks = await graph.data("query ($id: ID!) { abmCampaign(id: $id) { tasks { totalCount } } }", id=campaign["id"])
    assert tasks["abmCampaign"]["tasks"]["totalCount"] == 2 * (len(again) - 1)


async def test_of_what_piled_up_while_nothing_ran_only_the_newest_leaves(
    graph, database, clock, account, organization
) -> None:
    campaign = await created(graph, account, channels=["EMAIL"], contentStrategy=[])
    # Three Mondays late, the third by hours.
    clock.at = datetime(2024, 2, 5, 18, tzinfo=UTC)
    await _run(database, await _taken(database, clock, organization))
    found = (await graph.data(STATE, id=campaign["id"]))["abmCampaign"]["schedule"]["nodes"]
    assert [each["status"] for each in found] == ["SKIPPED", "SKIPPED", "SENT", "SCHEDULED"]


async def _taken(database, clock, organization: str) -> list[Any]:
    # Other tests have organizations of their own in the same database.
    take = partial(campaign_running.take, now=clock.now(), lease=timedelta(minutes=5), most=1_000)
    return [each for each in await database.store(take) if each[0] == organization]


async def _run(database, taken) -> None:
    for organization, own, attempt in taken:
        work = partial(campaign_running.run, id=own, attempt=attempt)
        await database.transact(Viewer.nobody(organization, "Campaigns"), work)


async def test_the_address_of_receivers_is_told_to_who_may_see_it(graph, viewer, database, account) -> None:
    campaign = await created(graph, account)
    now, values = database.clock.now(), {"dialect": Dialect.COPYCAR, "events": ["ENGAGEMENT_DETECTED"]}
    rows = [
        endpoint_row(viewer.organization_id, viewer.client_id, now + timedelta(seconds=number), **(values | each))
        for number, each in enumerate(
            (
                {"url": "https://a.example.com", "status": WebhookStatus.PAUSED},
                {"url": "https://b.example.com", "events": ["RESEARCH_COMPLETED"]},
                {"url": "https://c.example.com", "dialect": Dialect.CRM_ULTRA},
                {"url": "https://d.example.com"},
                {"url": "https://e.example.com"},
            )
        )
    ]
    await store(database, *rows)
    query = "query ($id: ID!) { abmCampaign(id: $id) { webhookUrl } }"
    assert (await graph.data(query, id=campaign["id"]))["abmCampaign"] == {"webhookUrl": "https://d.example.com"}
    narrow = replace(viewer, permissions=viewer.permissions - {Permission.READ_WEBHOOKS})
    assert (await graph.data(query, narrow, id=campaign["id"]))["abmCampaign"] == {"webhookUrl": None}
