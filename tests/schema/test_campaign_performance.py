"""Performance of campaigns for one company and insights into companies, as the graph tells them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from domain.abm import CampaignDay, ItemStatus
from domain.accounts import Account
from domain.channels import Channel
from domain.contacts import Contact
from domain.conversion import ConversionModel, ConversionSubject
from domain.emails import Email, EmailStatus
from domain.engagement import EngagementEvent, EngagementType
from domain.errors import Code
from domain.permissions import Permission
from domain.research import Competitor, PainPoint, ResearchRun, ResearchStatus
from domain.viewer import Viewer
from gateway.database import Database
from resolvers import campaign_numbers
from tests.conftest import CountStatements
from tests.factories.abm import Reached, campaign_row, item_row, make_campaign
from tests.factories.leads import account_row, contact_row, email_row, lead_row
from tests.factories.marketing import owned
from tests.factories.organizations import store
from tests.graphs import Graph

PERFORMANCE = """query ($id: ID!, $from: Date, $to: Date) { abmCampaign(id: $id) { id
  performance(startDate: $from, endDate: $to) { startDate endDate granularity
    emailsSent emailsDelivered emailsReplied conversions engagements deliveryRate openRate
    clickRate replyRate meetingRate conversionRate averageEngagement highEngagementAccounts mediumEngagementAccounts
    lowEngagementAccounts metrics { date emailsSent engagementScore } analysisText optimizationOpportunities notes basis
    expectedFinalResponseRate predictionConfidence predictions { finalResponseRate { value low high basis cases } }
  } } }"""
COMPARISONS = """query ($id: ID!) { abmCampaign(id: $id) { variantComparisons { localId item { id }
  winner measure warning variants { variant sent delivered opened clicked replied replyRate }
  tests { measure better p } } } }"""
INSIGHT = """query ($id: ID!) { account(id: $id) { insight { overallScore trend changeFraction peakDays peakTimes
  preferredContentTypes preferredChannels optimalContentLength preferredTone responseLikelihood decisionTimeline
  responseLikelihoodEstimate { value low high basis cases } influenceFactors objectionPatterns conversionProbability
  conversionProbabilityEstimate { value basis }
  optimalNextAction recommendedTiming riskFactors successFactors evidence thin assumed
  recommendations { type description priority expectedImpact basis } generatedAt } } }"""


def day_row(database: Database, campaign: str, organization: str, day: date, **counts: float) -> CampaignDay:
    row: CampaignDay = owned(CampaignDay, organization, database.clock.now(), campaign_id=campaign, day=day)
    for name, value in counts.items():
        setattr(row, name, value)
    return row


def printed_days(database: Database, campaign: str, organization: str) -> list[CampaignDay]:
    """The printed sums, on two days."""
    first = database.clock.now().date()
    begin = {"emails_sent": 2, "emails_delivered": 2, "emails_opened": 2, "emails_clicked": 1, "emails_replied": 1}
    rest = {"emails_sent": 26, "emails_delivered": 25, "emails_opened": 17, "emails_clicked": 11, "emails_replied": 7}
    rest |= {"meetings_scheduled": 5, "meetings_completed": 4, "conversions": 2}
    return [
        day_row(database, campaign, organization, first, **begin, engagements=4, score_sum=3.68),
        day_row(database, campaign, organization, first + timedelta(days=2), **rest, engagements=46, score_sum=39.82),
    ]


async def test_performance_is_what_happened_in_the_period(
    graph: Graph, database: Database, organization: str, stranger: Viewer
) -> None:
    reached = await make_campaign(database, organization, people=2)
    begin, other = database.clock.now().date(), campaign_row(organization, reached.account, database.clock.now())
    await store(database, other, *printed_days(database, reached.campaign, organization))
    foreign = await make_campaign(database, stranger.organization_id)
    await store(database, *printed_days(database, foreign.campaign, stranger.organization_id))
    answer = await graph.data(PERFORMANCE, id=reached.campaign)
    found = answer["abmCampaign"]["performance"]
    assert found["startDate"] == f"{begin}T00:00:00Z"
    assert found["endDate"] == f"{begin + timedelta(weeks=4)}T23:59:59Z"
    rates = ("deliveryRate", "openRate", "clickRate", "replyRate", "meetingRate")
    assert [round(found[name] * 100, 1) for name in rates] == [96.4, 70.4, 44.4, 29.6, 18.5]
    assert round(found["averageEngagement"], 2) == 0.87
    accounts = [found[f"{level}EngagementAccounts"] for level in ("high", "medium", "low")]
    assert accounts == [1, 0, 0]
    assert [(each["date"], each["emailsSent"]) for each in found["metrics"]] == [
        (str(begin), 2),
        (str(begin + timedelta(days=2)), 26),
    ]
    assert "there is no other campaign of the organization" in found["analysisText"]
    assert found["predictions"]["finalResponseRate"]["basis"] == found["basis"] == "BLENDED"

    part = await graph.data(PERFORMANCE, id=reached.campaign, **{"from": str(begin), "to": str(begin)})
    assert part["abmCampaign"]["performance"]["emailsSent"] == 2
    empty = await graph.data(PERFORMANCE, id=other.id)
    assert {empty["abmCampaign"]["performance"][name] for name in rates} == {0}
    # As of a campaign that has sent nothing, but drawn towards the one that has.
    assert empty["abmCampaign"]["performance"]["basis"] == "BLENDED"

    refused = await graph(PERFORMANCE, {"id": reached.campaign, "from": "2024-03-01", "to": "2024-02-01"})
    assert [(each.code, each.field) for each in refused.errors] == [(Code.INVALID, "startDate")]
    assert refused.data == {"abmCampaign": {"id": reached.campaign, "performance": None}}
    assert (await graph.data(PERFORMANCE, viewer=stranger, id=reached.campaign)) == {"abmCampaign": None}


async def test_what_remains_is_expected_of_as_many_readers_as_there_were(
    graph: Graph, database: Database, organization: str
) -> None:
    reached = await make_campaign(database, organization, people=3)
    now = database.clock.now()
    campaign = await graph.data("query ($id: ID!) { abmCampaign(id: $id) { id } }", id=reached.campaign)
    assert campaign["abmCampaign"]
    waiting = campaign_row(organization, reached.account, now)
    waiting.id = reached.campaign
    await store(database, *(item_row(waiting, now + timedelta(weeks=week), week) for week in (1, 2)))
    found = (await graph.data(PERFORMANCE, id=reached.campaign))["abmCampaign"]["performance"]
    # Six messages of an assumed share of .08, weighing ten: sd = sqrt(6 * .08 * .92 * 16 / 11) / 6.
    estimate = found["predictions"]["finalResponseRate"]
    assert (round(estimate["value"], 4), estimate["basis"], estimate["cases"]) == (0.08, "PRIOR", 0)
    assert round(estimate["high"], 4) == round(0.08 + 1.2816 * (6 * 0.08 * 0.92 * 16 / 11) ** 0.5 / 6, 4)
    assert found["predictionConfidence"] == 0
    assert found["analysisText"] == "No message has been delivered in this period yet."


def mails(organization: str, reached: Reached, item: str, variant: str, replied: int, at: Any) -> list[Email]:
    """Forty messages of one version; one more failed, another came back, and two were taken back untried."""
    values = {"contact_id": None, "campaign_id": reached.campaign, "item_id": item, "variant": variant}
    rows = [email_row(None, organization, at, **values) for _ in range(44)]  # type: ignore[arg-type]
    rows[40].status, rows[40].attempts, rows[41].bounced_at = EmailStatus.FAILED, 5, at
    rows[42].status = rows[43].status = EmailStatus.FAILED
    for row in rows[:replied]:
        row.opened_at = row.replied_at = at
    return rows


async def test_versions_are_compared_by_piece_and_in_all(graph: Graph, database: Database, organization: str) -> None:
    reached = await make_campaign(database, organization)
    now = database.clock.now()
    campaign = campaign_row(organization, reached.account, now)
    campaign.id = reached.campaign
    first = item_row(campaign, now, 1, status=ItemStatus.SENT)
    second = item_row(campaign, now + timedelta(days=7), 2, status=ItemStatus.SENT)
    await store(database, first, second)
    sent = [
        *mails(organization, reached, first.id, "A", 4, now),
        *mails(organization, reached, first.id, "B", 20, now),
        *mails(organization, reached, second.id, "", 10, now),
    ]
    await store(database, *sent)
    whole, piece = (await graph.data(COMPARISONS, id=reached.campaign))["abmCampaign"]["variantComparisons"]
    assert (whole["localId"], whole["item"]) == (None, None)
    assert (piece["localId"], piece["item"]) == ("cnt_week1_email", {"id": first.id})
    assert piece["variants"] == [
        {"variant": "A", "sent": 42, "delivered": 40, "opened": 4, "clicked": 0, "replied": 4, "replyRate": 0.1},
        {"variant": "B", "sent": 42, "delivered": 40, "opened": 20, "clicked": 0, "replied": 20, "replyRate": 0.5},
    ]
    assert (piece["winner"], piece["measure"], piece["warning"]) == ("B", "REPLIES", None)
    assert whole["variants"] == piece["variants"]
    found = (await graph.data(PERFORMANCE, id=reached.campaign))["abmCampaign"]["performance"]
    assert found["optimizationOpportunities"][0].startswith(
        "Send version B of the campaign to everybody: it is answered"
    )


def event_row(organization: str, reached: Reached, at: Any, **values: Any) -> EngagementEvent:
    given = {"type": EngagementType.EMAIL_OPEN, "channel": Channel.EMAIL, "occurred_at": at, "score": 0.5}
    given |= {"counted": True, "source_key": EngagementEvent.new_id(), "account_id": reached.account}
    row: EngagementEvent = owned(EngagementEvent, organization, at, **(given | values))
    return row


async def make_history(database: Database, organization: str) -> Reached:
    """A company that was mailed, opened on Tuesday mornings and was researched, with a lost lead and feedback."""
    reached = await make_campaign(database, organization, people=2)
    now = database.clock.now()
    campaign = campaign_row(organization, reached.account, now)
    campaign.id = reached.campaign
    item = item_row(campaign, now - timedelta(days=6), status=ItemStatus.SENT, content_type="case_study_email")
    # The clock stands at a Monday.
    tuesday = (now - timedelta(days=6)).replace(hour=10)
    events = [
        event_row(organization, reached, tuesday + timedelta(minutes=minute), item_id=item.id) for minute in range(24)
    ]
    events.append(
        event_row(organization, reached, now - timedelta(days=1), type=EngagementType.RESPONSE_RECEIVED, score=0.9)
    )
    lead = lead_row(organization, now, email="ann@x.example", contact_id=reached.contacts[0], status="LOST")
    run = owned(
        ResearchRun,
        organization,
        now,
        account_id=reached.account,
        status=ResearchStatus.COMPLETED,
        depth="standard",
        personalization_level="high",
        request={},
        recommended_content=[],
        next_actions=[],
        decision_makers=[],
        sources=[],
        **dict.fromkeys(("include_competitors", "include_news", "include_social", "include_financials"), False),
        **dict.fromkeys(("include_ai_insights", "include_predictions", "include_recommendations"), False),
    )
    finding = {"account_id": reached.account, "run_id": run.id, "position": 0, "confidence": 0.5, "evidence": []}
    pain = {"category": "cloud_costs", "description": "x", "urgency": "HIGH", "impact": "x", "solutions": []}
    rival = {"name": "Northwind", "relationship": "vendor", "strengths": [], "weaknesses": []}
    found = [owned(PainPoint, organization, now, **finding, **pain)]
    found.append(owned(Competitor, organization, now, **finding, **rival))
    begun = day_row(database, reached.campaign, organization, tuesday.date(), emails_delivered=10, emails_replied=3)
    await store(database, item, lead, run, begun)
    await store(database, *events, *found)

    async def research(session: Any) -> None:
        await session.execute(update(Account).where(Account.id == reached.account).values(research_run_id=run.id))

    await database.store(research)
    return reached


async def test_an_insight_stands_on_what_the_viewer_may_read(
    graph: Graph, database: Database, organization: str, viewer: Viewer, stranger: Viewer
) -> None:
    reached = await make_history(database, organization)
    found = (await graph.data(INSIGHT, id=reached.account))["account"]["insight"]
    assert (found["evidence"], found["thin"], found["trend"]) == (25, False, "increasing")
    assert 0.8 < found["overallScore"] < 0.9
    assert (found["peakDays"], found["peakTimes"]) == (["Tuesday"], ["10:00-11:00"])
    assert (found["preferredContentTypes"], found["preferredChannels"]) == (["Case study email"], ["EMAIL"])
    assert found["recommendedTiming"] == "Tuesday 10:30 AM UTC"
    # (10 * .08 + 3) / 20: no other campaign of the organization has sent anything.
    assert (round(found["responseLikelihood"], 3), found["responseLikelihoodEstimate"]["cases"]) == (0.19, 10)
    assert found["influenceFactors"] == ["Cloud costs"]
    assert found["objectionPatterns"] == ["1 lead lost before", "Vendor evaluation: Northwind"]
    assert found["riskFactors"] == ["More leads were lost (1) than won (0)", "Competitor: Northwind (vendor)"]
    assert found["optimalNextAction"] == "Answer the last reply and offer a meeting"
    assert {each["type"] for each in found["recommendations"]} == {"follow_up", "timing"}
    assert found["assumed"] == ["optimalContentLength", "preferredTone", "decisionTimeline"]

    assert found["conversionProbabilityEstimate"] == {"value": found["conversionProbability"], "basis": "BLENDED"}

    weights = {
        "names": ["intercept"],
        "centers": [0],
        "scales": [1],
        "means": [0],
        "covariance": [[0.04]],
        "cases": 400,
    }
    fitted = {"subject": ConversionSubject.ACCOUNT, "labels": 400, "converted": 200, "weights": weights}
    await store(database, owned(ConversionModel, organization, database.clock.now(), calibration=[], **fitted))
    learnt = (await graph.data(INSIGHT, id=reached.account))["account"]["insight"]
    assert learnt["conversionProbabilityEstimate"] == {"value": 0.5, "basis": "HISTORY"}

    blind = replace(viewer, permissions=viewer.permissions - {Permission.READ_LEADS})
    seen = (await graph.data(INSIGHT, viewer=blind, id=reached.account))["account"]["insight"]
    assert seen["objectionPatterns"] == ["Vendor evaluation: Northwind"]
    refused = replace(viewer, permissions=viewer.permissions - {Permission.READ_MARKETING})
    answer = await graph(INSIGHT, {"id": reached.account}, viewer=refused)
    assert (answer.codes, answer.data) == ([Code.FORBIDDEN], {"account": {"insight": None}})
    assert (await graph.data(INSIGHT, viewer=stranger, id=reached.account)) == {"account": None}


async def test_an_unknown_company_has_a_thin_insight(graph: Graph, database: Database, organization: str) -> None:
    reached = await make_campaign(database, organization, people=0)
    found = (await graph.data(INSIGHT, id=reached.account))["account"]["insight"]
    assert (found["evidence"], found["thin"], found["overallScore"], found["trend"]) == (0, True, 0, "stable")
    lists = ("peakDays", "peakTimes", "preferredContentTypes", "preferredChannels", "influenceFactors", "riskFactors")
    assert [found[name] for name in (*lists, "objectionPatterns", "successFactors")] == [[]] * 8
    assert found["responseLikelihoodEstimate"]["basis"] == "PRIOR"
    assert found["optimalNextAction"] == "Add somebody with an e-mail address"


async def test_mail_that_came_back_and_won_leads_say_nothing_of_when_people_read(
    graph: Graph, database: Database, organization: str
) -> None:
    reached = await make_campaign(database, organization)
    now = database.clock.now()
    sent = (now - timedelta(days=6)).replace(hour=10)
    back = {"type": EngagementType.BOUNCE, "score": 0.0}
    won_at = now - timedelta(days=1)
    # All that five people have done is to be won, thirty days after each was noted.
    people = [contact_row(organization, now, f"{n}@x.example") for n in range(5)]
    known = {"created_at": won_at - timedelta(days=30), "status": "WON", "converted_at": won_at}
    leads = [lead_row(organization, now, contact_id=person.id, **known) for person in people]
    wins = [
        event_row(
            organization,
            reached,
            won_at,
            type=EngagementType.CONVERSION,
            channel=Channel.OTHER,
            contact_id=person.id,
            account_id=None,
        )
        for person in people
    ]
    await store(database, *people, *leads)
    await store(database, *(event_row(organization, reached, sent, **back) for _ in range(30)), *wins)
    found = (await graph.data(INSIGHT, id=reached.account))["account"]["insight"]
    assert (found["evidence"], found["thin"], found["peakDays"], found["peakTimes"]) == (0, True, [], [])
    assert found["decisionTimeline"] == "4-5 weeks"


async def test_a_company_is_expected_to_answer_as_others_did(
    graph: Graph, database: Database, organization: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(campaign_numbers, "MOST_OTHERS", 2)
    reached = await make_campaign(database, organization)
    now = database.clock.now()
    elsewhere = account_row(organization, now)
    newer = [campaign_row(organization, elsewhere.id, now + timedelta(days=n)) for n in (1, 2)]
    await store(database, elsewhere, *newer)
    # The company's own campaign is none of the newest, and what it reached is no part of what those did.
    own = day_row(database, reached.campaign, organization, now.date(), emails_delivered=50, emails_replied=25)
    others = [
        day_row(database, each.id, organization, now.date(), emails_delivered=50, emails_replied=10) for each in newer
    ]
    await store(database, own, *others)
    found = (await graph.data(INSIGHT, id=reached.account))["account"]["insight"]
    assert found["responseLikelihood"] == pytest.approx((10 * 20.8 / 110 + 25) / 60)


async def test_statements_do_not_grow_with_campaigns_or_companies(
    graph: Graph, database: Database, organization: str, count_statements: CountStatements
) -> None:
    queries = (
        "{ abmCampaigns(first: 100) { nodes { performance { openRate } variantComparisons { winner } } } }",
        "{ accounts(first: 100) { nodes { insight { trend thin } } } }",
    )
    await make_history(database, organization)
    counts = []
    for _ in range(2):
        counts.append([])
        for query in queries:
            with count_statements() as ran:
                (page,) = (await graph.data(query)).values()
            counts[-1].append(len(ran))
        now = database.clock.now()
        for number in range(20 if len(counts) == 1 else 0):
            account = owned(Account, organization, now, name=f"C{number}", name_key=f"c{number}", technologies=[])
            account.updated_at = now
            campaign = campaign_row(organization, account.id, now)
            item = item_row(campaign, now, status=ItemStatus.SENT)
            person = owned(Contact, organization, now, email=f"p@c{number}.example", host="x", account_id=account.id)
            values = {"contact_id": person.id, "campaign_id": campaign.id, "item_id": item.id, "variant": "A"}
            message = email_row(None, organization, now, **values)  # type: ignore[arg-type]
            day = day_row(database, campaign.id, organization, now.date(), emails_sent=1)
            event = event_row(organization, Reached(campaign.id, account.id, []), now, campaign_id=campaign.id)
            await store(database, account, campaign, item, person, message, day, event)
    assert len(page["nodes"]) == 21
    assert counts[0] == counts[1]
    # A page, and what is reckoned beside it.
    assert counts[0] == [1 + 6 + 2, 1 + 19]
