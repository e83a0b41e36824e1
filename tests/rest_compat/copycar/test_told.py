"""From what happens in the graph to what CopyCar's receivers and readers are told of it."""

from __future__ import annotations

from sqlalchemy import select

from domain.abm import AbmCampaign, RuleAction
from domain.engagement import EngagementType
from domain.event_log import Event
from domain.events import EventType
from domain.values import iso
from rest_compat.copycar.telling import TELLING
from tests.factories.abm import item_row, make_campaign, rule_row
from tests.factories.organizations import store
from tests.factories.research import hire_research
from tests.rest_compat.copycar.printed import fits

RECORD = """mutation ($input: RecordEngagementInput!) {
  recordEngagement(input: $input) { engagement { id } errors { message field } }
}"""
ENGAGED, RESEARCHED = "campaign.engagement.detected", "account.research.completed"


async def told(database, organization, type_):
    """The bodies of every event of a kind."""
    of_kind = select(Event).where(Event.organization_id == organization, Event.type == type_)

    async def work(session):
        return [TELLING.write(each) for each in await session.scalars(of_kind.order_by(Event.sequence))]

    return await database.store(work)


async def test_engagement(graph, database, organization, answered, clock):
    made = await make_campaign(database, organization)

    async def load(session):
        return await session.get(AbmCampaign, made.campaign)

    campaign = await database.store(load)
    await store(database, item_row(campaign, clock.now()))
    rule = rule_row(campaign, EngagementType.EMAIL_OPEN, RuleAction.SEND_LINKEDIN_CONNECTION, delay_seconds=7200)
    await store(database, rule)
    [contact] = made.contacts
    whose = {"campaignId": made.campaign, "contactId": contact, "contentId": "cnt_week1_email"}
    where = {"userAgent": "Mozilla/5.0", "ipAddress": "192.168.1.100"}
    for kind, known in (("EMAIL_OPEN", where), ("LINK_CLICK", {}), ("RESPONSE_RECEIVED", {})):
        done = await graph.data(RECORD, input={"type": kind, **whose, **known})
        assert done["recordEngagement"]["errors"] == []
    bodies = await told(database, organization, EventType.ENGAGEMENT_DETECTED)
    for body in bodies:
        fits(f"webhooks/{ENGAGED}", body)
    assert {body["data"]["engagement_type"] for body in bodies} == {"email_open", "link_click", "response_received"}
    first = bodies[0]
    assert (first["campaign_id"], first["account_id"], first["contact_id"]) == (made.campaign, made.account, contact)
    assert (first["data"]["content_id"], first["data"]["ip_address"]) == ("cnt_week1_email", "192.168.1.100")
    assert first["data"]["location"] is None
    [action] = first["triggered_actions"]
    assert (action["action_type"], action["status"]) == ("send_linkedin_connection", "scheduled")
    assert action["scheduled_time"] == iso(clock.now()).replace("T14:30", "T16:30")

    insights = (await answered("accounts_insights", f"/accounts/{made.account}/insights"))["data"]["insights"]
    assert insights["engagement_trends"]["overall_score"] > 0


async def test_a_research(answered, database, organization):
    hire_research(database)
    wanted = {"company": {"name": "TechCorp Solutions", "industry": "Software Development"}}
    answer = (await answered("accounts_research", "/accounts/research", wanted))["data"]
    [body] = await told(database, organization, EventType.RESEARCH_COMPLETED)
    fits(f"webhooks/{RESEARCHED}", body)
    assert (body["research_id"], body["data"]["research_score"]) == (answer["research_id"], answer["confidence_score"])
    assert body["data"]["pain_points_identified"] > 0
    assert [each["action_type"] for each in body["next_actions"]]
