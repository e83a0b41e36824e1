"""Marketing as documented: the printed requests literally, their answers in the printed form."""

from __future__ import annotations

import json
from datetime import date, timedelta

import pytest

from tests.factories.marketing import campaign_row, hire_locales, make_memory, performance_row
from tests.factories.organizations import store
from tests.rest_compat.asgi import call
from tests.rest_compat.clickup_brain.printed import example, fits, refused
from tests.rest_compat.printed import same_form

ANALYZE, LOCALIZE, BUDGET = (
    "/marketing/campaigns/analyze",
    "/marketing/localization/optimize",
    "/marketing/budget/optimize",
)


@pytest.fixture
def ask(app, key, database):
    """Send a request as JSON; the answer."""
    hire_locales(database)

    async def asked(path, body, base="/api/v1"):
        headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        return await call(app, "POST", f"{base}{path}", body=json.dumps(body).encode(), headers=headers)

    return asked


async def answered(asking, shape):
    answer = await asking
    assert answer.status == 200, answer.body
    fits(shape, answer.json())
    return answer.json()


async def told(graph):
    events = (await graph.data("{ events { nodes { type data } } }"))["events"]["nodes"]
    return [event["data"] for event in events if event["type"] == "MARKETING_OPTIMIZED"]


async def with_days(database, organization):
    """camp_789 in January: brand converts better than the rest, in the United States better than elsewhere."""
    campaign = campaign_row(organization, database.clock.now(), external_id="camp_789")
    parts = (
        ("US", "brand", 130, 9.0),
        ("US", "generic", 90, 3.0),
        ("DE", "generic", 80, 3.0),
        ("JP", "generic", 70, 2.0),
    )
    days = [
        performance_row(
            campaign,
            date(2024, 1, 1) + timedelta(days=number),
            region=region,
            segment=segment,
            impressions=clicks * 20,
            clicks=clicks + number % 5,
            conversions=won,
            cost=clicks * 1.0,
            revenue=won * (50 + number % 3),
        )
        for number in range(31)
        for region, segment, clicks, won in parts
    ]
    await store(database, campaign, *days)


@pytest.mark.parametrize("base", ["/api/v1", "/v1"])
async def test_analysis_of_stored_days_as_printed(ask, database, organization, graph, base):
    await with_days(database, organization)
    shape = "marketing_campaigns_analyze"
    answer = await answered(ask(ANALYZE, example(shape, "request"), base), shape)
    same_form(example(shape), answer | {"regional_analysis": example(shape)["regional_analysis"]})
    assert set(answer["regional_analysis"]) == {"US", "EU", "APAC"}
    kinds = {each["type"] for each in answer["analysis"]["recommendations"]}
    assert {"budget_optimization", "targeting_optimization"} <= kinds
    assert answer["regional_analysis"]["US"]["recommendations"] > 0
    assert await told(graph) == [answer]


@pytest.mark.parametrize(
    "performance",
    [
        {"impressions": "10,000", "clicks": 500, "conversions": "20", "cost": "$1,000.00", "roi": 2.8},
        [
            {"impressions": 10_000, "clicks": 300, "conversions": 12, "cost": 600, "revenue": 1_680},
            {
                "metrics.clicks": 200,
                "metrics.cost_micros": "400000000",
                "metrics.conversions": 8.0,
                "metrics.conversions_value": 1_120,
            },
        ],
        json.dumps(
            {"performance": {"impressions": 10_000, "clicks": 500, "conversions": 20, "cost": 1_000, "roi": 2.8}}
        ),
    ],
    ids=["the model", "rows", "text"],
)
async def test_what_google_ads_sends(ask, graph, performance):
    sent = example("marketing_campaigns_analyze", "request.sdk_google_ads")
    answer = await answered(
        ask(ANALYZE, sent | {"campaign_id": 12345, "performance_data": performance}), "marketing_campaigns_analyze"
    )
    assert answer["campaign_id"] == "12345"
    numbers = {name: answer["analysis"][name] for name in ("roi", "conversion_rate", "cost_per_conversion")}
    assert numbers == {"roi": 2.8, "conversion_rate": 0.04, "cost_per_conversion": 50}
    kept = await graph.data("{ adCampaigns { nodes { externalId platform clicks cost roi performanceData } } }")
    (campaign,) = kept["adCampaigns"]["nodes"]
    assert (campaign["externalId"], campaign["platform"], campaign["clicks"]) == ("12345", "google_ads", 500)
    again = await answered(
        ask(ANALYZE, {"campaignId": "12345", "platform": "google_ads"}), "marketing_campaigns_analyze"
    )
    assert again["analysis"]["roi"] == 2.8
    assert again["regional_analysis"] == {}


async def test_of_nothing_known_there_are_zeros_and_advice_to_send_something(ask):
    shape = "marketing_campaigns_analyze"
    for sent in (example(shape, "request"), example(shape, "request.sdk_google_ads")):
        answer = await answered(ask(ANALYZE, sent), shape)
        (advice,) = answer["analysis"].pop("recommendations")
        assert advice["type"] == "data_collection"
        assert answer["analysis"] == {
            "performance_score": 0,
            "roi": 0,
            "conversion_rate": 0,
            "cost_per_conversion": None,
        }


