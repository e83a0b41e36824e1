"""The page of a campaign: for staff of its organization, everything the graph tells of it, and nothing that runs."""

from __future__ import annotations

from datetime import timedelta

from domain.abm import CampaignDay, RuleAction
from domain.channels import Channel
from domain.engagement import EngagementType
from domain.permissions import Role
from tests.factories.abm import campaign_row, item_row, make_campaign, rule_row
from tests.factories.leads import make_account
from tests.factories.organizations import make_organization
from tests.gateway.pages.conftest import PASSWORD, Office


async def with_days(office: Office, days: int = 3) -> str:
    """A campaign with a name that wants to be markup, and something of everything."""
    now = office.clock.now()
    made = await make_campaign(office.database, office.organization, name="Q1 <b>Outreach</b>")
    account = await make_account(office.database, office.organization, name="Fabrikam")
    row = campaign_row(office.organization, account, now, name="Q1 <b>Outreach</b>")
    await office.put(row)
    for number in range(days):
        counts = {"emails_sent": 4, "emails_delivered": 4, "emails_opened": number, "emails_clicked": 1}
        day = {"day": (now + timedelta(days=number)).date(), "engagements": 3, "score_sum": 1.5, **counts}
        known = {"organization_id": office.organization, "campaign_id": row.id, "created_at": now}
        await office.put(CampaignDay(id=CampaignDay.new_id(), **known, **day))
    await office.put(item_row(row, now, subject="A & B", variants=[{"key": "A"}, {"key": "B"}]))
    message = {"channel": Channel.LINKEDIN, "type": "linkedin_connection", "subject": None, "message": "Hello"}
    await office.put(item_row(row, now, 2, note="Nobody to send it to.", **message))
    await office.put(rule_row(row, EngagementType.EMAIL_OPEN, RuleAction.SEND_LINKEDIN_CONNECTION))
    assert made.campaign != row.id
    return row.id


async def test_who_is_not_signed_in_is_led_there_and_back(office: Office):
    campaign = await with_days(office)
    browser = office.browser()
    page = await browser.get(f"/campaigns/{campaign}")
    assert (browser.status, page.title) == (200, "Sign in · Trigraph")
    assert "Outreach" not in browser.answer.text
    page = await browser.sign_in(office.email, PASSWORD)

    assert (browser.status, browser.url) == (200, f"http://127.0.0.1:8000/campaigns/{campaign}")
    for said in (
        "Q1 <b>Outreach</b>",
        "Fabrikam",
        "Active",
        "4 weeks, weekly",
        "A & B",
        "LinkedIn connection",
        "Scheduled: Nobody to send it to.",
        "Email open",
        "Send LinkedIn connection",
        "1 hour",
        "None.",
    ):
        assert said in page.text, said
    assert {"b", "script", "img"}.isdisjoint(page.tags)
    assert page.handlers == []
    assert 'style="' not in browser.answer.text
    assert page.tags.count("polyline") == 3
    assert page.tags.count("circle") == 9
    assert "4 weeks" in page.text
    assert "12 100.0% of those sent" in page.text
    assert "By day from 2024-01-15 to 2024-01-17: 3 opened, 3 clicked, 0 replied; at most 2 a day." in page.text
    page = await browser.press("sign-out")
    assert page.form("sign-in")


async def test_a_campaign_of_others_looks_as_one_that_nobody_has(office: Office):
    elsewhere = await make_organization(office.database, name="Elsewhere")
    theirs = (await make_campaign(office.database, elsewhere)).campaign
    told = []
    for unknown in (theirs, "cmp_unknown", "camp_1"):
        browser = office.browser()
        await browser.get(f"/campaigns/{unknown}")
        page = await browser.sign_in(office.email, PASSWORD)
        assert browser.status == 404
        told.append(page.text)
    assert len(set(told)) == 1
    assert "There is no such campaign in your organization." in told[0]


async def test_who_works_for_several_comes_in_where_the_campaign_is(office: Office):
    elsewhere = await make_organization(office.database, name="AAA Elsewhere")
    await office.person(elsewhere, office.email, role=Role.ANALYST)
    theirs = (await make_campaign(office.database, elsewhere, name="Theirs")).campaign
    ours = await with_days(office)
    for campaign, organization in ((theirs, "AAA Elsewhere"), (ours, "Acme Insurance")):
        browser = office.browser()
        await browser.get(f"/campaigns/{campaign}")
        page = await browser.sign_in(office.email, PASSWORD)
        assert (browser.status, organization in page.text) == (200, True)


async def test_where_else_there_is_no_such_page(embedded_office: Office):
    browser = embedded_office.browser()
    for path in ("", "/", "/a/b", "/%00", "/https:evil.example", "/%2F%2Fevil.example", "/../copycar/campaigns/cmp_1"):
        await browser.get(f"/campaigns{path}")
        assert browser.status == 404, path
    await browser.get("/campaigns/cmp_1")
    assert browser.status == 200
    assert browser.page.form("sign-in")
