"""Research Account Ultimate and Generate Personalized Content Ultimate, in the printed form."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from sqlalchemy import select, update

from domain.accounts import Account
from domain.clients import ApiClient
from domain.errors import Kind
from domain.viewer import Dialect
from rest_compat.copycar.errors import ERRORS
from rest_compat.copycar.research import finished
from rest_compat.engine.answers import take
from rest_compat.engine.faults import Fault, Refusal
from tests.clocks import PRINTED
from tests.factories.credentials import make_key
from tests.factories.leads import make_account, make_contact
from tests.factories.research import hire_research
from tests.rest_compat.asgi import call
from tests.rest_compat.copycar.printed import example, fits, refused

RESEARCH, CONTENT = "accounts_research", "content_generate"
SDK_RESEARCH = {
    "company": {"name": "TechCorp Solutions", "industry": "Software Development", "size": "200-500 employees"},
    "research_config": {"depth": "comprehensive", "include_competitors": True},
}


@pytest.fixture(autouse=True)
def researchers(database):
    """Somebody who works on researches, as every server has."""
    return hire_research(database)


SDK_CONTENT = {"content_type": "email_outreach", "target_persona": {"name": "Sarah Johnson", "title": "CTO"}}


async def test_the_printed_research(answered, database, organization):
    account = await make_account(database, organization, name="TechCorp Solutions", domain="techcorp.com")
    known = {"name": "Sarah Johnson", "title": "CTO", "account_id": account}
    await make_contact(database, organization, "sarah.johnson@techcorp.com", **known)
    told = await answered(RESEARCH, "/accounts/research", example(RESEARCH, "request"))
    data, profile = told["data"], told["data"]["profile"]
    assert data["account_id"] == account
    sent = example(RESEARCH, "request")["company"]
    assert profile["basic_info"] == {name: sent.get(name) for name in profile["basic_info"]} | {
        "website": profile["basic_info"]["website"]
    }
    [sarah] = profile["decision_makers"]
    assert (sarah["name"], sarah["title"], sarah["email"]) == ("Sarah Johnson", "CTO", "sarah.johnson@techcorp.com")
    # Nobody has told her address there: it is that of a search.
    assert sarah["linkedin"] == (
        "https://www.linkedin.com/search/results/people/?keywords=Sarah+Johnson+TechCorp+Solutions"
    )
    assert set(sarah["communication_preferences"]["channels"]) <= {"email", "linkedin", "phone"}
    assert profile["pain_points"]
    assert told["usage"]["remaining_quota"] == 100_000 - told["usage"]["tokens_used"] < 100_000

    company = SDK_RESEARCH["company"] | {"technologies": ["aws", "Ruby\non  Rails"]}
    again = await answered(RESEARCH, "/accounts/research", SDK_RESEARCH | {"company": company})
    assert again["data"]["account_id"] == account
    assert again["data"]["research_id"] != data["research_id"]
    [[technologies]] = await database.rows(select(Account.technologies).where(Account.id == account))
    assert technologies == ["AWS", "React", "Node.js", "Ruby on Rails"]


async def test_who_may_only_write_is_told_what_was_found(app, database, organization, jane):
    key = await make_key(database, organization, user=jane, dialect=Dialect.COPYCAR, scopes=["ultimate:write"])
    headers = {"X-API-Key": key, "Content-Type": "application/json"}
    sent = json.dumps(example(RESEARCH, "request")).encode()
    answer = await call(app, "POST", "/v2/ultimate/accounts/research", body=sent, headers=headers)
    assert answer.status == 200, answer.body
    fits(RESEARCH, answer.json())
    assert (await call(app, "GET", "/v2/ultimate/accounts", headers=headers)).status == 403


async def test_sections_are_left_out_when_they_are_not_wanted(answered):
    sections = {"include_competitors": "competitors", "include_news": "news_insights"}
    for wanted in (None, True, False):
        config = dict.fromkeys((*sections, "include_social", "include_financials"), wanted)
        insights = dict.fromkeys(("include_ai_insights", "include_predictions", "include_recommendations"), wanted)
        sent = {"company": {"name": "Fabrikam"}, "research_config": config, "personalization": insights}
        profile = (await answered(RESEARCH, "/accounts/research", sent))["data"]["profile"]
        for section in (*sections.values(), "ai_insights"):
            assert (section in profile) is (wanted is not False), section
    least = (await answered(RESEARCH, "/accounts/research", {"company": {"name": "Fabrikam"}}))["data"]["profile"]
    assert least["basic_info"] == dict.fromkeys(least["basic_info"]) | {"name": "Fabrikam"}
    assert least["decision_makers"] == []
    assert {"competitors", "news_insights", "ai_insights"} <= set(least)


async def test_the_printed_content(answered, database, organization):
    account = await make_account(database, organization, name="TechCorp Solutions", technologies=["AWS"])
    told = await answered(CONTENT, "/content/generate", example(CONTENT, "request") | {"account_id": account})
    variants = told["data"]["variants"]
    assert [(each["variant_id"], each["channel"]) for each in variants] == [
        ("var_1", "email"),
        ("var_2", "linkedin"),
        ("var_3", "email"),
    ]
    assert "subject" not in variants[1]
    assert told["data"]["recommendations"]["best_variant"] in {each["variant_id"] for each in variants}
    assert told["usage"]["remaining_quota"] == 100_000 - told["usage"]["tokens_used"] < 100_000

    [only] = (await answered(CONTENT, "/content/generate", SDK_CONTENT | {"account_id": account}))["data"]["variants"]
    assert only["channel"] == "email"
    nothing = dict.fromkeys(("campaign_config", "personalization", "channels", "ai_enhancement"))
    [only] = (await answered(CONTENT, "/content/generate", SDK_CONTENT | nothing | {"account_id": account}))["data"][
        "variants"
    ]
    assert only["channel"] == "email"
    others = SDK_CONTENT | {"account_id": account, "channels": ["phone", "direct_mail", "website"]}
    for each in (await answered(CONTENT, "/content/generate", others))["data"]["variants"]:
        assert list(each["content"]) == ["text"]
        assert each["content"]["text"]
        assert "subject" not in each


WRONG = (
    (RESEARCH, {"company": ...}, "MISSING_REQUIRED_FIELD", "company.name"),
    (RESEARCH, {"company": {"domain": "x.com"}}, "MISSING_REQUIRED_FIELD", "company.name"),
    (RESEARCH, {"company": {"name": ""}}, "MISSING_REQUIRED_FIELD", "company.name"),
    (RESEARCH, {"company": {"name": 5}}, "INVALID_FIELD_VALUE", "company.name"),
    (RESEARCH, {"company": "TechCorp"}, "INVALID_FIELD_VALUE", "company"),
    (RESEARCH, {"company": {"name": "A", "domain": "not a domain"}}, "INVALID_FIELD_VALUE", "company.domain"),
    (RESEARCH, {"company": {"name": "A", "technologies": "AWS"}}, "INVALID_FIELD_VALUE", "company.technologies"),
    (RESEARCH, {"research_config": {"include_news": "yes"}}, "INVALID_FIELD_VALUE", "research_config.include_news"),
    (CONTENT, {"account_id": ...}, "MISSING_REQUIRED_FIELD", "account_id"),
    (CONTENT, {"content_type": ...}, "MISSING_REQUIRED_FIELD", "content_type"),
    (CONTENT, {"target_persona": ...}, "MISSING_REQUIRED_FIELD", "target_persona.name"),
    (
        CONTENT,
        {"target_persona": {"name": "A", "influence_score": -1}},
        "INVALID_FIELD_VALUE",
        "target_persona.influence_score",
    ),
    (CONTENT, {"campaign_config": {"urgency": "now"}}, "INVALID_FIELD_VALUE", "campaign_config.urgency"),
    (CONTENT, {"channels": ["fax"]}, "INVALID_FIELD_VALUE", "channels"),
    (CONTENT, {"ai_enhancement": {"a_b_test_variants": 0}}, "INVALID_FIELD_VALUE", "ai_enhancement.a_b_test_variants"),
    (
        CONTENT,
        {"ai_enhancement": {"a_b_test_variants": 1.5}},
        "INVALID_FIELD_VALUE",
        "ai_enhancement.a_b_test_variants",
    ),
)


async def test_what_is_wrong_is_named_as_it_was_sent(ask, database, organization):
    account = await make_account(database, organization)
    good = {RESEARCH: SDK_RESEARCH, CONTENT: SDK_CONTENT | {"account_id": account}}
    paths = {RESEARCH: "/accounts/research", CONTENT: "/content/generate"}
    for route, change, code, field in WRONG:
        sent = {name: value for name, value in (good[route] | change).items() if value is not ...}
        error = refused(await ask(paths[route], sent), 400, code)
        assert field in error["details"], (change, error)
    for body in ([], "x", 5):
        assert refused(await ask("/accounts/research", body), 400, "INVALID_REQUEST")["details"] == {}
    refused(await ask("/content/generate", SDK_CONTENT | {"account_id": "acc_unknown"}), 404, "ACCOUNT_NOT_FOUND")


async def test_a_spent_month_is_told_with_its_end(ask, database, organization):
    account = await make_account(database, organization)

    async def spend_all(session):
        await session.execute(update(ApiClient).values(monthly_tokens=0))

    await database.store(spend_all)
    campaign = {"campaign_name": "C", "channels": ["email"], "timeline": {"duration_weeks": 1}, "account_id": account}
    for path, body in (
        ("/accounts/research", SDK_RESEARCH),
        ("/content/generate", SDK_CONTENT | {"account_id": account}),
        ("/campaigns/create", campaign),
    ):
        answer = await ask(path, body)
        error = refused(answer, 429, "QUOTA_EXCEEDED")
        assert error["details"] == {"limit": 0, "remaining": 0, "reset_time": "2024-02-01T00:00:00Z"}
        assert int(answer.headers["retry-after"]) > 86_400


QUOTA = {"limit": 10, "remaining": 3, "resets_at": "2024-02-01T00:00:00Z"}


@pytest.mark.parametrize(
    ("status", "code", "reason"),
    [
        ("running", None, Kind.TIMEOUT),
        ("failed", "TIMEOUT", Kind.TIMEOUT),
        ("failed", "UNAVAILABLE", Kind.UNAVAILABLE),
        ("failed", "QUOTA_EXCEEDED", Kind.QUOTA_EXCEEDED),
        ("failed", "PROCESSING_FAILED", Refusal.INTERNAL),
        ("failed", None, Refusal.INTERNAL),
    ],
)
def test_a_research_without_an_end_is_told_by_its_id(status, code, reason):
    run = {"status": status, "failureCode": code, "failure": None, "research_id": "res_1"}
    with pytest.raises(Fault) as told:
        finished(take("researchAccount.run.status")).write({"researchAccount": {"run": run, "quota": QUOTA}}, {})
    assert told.value.reason is reason
    assert told.value.fields == {"research_id": "res_1"}
    body = ERRORS.tell(told.value, "req_1", PRINTED, "https://graph.example/copycar")
    fits("error", body.body)
    if reason is Kind.QUOTA_EXCEEDED:
        details = {"limit": 10, "remaining": 3, "reset_time": "2024-02-01T00:00:00Z"}
        assert body.body["error"]["details"] == details
        left = datetime(2024, 2, 1, tzinfo=UTC) - PRINTED
        assert dict(body.headers)["Retry-After"] == str(int(left.total_seconds()))