async def test_localization_as_printed(ask, database, organization, graph):
    await make_memory(database, organization)
    shape = "marketing_localization_optimize"
    answer = await answered(ask(LOCALIZE, example(shape, "request")), shape)
    same_form(example(shape), answer)
    for market in example(shape)["localized_content"]:
        printed, own = example(shape)["localized_content"][market], answer["localized_content"][market]
        assert own | {"performance_prediction": 0} == printed | {"performance_prediction": 0}
        assert own["performance_prediction"] == 0.76
    assert await told(graph) == [answer]


async def test_a_market_nobody_can_translate_for_is_named(ask, database, organization, graph):
    await make_memory(database, organization)
    answer = await ask(LOCALIZE, {"content": "Buy now for 50% off!", "target_markets": ["DE", "it", "UK", "JP"]})
    error = refused(answer, 503, "SERVICE_UNAVAILABLE")
    assert "Italy (IT)" in str(error)
    assert "Japan (JP)" in str(error)
    assert "Germany" not in str(error)
    assert (await graph.data("{ localizations { totalCount } }"))["localizations"]["totalCount"] == 0
    good = await answered(
        ask(
            LOCALIZE, {"content": "Save 25% today! Free shipping on orders over $1,000.", "targetMarkets": ["fr", "UK"]}
        ),
        "marketing_localization_optimize",
    )
    texts = {market: each["translation"] for market, each in good["localized_content"].items()}
    assert texts == {
        "fr": "Économisez 25\u00a0% aujourd\u2019hui ! Livraison gratuite dès 1\u202f000\u00a0$US d\u2019achat.",
        "UK": "Save 25% today! Free shipping on orders over US$1,000.",
    }


async def test_budget_as_printed(ask, graph):
    shape = "marketing_budget_optimize"
    answer = await answered(ask(BUDGET, example(shape, "request")), shape)
    parts = answer["optimized_allocation"]
    assert list(parts) == list(example(shape)["optimized_allocation"])
    changes = {name: (part["recommended_budget"], part["change"]) for name, part in parts.items()}
    assert changes == {"camp_1": (35000, "+5000"), "camp_2": (20000, "-20000"), "camp_3": (45000, "+15000")}
    assert 3.03 < answer["expected_total_roi"] < 3.4
    assert answer["roi_improvement"] == round(answer["expected_total_roi"] - 3.03, 4)
    assert await told(graph) == [answer]


LINE = {"id": 1, "current_budget": 100, "performance": 0.5, "roi": 2}


WRONG = (
    (ANALYZE, {"platform": "google_ads"}, "campaign_id"),
    (ANALYZE, {"campaign_id": 1}, "platform"),
    (ANALYZE, {"campaign_id": 1, "platform": "x", "performance_data": {"clicks": "many"}}, "performance_data"),
    (ANALYZE, {"campaign_id": 1, "platform": "x", "performance_data": 5}, "performance_data"),
    (ANALYZE, {"campaign_id": 1, "platform": "x", "dateRange": {"start": "soon"}}, "dateRange.start"),
    (
        ANALYZE,
        {"campaign_id": 1, "platform": "x", "date_range": {"start": "2024-02-01", "end": "2024-01-01"}},
        "date_range.start",
    ),
    (LOCALIZE, {"content": "Buy now", "target_markets": ["DE", "Atlantis"]}, "target_markets"),
    (LOCALIZE, {"content": " ", "target_markets": ["DE"]}, "content"),
    (LOCALIZE, {"content": "x", "target_markets": []}, "target_markets"),
    (BUDGET, {"total_budget": 1000, "campaigns": [LINE, LINE]}, "campaigns.1.id"),
    (BUDGET, {"total_budget": -1, "campaigns": [LINE]}, "total_budget"),
    (BUDGET, {"total_budget": 1, "campaigns": []}, "campaigns"),
    (BUDGET, {"total_budget": 1, "campaigns": [LINE | {"performance": 1.5}]}, "campaigns.0.performance"),
)


async def test_what_is_wrong_is_named(ask):
    for path, body, field in WRONG:
        details = refused(await ask(path, body), 400, "BAD_REQUEST")["details"]
        assert field in details, (body, details)


async def test_odd_budgets_add_up(ask):
    lines = [LINE | {"id": number, "current_budget": 0} for number in range(3)]
    for total, campaigns in (
        (100, lines),
        (0.05, lines),
        (0, [LINE]),
        (99.99, [LINE, *lines[2:], LINE | {"id": "x", "roi": -1}]),
    ):
        answer = await answered(
            ask(BUDGET, {"total_budget": total, "campaigns": campaigns}), "marketing_budget_optimize"
        )
        parts = answer["optimized_allocation"].values()
        assert round(sum(part["recommended_budget"] for part in parts), 2) == total
