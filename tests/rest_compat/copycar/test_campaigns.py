"""Create Campaign Ultimate and Get Campaign Performance Ultimate, in the printed form."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domain.abm import CampaignDay
from tests.factories.abm import make_campaign
from tests.factories.leads import make_account
from tests.factories.organizations import store
from tests.rest_compat.copycar.printed import example, refused

CREATED, PERFORMANCE = "campaigns_create", "campaigns_performance"
SHORTEST = {"campaign_name": "TechCorp Campaign", "channels": ["email", "linkedin"], "timeline": {"duration_weeks": 4}}
"""The call of the documented SDKs, but for the account (CC-41)."""


@pytest.fixture
async def account(database, organization):
    return await make_account(database, organization, name="TechCorp Solutions", industry="Software Development")


async def test_the_printed_request(answered, account, clock):
    told = await answered(CREATED, "/campaigns/create", example(CREATED, "request") | {"account_id": account})
    campaign, printed = told["data"], example(CREATED)["data"]
    assert campaign["campaign_name"] == printed["campaign_name"]
    assert campaign["status"] == "active"
    assert campaign["timeline"] == printed["timeline"]
    assert [(week["week"], week["date"]) for week in campaign["content_schedule"]] == [
        (1, "2024-01-22"),
        (2, "2024-01-29"),
        (3, "2024-02-05"),
        (4, "2024-02-12"),
    ]
    first = campaign["content_schedule"][0]["content"]
    for own, wanted in zip(first, printed["content_schedule"][0]["content"], strict=True):
        assert list(own) == list(wanted)
        assert {name: own[name] for name in ("id", "type", "status", "send_time")} == {
            name: wanted[name] for name in ("id", "type", "status", "send_time")
        }
    kinds = [[piece["type"] for piece in week["content"]] for week in campaign["content_schedule"]]
    assert kinds[3] == ["email", "social_proof_post", "call_script"]
    assert campaign["automation_rules"] == printed["automation_rules"]
    site = "http://127.0.0.1:8000"
    assert campaign["tracking"] == {
        "tracking_pixel": f"{site}/v2/ultimate/track/{campaign['campaign_id']}",
        "webhook_url": None,
        "analytics_dashboard": f"{site}/campaigns/{campaign['campaign_id']}",
    }
    assert campaign["estimated_performance"]["expected_roi"] > 10
    assert told["usage"]["api_calls"] == 1
    assert told["usage"]["remaining_quota"] == 100_000 - told["usage"]["tokens_used"] < 100_000


async def test_the_call_of_the_sdks(answered, account, clock):
    told = await answered(CREATED, "/campaigns/create", SHORTEST | {"account_id": account})
    today = clock.now().date()
    assert told["data"]["timeline"]["start_date"] == f"{today}T00:00:00Z"
    assert [week["date"] for week in told["data"]["content_schedule"]] == [
        str(today + timedelta(weeks=number)) for number in range(4)
    ]
    again = SHORTEST | {"account_id": account, "timeline": {"duration_weeks": 3, "frequency": "biweekly"}}
    every_other = (await answered(CREATED, "/campaigns/create", again))["data"]["content_schedule"]
    assert [bool(week["content"]) for week in every_other] == [True, False, True]


WRONG = (
    ({"campaign_name": ...}, "MISSING_REQUIRED_FIELD", "campaign_name"),
    ({"campaign_name": " "}, "MISSING_REQUIRED_FIELD", "campaign_name"),
    ({"account_id": ...}, "MISSING_REQUIRED_FIELD", "account_id"),
    ({"timeline": {}}, "MISSING_REQUIRED_FIELD", "timeline.duration_weeks"),
    ({"timeline": ...}, "MISSING_REQUIRED_FIELD", "timeline.duration_weeks"),
    ({"target_personas": [{"title": "CTO"}]}, "MISSING_REQUIRED_FIELD", "target_personas.0.name"),
    ({"timeline": {"duration_weeks": 0}}, "INVALID_FIELD_VALUE", "timeline.duration_weeks"),
    ({"timeline": {"duration_weeks": "4"}}, "INVALID_FIELD_VALUE", "timeline.duration_weeks"),
    ({"timeline": {"duration_weeks": 4, "start_date": "soon"}}, "INVALID_FIELD_VALUE", "timeline.start_date"),
    ({"channels": ["email", "fax"]}, "INVALID_FIELD_VALUE", "channels"),
    (
        {"target_personas": [{"name": "A", "influence_score": 101}]},
        "INVALID_FIELD_VALUE",
        "target_personas.0.influence_score",
    ),
    (
        {"target_personas": [{"name": "A", "influence_score": True}]},
        "INVALID_FIELD_VALUE",
        "target_personas.0.influence_score",
    ),
    ({"content_strategy": {"first": {}}}, "INVALID_FIELD_VALUE", "content_strategy.first"),
    ({"content_strategy": {"week_9": {}}}, "INVALID_FIELD_VALUE", "content_strategy.week_9"),
    (
        {"content_strategy": {"week_1": {"channels": ["fax"]}}},
        "INVALID_FIELD_VALUE",
        "content_strategy.week_1.channels",
    ),
    ({"content_strategy": []}, "INVALID_FIELD_VALUE", "content_strategy"),
    ({"automation": {"triggers": ["sunrise"]}}, "INVALID_FIELD_VALUE", "automation.triggers"),
    ({"automation": {"enabled": "yes"}}, "INVALID_FIELD_VALUE", "automation.enabled"),
)


async def test_what_is_wrong_is_named_as_it_was_sent(ask, account):
    for change, code, field in WRONG:
        sent = {
            name: value for name, value in (SHORTEST | {"account_id": account} | change).items() if value is not ...
        }
        error = refused(await ask("/campaigns/create", sent), 400, code)
        assert field in error["details"], (change, error)


async def test_what_is_not_there(ask, database, stranger):
    foreign = await make_account(database, stranger.organization_id)
    for unknown in (foreign, "acc_unknown"):
        refused(await ask("/campaigns/create", SHORTEST | {"account_id": unknown}), 404, "ACCOUNT_NOT_FOUND")
    theirs = await make_campaign(database, stranger.organization_id)
    for unknown in (theirs.campaign, "cmp_unknown", "acc_1"):
        refused(await ask(f"/campaigns/{unknown}/performance"), 404, "CAMPAIGN_NOT_FOUND")


async def test_performance_of_the_printed_counts(answered, database, organization, clock):
    made = await make_campaign(database, organization)
    day = CampaignDay(
        id=CampaignDay.new_id(),
        organization_id=organization,
        campaign_id=made.campaign,
        day=clock.now().date(),
        created_at=clock.now(),
        engagements=39,
        score_sum=0.87 * 39,
        **example(PERFORMANCE)["data"]["metrics"]["overall"],
    )
    await store(database, day)
    query = "?start_date=2024-01-01&end_date=2024-01-31&granularity=daily&include_predictions=true"
    told = (await answered(PERFORMANCE, f"/campaigns/{made.campaign}/performance{query}"))["data"]
    printed = example(PERFORMANCE)["data"]
    assert told["period"] == printed["period"]
    assert told["metrics"]["overall"] == printed["metrics"]["overall"]
    # Two of 27: the printed 14.8 is that of the meetings (CC-12).
    assert told["metrics"]["rates"] == printed["metrics"]["rates"] | {"conversion_rate": 7.4}
    assert told["metrics"]["engagement"]["average_engagement_score"] == 87
    assert [each["engagement_score"] for each in told["daily_breakdown"]] == [87]


async def test_what_may_be_asked_of_performance(ask, answered, database, organization, clock):
    made = await make_campaign(database, organization)
    path = f"/campaigns/{made.campaign}/performance"
    whole = (await answered(PERFORMANCE, path))["data"]
    begins = clock.now().date()
    assert whole["period"] == {
        "start_date": f"{begins}T00:00:00Z",
        "end_date": f"{begins + timedelta(weeks=4)}T23:59:59Z",
        "granularity": "daily",
    }
    assert set(whole["metrics"]["rates"].values()) == {0}
    assert "predictions" in whole["ai_insights"]
    assert (
        "predictions" not in (await answered(PERFORMANCE, f"{path}?include_predictions=false"))["data"]["ai_insights"]
    )
    for query, field in (
        ("granularity=weekly", "granularity"),
        ("start_date=soon", "start_date"),
        ("start_date=2024-02-01&end_date=2024-01-01", "start_date"),
        ("end_date=2000-01-01", "end_date"),
        ("include_predictions=perhaps", "include_predictions"),
    ):
        details = refused(await ask(f"{path}?{query}"), 400, "INVALID_FIELD_VALUE")["details"]
        # In the words of this product alone.
        assert list(details) == [field]
        assert not {"startDate", "endDate"} & set(details[field].split())
