"""The demo's credentials stay what they are as long as they work."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey
from sqlalchemy import select

from domain.clients import ApiClient
from domain.credentials import CredentialKind
from domain.errors import DomainError
from domain.organizations import Organization
from domain.users import User
from domain.viewer import Dialect
from gateway import keys, members, passwords
from gateway.credential_rules import Door
from gateway.database import Database
from gateway.seeds import demo, demo_file
from gateway.seeds.demo_keys import CLIENTS, DemoAccess, Known, ensure_access
from tests.clocks import SetClock
from tests.factories.credentials import resolve
from tests.graphs import Graph


@pytest.fixture
async def access(embedded: Database) -> DemoAccess:
    """What a first run of the demo gives."""
    await demo.seed(embedded)
    return await ensure_access(embedded, Known())


async def test_known_credentials_are_kept_and_lost_ones_replaced(database: Database):
    await demo.seed(database)
    first = await ensure_access(database, Known())

    kept = await ensure_access(database, first.known())
    lost = replace(first.known(), keys=first.keys | {"copycar": "tgcc_somebody-elses"}, password="not it at all")
    renewed = await ensure_access(database, lost)

    assert kept == replace(first, replaced=())
    assert renewed.replaced == ("the user's password", "copycar (key)")
    assert renewed.keys["copycar"] != first.keys["copycar"]
    assert renewed.password != first.password
    assert (renewed.keys["crm_ultra"], renewed.oauth) == (first.keys["crm_ultra"], first.oauth)


async def test_a_revoked_client_comes_back_to_life_with_what_it_had(embedded: Database, access: DemoAccess):
    await keys.revoke(embedded, "client_demo_crm_ultra")

    second = await ensure_access(embedded, access.known())

    assert second == replace(access, replaced=())
    viewer = await resolve(embedded, {"x-api-key": second.keys["crm_ultra"]}, Door(Dialect.CRM_ULTRA))
    assert viewer is not None
    assert (viewer.dialect, viewer.user_id, viewer.tier) == (Dialect.CRM_ULTRA, "user_abc123", "Professional")


async def test_a_revoked_key_is_replaced_by_one_that_works(embedded: Database, access: DemoAccess):
    (listed,) = [each for each in await keys.listed(embedded) if each.client.id == "client_demo_copycar"]
    await keys.revoke(embedded, listed.key.id)

    second = await ensure_access(embedded, access.known())

    assert second.replaced == ("copycar (key)",)
    assert await resolve(embedded, {"x-api-key": second.keys["copycar"]}, Door(Dialect.COPYCAR)) is not None


async def test_key_and_secret_are_of_the_same_client(embedded: Database, access: DemoAccess):
    assert set(access.oauth) == {"crm_ultra", "clickup_brain", "copycar", "graphql"}
    both = {"x-api-key": access.keys["copycar"], "x-api-secret": access.oauth["copycar"]["client_secret"]}
    viewer = await resolve(embedded, both, Door(Dialect.COPYCAR))
    assert viewer is not None
    assert (viewer.client_id, viewer.tier) == (access.oauth["copycar"]["client_id"], "Ultimate")
    foreign = both | {"x-api-secret": access.oauth["crm_ultra"]["client_secret"]}
    with pytest.raises(DomainError):
        await resolve(embedded, foreign, Door(Dialect.COPYCAR))


async def test_the_clickup_brain_secret_signs_jwts(embedded: Database, access: DemoAccess, clock: SetClock):
    own = access.oauth["clickup_brain"]
    claims = {"iss": own["client_id"], "exp": int((clock.now() + timedelta(minutes=5)).timestamp())}
    signed = jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(own["client_secret"]))

    viewer = await resolve(embedded, {"authorization": f"Bearer {signed}"}, Door(Dialect.CLICKUP_BRAIN))

    assert viewer is not None
    assert (viewer.client_id, viewer.user_id, viewer.tier) == ("client_demo_clickup_brain", "user_abc123", "Standard")


async def test_the_sandbox_key_sees_other_leads(embedded: Database, access: DemoAccess):
    headers = {"authorization": f"Bearer {access.keys['clickup_brain_sandbox']}"}
    viewer = await resolve(embedded, headers, Door(Dialect.CLICKUP_BRAIN, sandbox=True))
    assert viewer is not None
    seen = await Graph(embedded, viewer).data(
        "{ leads { totalCount nodes { email } } accounts { totalCount } viewer { organization { name } user { id } } }"
    )
    assert seen["viewer"] == {"organization": {"name": "Demo Insurance (sandbox)"}, "user": None}
    assert all(each["email"].endswith(".sandbox.example") for each in seen["leads"]["nodes"])
    assert (seen["leads"]["totalCount"], seen["accounts"]["totalCount"]) == (4, 2)
    homes = await embedded.rows(select(Organization.id, Organization.sandbox_of_id))
    assert sorted(homes, key=lambda row: row[1] or "") == [("org_demo", None), (viewer.organization_id, "org_demo")]


async def test_only_crm_ultra_s_client_has_the_old_habits(embedded: Database, access: DemoAccess):
    rows = await embedded.rows(select(ApiClient.id, ApiClient.legacy, ApiClient.redirect_uris, ApiClient.public))
    known = {row.id: row for row in rows}
    assert {client for client, row in known.items() if row.legacy} == {"client_demo_crm_ultra"}
    assert not any(row.public for row in rows)
    for name, each in access.oauth.items():
        assert known[f"client_demo_{name}"].redirect_uris == [each["redirect_uri"]]
    assert len(rows) == len(CLIENTS)


async def test_a_client_of_an_earlier_version_gets_what_it_lacks(embedded: Database):
    await demo.seed(embedded)
    wanted = keys.Wanted("Demo copycar", Dialect.COPYCAR, "org_demo", "jane@company.com", id="client_demo_copycar")
    earlier = (await keys.create(embedded, wanted)).key

    access = await ensure_access(embedded, Known({"copycar": earlier}))

    assert access.keys["copycar"] == earlier
    assert access.replaced == ()
    (uris,) = await embedded.rows(select(ApiClient.redirect_uris).where(ApiClient.id == "client_demo_copycar"))
    assert uris[0] == [access.oauth["copycar"]["redirect_uri"]]


async def test_who_was_shut_out_stays_out(embedded: Database, access: DemoAccess):
    await members.set_disabled(embedded, access.email, "org_demo", disabled=True)

    kept = await ensure_access(embedded, access.known())
    lost = await ensure_access(embedded, replace(access.known(), password=None))

    (stored,) = await embedded.rows(select(User.password_hash).where(User.id == "user_abc123"))
    assert kept.password == access.password
    assert not await passwords.matches(stored[0], lost.password)


def _content(**more: Any) -> Mapping[str, Any]:
    access = DemoAccess({"crm_ultra": "one"}, {"crm_ultra": "two"}, "jane@company.com", "three", ())
    return demo_file.content("http://here", access) | more


def test_the_file_is_read_back_and_only_for_its_owner(tmp_path: Path):
    written = demo_file.write(tmp_path / "new", _content(base_url="http://there"))
    demo_file.write(tmp_path / "new", _content())

    known = demo_file.known(tmp_path / "new")
    assert known == Known({"crm_ultra": "one"}, {"crm_ultra": "two"}, "three")
    assert known.of("crm_ultra", CredentialKind.SECRET) == "two"
    assert written.stat().st_mode & 0o777 == 0o600
    assert [each.name for each in (tmp_path / "new").iterdir()] == ["demo.json"]
    assert json.loads(written.read_text())["oauth"]["crm_ultra"] == {
        "client_id": "client_demo_crm_ultra",
        "client_secret": "two",
        "redirect_uri": "http://127.0.0.1:8765/callback",
    }


def test_a_file_that_is_not_ours_knows_nothing(tmp_path: Path):
    assert demo_file.known(tmp_path) == Known()
    for content in (
        "",
        "[]",
        "{}",
        '{"keys": 1}',
        "\x00",
        '{"keys": {"crm_ultra": 1}, "oauth": {"crm_ultra": 1, "copycar": {"client_secret": 2}}, "user": []}',
    ):
        (tmp_path / "demo.json").write_text(content)
        assert demo_file.known(tmp_path) == Known()
