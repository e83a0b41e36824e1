"""API clients in the graph: making, changing, revoking them; sandboxes; what people have allowed them."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from domain.clients import ApiClient
from domain.credentials import Credential, CredentialKind, hash_of
from domain.errors import Code, DomainError
from domain.grants import Grant
from domain.organizations import Organization
from domain.permissions import Role
from domain.viewer import Dialect, Viewer
from gateway.credential_rules import Door
from gateway.database import Database
from tests.clocks import SetClock
from tests.conftest import MakeViewer
from tests.factories.credentials import make_client, make_credential, resolve
from tests.factories.office import Office, office
from tests.factories.organizations import make_organization, make_user, make_viewer, store
from tests.graphs import Graph
from tests.vaults import VAULT

__all__ = ["office"]

MANAGERS = "permission:read:clients"
CLIENT = """client { id name dialect tier scopes redirectUris allowedIps sandbox public legacy demandsSecret
  monthlyTokens expiresAt revokedAt createdAt user { id }
  keys { nodes { id kind hint } } secrets { nodes { id kind hint } } }"""
MADE = f"{CLIENT} apiKey clientSecret"
REDIRECT = "https://app.example.com/callback"


async def test_a_client_with_everything(office: Office, database: Database) -> None:
    user = await make_user(database, office.organization)
    made = await office.done(
        "createClient",
        MADE,
        name=" Dialer ",
        dialect="CRM_ULTRA",
        tier="basic",
        scopes=["read", "read:leads", "read"],
        userId=user,
        redirectUris=[REDIRECT, "http://127.0.0.1:8765/callback", REDIRECT],
        allowedIps=["203.0.113.7", "2001:db8::/32"],
        legacy=True,
        demandsSecret=True,
        monthlyTokens=5,
        expiresAt="2030-01-01",
    )
    client = made["client"]
    (key,), (secret,) = client.pop("keys")["nodes"], client.pop("secrets")["nodes"]
    assert (key["kind"], secret["kind"]) == ("KEY", "SECRET")
    assert made["apiKey"].startswith(key["hint"])
    assert made["clientSecret"].startswith(secret["hint"])
    assert client == {
        "id": client["id"],
        "name": "Dialer",
        "dialect": "CRM_ULTRA",
        "tier": "Basic",
        "scopes": ["read", "read:leads"],
        "redirectUris": [REDIRECT, "http://127.0.0.1:8765/callback"],
        "allowedIps": ["203.0.113.7", "2001:db8::/32"],
        "sandbox": False,
        "public": False,
        "legacy": True,
        "demandsSecret": True,
        "monthlyTokens": 5,
        "expiresAt": "2030-01-01T00:00:00Z",
        "revokedAt": None,
        "createdAt": "2024-01-15T14:30:00Z",
        "user": {"id": user},
    }
    both = {"x-api-key": made["apiKey"], "x-api-secret": made["clientSecret"]}
    viewer = await resolve(database, both, Door(None, "203.0.113.7"))
    assert viewer is not None
    assert (viewer.client_id, viewer.user_id, viewer.tier) == (client["id"], user, "Basic")
    assert await office.told() == [("CLIENT_CREATED", client["id"], MANAGERS)]
    assert await office.noted() == [("createClient", client["id"])]
    facts = str(await office.facts())
    assert not any(value in facts for value in both.values())


async def test_what_nobody_says_is_the_usual(office: Office) -> None:
    for dialect, tier, scopes in (
        (None, "Professional", ["read", "write"]),
        ("CRM_ULTRA", "Professional", ["read", "write"]),
        ("CLICKUP_BRAIN", "Standard", ["read", "write"]),
        ("COPYCAR", "Ultimate", ["ultimate:read", "ultimate:write"]),
    ):
        made = await office.done("createClient", MADE, name="App", dialect=dialect)
        client = made["client"]
        assert (client["tier"], client["scopes"], client["monthlyTokens"]) == (tier, scopes, 100_000)
        assert made["apiKey"]
        assert made["clientSecret"]
    plain = await office.done("createClient", MADE, name="App", dialect="COPYCAR", scopes=["read"])
    assert plain["client"]["scopes"] == ["ultimate:read"]


async def test_a_client_is_given_what_it_can_keep(office: Office) -> None:
    public = await office.done("createClient", MADE, name="Phone", public=True, redirectUris=["com.example.app:/back"])
    assert (public["apiKey"], public["clientSecret"]) == (None, None)
    assert public["client"]["keys"] == public["client"]["secrets"] == {"nodes": []}
    app = await office.done("createClient", MADE, name="App", withKey=False)
    assert (app["apiKey"], app["clientSecret"] is None) == (None, False)
    script = await office.done("createClient", MADE, name="Script", withSecret=False)
    assert (script["apiKey"] is None, script["clientSecret"]) == (False, None)
    for field in ("withKey", "withSecret"):
        wanted: dict[str, Any] = {"name": "x", "public": True, field: True}
        assert await office.refused("createClient", **wanted) == [("INVALID", field)]
    by = {"clientId": public["client"]["id"]}
    assert await office.refused("createKey", **by) == [("INVALID", "clientId")]
    assert await office.refused("rotateSecret", **by) == [("INVALID", "clientId")]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"name": " "}, "name"),
        ({"tier": "Gold"}, "tier"),
        ({"tier": "Basic", "dialect": "COPYCAR"}, "tier"),
        ({"scopes": []}, "scopes"),
        ({"scopes": ["everything"]}, "scopes"),
        ({"scopes": ["admin"], "dialect": "CRM_ULTRA"}, "scopes"),
        ({"scopes": ["ultimate:read"]}, "scopes"),
        ({"redirectUris": ["http://app.example.com/"]}, "redirectUris"),
        ({"redirectUris": ["https://app.example.com/#part"]}, "redirectUris"),
        ({"redirectUris": [f"https://app.example.com/{n}" for n in range(21)]}, "redirectUris"),
        ({"allowedIps": ["10.0.0.1/8"]}, "allowedIps"),
        ({"allowedIps": ["localhost"]}, "allowedIps"),
        ({"allowedIps": ["10.0.0.1 "] * 101}, "allowedIps"),
        ({"allowedIps": ["1.2.3.4\u0000"]}, "allowedIps"),
        ({"legacy": True}, "legacy"),
        ({"legacy": True, "dialect": "COPYCAR"}, "legacy"),
        ({"legacy": True, "dialect": "CRM_ULTRA", "public": True}, "legacy"),
        ({"public": True, "dialect": "CLICKUP_BRAIN"}, "public"),
        ({"public": True, "demandsSecret": True}, "demandsSecret"),
        ({"monthlyTokens": -1}, "monthlyTokens"),
        ({"expiresAt": "2024-01-15T14:30:00Z"}, "expiresAt"),
        ({"expiresAt": "2020-01-01"}, "expiresAt"),
    ],
)
async def test_what_a_client_cannot_be_is_named(embedded_office: Office, given: dict[str, Any], field: str) -> None:
    refusals = await embedded_office.refused("createClient", **{"name": "App"} | given)
    assert [each[1] for each in refusals] == [field]


@pytest.fixture
async def embedded_office(embedded: Database) -> Office:
    """An office on SQLite alone: the rules do not know the database."""
    organization = await make_organization(embedded)
    return Office(embedded, Graph(embedded, await make_viewer(embedded, organization)), organization)


async def test_every_problem_is_told_at_once(embedded_office: Office) -> None:
    refusals = await embedded_office.refused("createClient", name="", tier="Gold", scopes=["x"], allowedIps=["y"])
    assert [each[1] for each in refusals] == ["name", "tier", "scopes", "allowedIps"]


async def test_a_client_acts_for_somebody_who_is_let_in(office: Office, database: Database) -> None:
    user = await make_user(database, office.organization)
    await office.done("disableUser", by={"id": user})
    assert await office.refused("createClient", name="App", userId=user) == [("INVALID", "userId")]
    assert await office.refused("createClient", name="App", userId="user_x") == [("UNKNOWN_REFERENCE", "userId")]


async def test_changing_a_client_is_heard(office: Office, database: Database) -> None:
    made = await office.done("createClient", MADE, name="App")
    client = made["client"]["id"]
    changed = await office.done(
        "updateClient", CLIENT, id=client, name="Form", scopes=["read"], allowedIps=["192.0.2.0/24"], tier=None
    )
    assert (changed["client"]["name"], changed["client"]["scopes"]) == ("Form", ["read"])
    assert (changed["client"]["allowedIps"], changed["client"]["tier"]) == (["192.0.2.0/24"], "Professional")
    assert await office.told() == [
        ("CLIENT_CREATED", client, MANAGERS),
        ("CLIENT_UPDATED", client, MANAGERS),
    ]
    assert await office.heard(client) == {client}
    with pytest.raises(DomainError) as refused:
        await resolve(database, {"x-api-key": made["apiKey"]}, Door(None, "198.51.100.7"))
    assert refused.value.code is Code.ADDRESS_NOT_ALLOWED
    # The same again is no change.
    await office.done("updateClient", id=client, name="Form", scopes=["read"])
    assert len(await office.told()) == 2
    assert await office.refused("updateClient", id=client, legacy=True) == [("INVALID", "legacy")]


async def test_tokens_are_worth_no_more_than_their_client(office: Office, database: Database) -> None:
    made = await office.done("createClient", MADE, name="App")
    client = made["client"]["id"]
    user = await make_user(database, office.organization, role=Role.SALES_MANAGER)
    grant = _grant(client, user, office.organization, ["read", "write:leads"], database)
    await store(database, grant)
    token = await make_credential(
        database, office.organization, client, CredentialKind.ACCESS_TOKEN, grant_id=grant.id, dialect=None
    )
    before = await resolve(database, {"authorization": f"Bearer {token}"})
    await office.done("updateClient", id=client, scopes=["read:leads", "write"])
    after = await resolve(database, {"authorization": f"Bearer {token}"})
    assert before is not None
    assert after is not None
    assert after.permissions < before.permissions
    # Webhooks are contained in leads (CU-57).
    assert {each.value for each in after.permissions} == {"write:leads", "write:webhooks"}


def _grant(client: str, user: str, organization: str, scopes: list[str], database: Database) -> Grant:
    return Grant(
        id=Grant.new_id(),
        organization_id=organization,
        client_id=client,
        user_id=user,
        scopes=scopes,
        created_at=database.clock.now(),
    )


async def test_a_revoked_client_is_revoked_for_good(office: Office, database: Database) -> None:
    made = await office.done("createClient", MADE, name="App")
    client = made["client"]["id"]
    revoked = await office.done("revokeClient", CLIENT, by={"id": client})
    assert revoked["client"]["revokedAt"] == "2024-01-15T14:30:00Z"
    await office.done("revokeClient", by={"id": client})
    assert [each[0] for each in await office.told()] == ["CLIENT_CREATED", "CLIENT_REVOKED"]
    assert await office.heard(client) == {client}
    with pytest.raises(DomainError):
        await resolve(database, {"x-api-key": made["apiKey"]})
    key = made["client"]["keys"]["nodes"][0]["id"]
    assert await office.refused("updateClient", id=client, name="x") == [("CONFLICT", "id")]
    assert await office.refused("createKey", clientId=client) == [("CONFLICT", "clientId")]
    assert await office.refused("rotateSecret", clientId=client) == [("CONFLICT", "clientId")]
    assert await office.refused("rotateKey", keyId=key) == [("CONFLICT", "keyId")]


async def test_what_somebody_allowed_can_be_withdrawn(office: Office, database: Database, viewer: Viewer) -> None:
    client = await make_client(database, office.organization, dialect=None)
    grant = _grant(client, viewer.user_id or "", office.organization, ["read"], database)
    await store(database, grant)
    token = await make_credential(
        database, office.organization, client, CredentialKind.ACCESS_TOKEN, grant_id=grant.id, dialect=None
    )
    listed = "query ($id: ID!) { client(id: $id) { grants { nodes { id scopes revokedAt user { id } } } } }"
    (shown,) = (await office.graph.data(listed, id=client))["client"]["grants"]["nodes"]
    assert shown == {"id": grant.id, "scopes": ["read"], "revokedAt": None, "user": {"id": viewer.user_id}}
    withdrawn = await office.done("revokeAccess", "grant { revokedAt client { id } }", by={"grantId": grant.id})
    assert withdrawn["grant"] == {"revokedAt": "2024-01-15T14:30:00Z", "client": {"id": client}}
    await office.done("revokeAccess", by={"grantId": grant.id})
    assert await office.told() == [("ACCESS_WITHDRAWN", grant.id, MANAGERS)]
    assert await office.noted() == [("revokeAccess", grant.id)]
    assert await office.heard(grant.id) == {grant.id}
    with pytest.raises(DomainError):
        await resolve(database, {"authorization": f"Bearer {token}"})


async def test_a_sandbox_is_made_once_with_data_of_its_own(office: Office, database: Database) -> None:
    first = await office.done("createClient", MADE, name="Tests", sandbox=True, dialect="CLICKUP_BRAIN")
    second = await office.done("createClient", MADE, name="More tests", sandbox=True)
    homes = select(Organization.id, Organization.name).where(Organization.sandbox_of_id == office.organization)
    ((sandbox, name),) = await database.rows(homes)
    assert name == "Here (sandbox)"
    seen = []
    for made, style in ((first, "authorization"), (second, "x-api-key")):
        value = f"Bearer {made['apiKey']}" if style == "authorization" else made["apiKey"]
        viewer = await resolve(database, {style: value}, Door(None, sandbox=True))
        assert viewer is not None
        assert (viewer.organization_id, viewer.home_id, viewer.user_id) == (sandbox, office.organization, None)
        query = """{ leads { totalCount nodes { statusText score notes { nodes { content } } } } accounts { totalCount }
          complianceItems { totalCount } regulatoryUpdates { totalCount } translations { totalCount }
          events { nodes { sequence type actor { id } } } users { totalCount } }"""
        seen.append(await office.graph.data(query, viewer))
    assert seen[0] == seen[1]
    assert sorted(each["statusText"] for each in seen[0]["leads"]["nodes"]) == ["LOST", "WON", "new", "qualified"]
    assert all(each["score"] > 0 for each in seen[0]["leads"]["nodes"])
    held = [seen[0][name]["totalCount"] for name in ("complianceItems", "regulatoryUpdates", "translations")]
    assert held == [2, 1, 3]
    told = seen[0]["events"]["nodes"]
    assert [each["sequence"] for each in told] == list(range(1, len(told) + 1))
    assert [each["type"] for each in told].count("LEAD_CREATED") == 4
    assert all(each["actor"] is None for each in told)
    assert seen[0]["users"] == {"totalCount": 0}
    # At home nothing of it is seen, and the log tells of the clients alone.
    assert (await office.graph.data("{ leads { totalCount } }"))["leads"] == {"totalCount": 0}
    assert [each[0] for each in await office.told()] == ["CLIENT_CREATED", "CLIENT_CREATED"]


async def test_two_at_once_make_one_sandbox(office: Office, database: Database) -> None:
    await asyncio.gather(*(office.done("createClient", name=f"Test {n}", sandbox=True) for n in range(4)))
    homes = select(Organization.id).where(Organization.sandbox_of_id == office.organization)
    assert len(await database.rows(homes)) == 1


async def test_a_sandbox_has_no_users(office: Office, database: Database) -> None:
    user = await make_user(database, office.organization)
    refusals = await office.refused("createClient", name="Tests", sandbox=True, userId=user)
    assert refusals == [("INVALID", "userId")]
    homes = select(Organization.id).where(Organization.sandbox_of_id == office.organization)
    assert await database.rows(homes) == []
    made = await office.done("createClient", CLIENT, name="Tests", sandbox=True)
    assert await office.refused("updateClient", id=made["client"]["id"], userId=user) == [("INVALID", "userId")]


async def test_whoever_may_make_clients_may_make_a_sandbox(office: Office, viewer_of: MakeViewer) -> None:
    clerk = await viewer_of(role=Role.ADMIN, scopes=("read:clients", "write:clients"))
    made = await office.done("createClient", "client { sandbox }", clerk, name="Tests", sandbox=True)
    assert made["client"] == {"sandbox": True}


async def test_only_what_may_sign_jwts_is_sealed(office: Office, database: Database) -> None:
    for dialect in (None, *Dialect):
        name = dialect.value if dialect else None
        made = await office.done("createClient", MADE, name="App", dialect=name)
        columns = select(Credential.kind, Credential.hash, Credential.sealed)
        rows = await database.rows(columns.where(Credential.client_id == made["client"]["id"]))
        stored = {row.kind: row for row in rows}
        assert stored[CredentialKind.KEY].sealed is None
        secret = stored[CredentialKind.SECRET]
        assert secret.hash == hash_of(made["clientSecret"])
        signs = dialect in (None, Dialect.CLICKUP_BRAIN)
        assert (VAULT.open(secret.sealed) == made["clientSecret"]) if signs else secret.sealed is None


async def test_clients_can_be_looked_for(office: Office, database: Database, clock: SetClock) -> None:
    made = {
        name: (await office.done("createClient", CLIENT, name=name, **more))["client"]["id"]
        for name, more in {
            "Form": {"dialect": "CRM_ULTRA"},
            "Old form": {"dialect": "CRM_ULTRA", "expiresAt": "2024-02-01"},
            "Dialer": {"dialect": "COPYCAR", "expiresAt": "2999-01-01"},
            "100%": {},
        }.items()
    }
    await office.done("revokeClient", by={"id": made["100%"]})
    for arguments, names in {
        'search: "FORM"': {"Form", "Old form"},
        'search: "0%"': {"100%"},
        "dialect: COPYCAR": {"Dialer"},
        "active: true": {"Form", "Dialer"},
        "active: false": {"Old form", "100%"},
        'search: "form", active: true': {"Form"},
    }.items():
        page = (await office.graph.data(f"{{ clients({arguments}) {{ totalCount nodes {{ name }} }} }}"))["clients"]
        assert {each["name"] for each in page["nodes"]} == names, arguments
        assert page["totalCount"] == len(names)


async def test_tokens_and_codes_are_nobodys_to_look_at(office: Office, database: Database) -> None:
    client = await make_client(database, office.organization)
    for kind in (CredentialKind.ACCESS_TOKEN, CredentialKind.REFRESH_TOKEN, CredentialKind.CODE):
        await make_credential(database, office.organization, client, kind)
    rows = await database.rows(select(Credential.id).where(Credential.client_id == client))
    for (key,) in rows:
        assert (await office.graph.data("query ($id: ID!) { node(id: $id) { id } }", id=key)) == {"node": None}
        assert await office.refused("revokeKey", by={"id": key}) == [("NOT_FOUND", "id")]
        assert await office.refused("rotateKey", keyId=key) == [("NOT_FOUND", "keyId")]
    shown = (await office.graph.data("query ($id: ID!) { client(id: $id) { keys { totalCount } } }", id=client))[
        "client"
    ]
    assert shown == {"keys": {"totalCount": 0}}


async def test_only_those_who_manage_access_hear_of_it(office: Office, viewer: Viewer) -> None:
    await office.done("createClient", name="App")
    query = "{ events { totalCount nodes { type } } }"
    shown = {"totalCount": 1, "nodes": [{"type": "CLIENT_CREATED"}]}
    # Who did it hears of it anyway.
    rep = replace(viewer, permissions=viewer.permissions - {"read:clients"})
    assert (await office.graph.data(query, rep))["events"] == shown
    # Of two programs without a user the one that manages access does, and the other counts nothing it is not shown.
    assert (await office.graph.data(query, replace(viewer, user_id=None)))["events"] == shown
    assert (await office.graph.data(query, replace(rep, user_id=None)))["events"] == {"totalCount": 0, "nodes": []}


async def test_the_id_is_the_client_id(office: Office, database: Database) -> None:
    made = await office.done("createClient", CLIENT, name="App")
    ((found,),) = await database.rows(select(ApiClient.name).where(ApiClient.id == made["client"]["id"]))
    assert found == "App"
