"""Get Account Insights Ultimate, in the printed form."""

from __future__ import annotations

from domain.channels import Channel
from rest_compat.copycar.answers import mapped
from rest_compat.copycar.insights import CHANNELS
from tests.factories.leads import make_account
from tests.rest_compat.copycar.printed import example, refused

SHAPE = "accounts_insights"


def test_channels_have_names_of_their_own_here():
    assert set(CHANNELS) == {each.lower() for each in Channel}
    printed = example(SHAPE)["data"]["insights"]["content_preferences"]["preferred_channels"]
    assert mapped("a", CHANNELS).write({"a": ["email", "linkedin"]}, {}) == printed


async def test_a_company_of_which_little_is_known_has_every_printed_key(answered, database, organization):
    account = await make_account(database, organization, industry="Software Development")
    told = await answered(SHAPE, f"/accounts/{account}/insights")
    assert told["data"]["account_id"] == account
    assert told["data"]["insights"]["engagement_trends"]["trend"] == "stable"
    assert told["data"]["insights"]["engagement_trends"]["overall_score"] == 0


async def test_accounts_of_others_and_of_nobody_are_not_found(ask, database, stranger):
    foreign = await make_account(database, stranger.organization_id)
    for unknown in (foreign, "acc_unknown", "cmp_789123456"):
        assert refused(await ask(f"/accounts/{unknown}/insights"), 404, "ACCOUNT_NOT_FOUND")["details"] == {}
    refused(await ask(f"/accounts/{foreign}/insights", {}), 405, "INVALID_REQUEST")
