"""List Accounts, the connection test of the documented authentication samples (CC-04)."""

from __future__ import annotations

from datetime import timedelta

from domain.viewer import Dialect
from tests.factories.credentials import make_key
from tests.factories.leads import make_account
from tests.factories.organizations import make_user
from tests.rest_compat.asgi import call
from tests.rest_compat.copycar.printed import fits, refused

PATH = "/v2/ultimate/accounts"
TECHCORP = {
    "name": "TechCorp Solutions",
    "domain": "techcorp.com",
    "industry": "Software Development",
    "size": "350 employees",
    "revenue": "$25M",
    "location": "San Francisco, CA",
    "founded": "2018",
    "website": "https://techcorp.com",
}


async def accounts(app, key):
    answer = await call(app, "GET", PATH, headers={"X-API-Key": key})
    assert answer.status == 200, answer.body
    fits("accounts_list", answer.json())
    return answer.json()["data"]["accounts"]


async def test_an_account_has_the_printed_keys_in_their_order(app, database, organization, key):
    made = await make_account(database, organization, **TECHCORP)
    assert await accounts(app, key) == [{"account_id": made, **TECHCORP}]
    assert list((await accounts(app, key))[0]) == ["account_id", *TECHCORP]


async def test_all_of_them_newest_first_without_pages(app, database, organization, key, clock):
    made = [
        await make_account(database, organization, name=f"C{n}", created_at=clock.now() + timedelta(hours=n))
        for n in range(120)
    ]
    assert [each["account_id"] for each in await accounts(app, key)] == made[::-1]


async def test_nothing_is_known_of_a_company_but_its_name(app, database, organization, key):
    await make_account(database, organization)
    assert (await accounts(app, key))[0] | {"account_id": ""} == {
        "account_id": "",
        **dict.fromkeys(TECHCORP),
        "name": "Example",
    }


async def test_no_accounts(app, key):
    assert await accounts(app, key) == []


async def test_accounts_of_others_are_not_there(app, database, stranger, key):
    await make_account(database, stranger.organization_id)
    assert await accounts(app, key) == []


async def test_scopes_as_copycar_writes_them(app, database, organization, jane):
    reads = await make_key(database, organization, user=jane, dialect=Dialect.COPYCAR, scopes=("ultimate:read",))
    writes = await make_key(database, organization, user=jane, dialect=Dialect.COPYCAR, scopes=("ultimate:write",))
    assert await accounts(app, reads) == []
    answer = await call(app, "GET", PATH, headers={"X-API-Key": writes})
    error = refused(answer, 403, "INSUFFICIENT_PERMISSIONS")
    assert error["message"].startswith("Insufficient permissions for this operation")


async def test_a_key_without_a_user_reads_for_its_organization(app, database, organization):
    await make_account(database, organization)
    key = await make_key(database, organization, dialect=Dialect.COPYCAR)
    assert len(await accounts(app, key)) == 1


async def test_what_copycar_prints_is_in_the_graph(graph, database, organization):
    made = await make_account(database, organization, **TECHCORP)
    await make_user(database, organization)
    read = "query ($id: ID!) { account(id: $id) { revenue founded website } }"
    assert (await graph.data(read, id=made))["account"] == {
        "revenue": "$25M",
        "founded": "2018",
        "website": "https://techcorp.com",
    }
