"""JWTs of ClickUp Brain's clients (CB-06): HS256 with the client's secret, an end, and nothing else."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from typing import Any

import pytest
from joserfc import jwt as library
from joserfc.jwk import OctKey

from domain.credentials import CredentialKind
from domain.errors import Code, DomainError
from domain.permissions import Permission
from domain.viewer import Dialect
from gateway import json, jwt
from gateway.credential_rules import Door
from gateway.database import Database
from gateway.presented import is_jwt
from tests.clocks import PRINTED
from tests.factories.credentials import make_client, make_credential, resolve

SECRET = "tgs_a-secret-that-is-long-enough-to-sign-with"
NOW = int(PRINTED.timestamp())
CLAIMS = {"iss": "client_1", "exp": NOW + 600}


def signed(claims: dict[str, Any], secret: str = SECRET, algorithm: str = "HS256") -> str:
    return library.encode({"alg": algorithm}, claims, OctKey.import_key(secret), algorithms=[algorithm])


def bare(header: dict[str, Any], claims: dict[str, Any], signature: str = "") -> str:
    parts = [urlsafe_b64encode(json.dumps(part)).rstrip(b"=").decode() for part in (header, claims)]
    return ".".join([*parts, signature])


def check(value: str, *secrets: str) -> str:
    secret = jwt.signer(value, secrets or (SECRET,))
    jwt.in_force(value, "client_1", PRINTED)
    return secret


@pytest.mark.parametrize(
    "claims", [CLAIMS, {"sub": "client_1", "exp": NOW + 1}, CLAIMS | {"nbf": NOW, "iat": NOW + 20}]
)
def test_a_signed_one_in_force_is_taken(claims: dict[str, Any]) -> None:
    assert is_jwt(signed(claims))
    assert jwt.claimed_client(signed(claims)) == "client_1"
    assert check(signed(claims), "another secret that is kept beside it", SECRET) == SECRET


@pytest.mark.parametrize(
    "value",
    [
        signed(CLAIMS, "somebody else's secret, long enough"),
        signed(CLAIMS, algorithm="HS384"),
        signed(CLAIMS, algorithm="HS512"),
        bare({"alg": "none"}, CLAIMS),
        bare({"alg": "None", "typ": "JWT"}, CLAIMS),
        bare({"alg": "HS256"}, CLAIMS),
        bare({"typ": "JWT"}, CLAIMS),
        bare({"alg": "RS256"}, CLAIMS, "AAAA"),
        signed({"iss": "client_1"}),
        signed({"iss": "client_1", "exp": NOW}),
        signed({"iss": "client_1", "exp": NOW - 1}),
        signed({"iss": "client_1", "exp": str(NOW + 60)}),
        signed({"iss": "client_1", "exp": True}),
        signed({"iss": "client_2", "exp": NOW + 60}),
        signed(CLAIMS | {"nbf": NOW + 60}),
        signed(CLAIMS | {"iat": NOW + 60}),
        signed(CLAIMS | {"scope": ["read"]}),
        signed(CLAIMS).replace(".", "..", 1),
        "eyJ..",
        "eyJ.é.x",
        signed(CLAIMS)[:-2],
    ],
)
def test_every_other_one_is_refused(value: str) -> None:
    with pytest.raises(jwt.UnusableJwt):
        check(value)


@pytest.mark.parametrize("claims", [{"exp": 1}, {"iss": 5}, {"iss": None, "sub": ["client_1"]}])
def test_one_that_names_no_client_is_refused(claims: dict[str, Any]) -> None:
    with pytest.raises(jwt.UnusableJwt):
        jwt.claimed_client(signed(claims))


async def test_it_opens_the_door_as_its_client_with_the_scopes_it_asks_for(
    database: Database, organization: str
) -> None:
    client = await make_client(database, organization, dialect=Dialect.CLICKUP_BRAIN)
    secret = await make_credential(database, organization, client, CredentialKind.SECRET, sealed=True)
    header = {"authorization": f"Bearer {signed({'iss': client, 'exp': NOW + 60, 'scope': 'read admin'}, secret)}"}

    viewer = await resolve(database, header, Door(Dialect.CLICKUP_BRAIN))

    assert viewer is not None
    assert (viewer.client_id, viewer.scopes) == (client, ("read",))
    assert Permission.READ_LEADS in viewer.permissions
    assert Permission.WRITE_LEADS not in viewer.permissions


@pytest.mark.parametrize("case", ["revoked", "expired", "hashed only", "key", "other client"])
async def test_only_a_live_secret_of_the_client_itself_signs(database: Database, organization: str, case: str) -> None:
    client = await make_client(database, organization, dialect=Dialect.CLICKUP_BRAIN)
    signer = await make_client(database, organization, dialect=Dialect.CLICKUP_BRAIN)
    kind = CredentialKind.KEY if case == "key" else CredentialKind.SECRET
    known: dict[str, Any] = {"revoked": {"revoked_at": PRINTED}, "expired": {"expires_at": PRINTED}}.get(case, {})
    holder = signer if case == "other client" else client
    sealed = case != "hashed only"
    secret = await make_credential(database, organization, holder, kind, sealed=sealed, **known)
    header = {"authorization": f"Bearer {signed({'iss': client, 'exp': NOW + 60}, secret)}"}

    with pytest.raises(DomainError) as refused:
        await resolve(database, header, Door(Dialect.CLICKUP_BRAIN))

    assert refused.value.code is Code.INVALID_TOKEN


async def test_an_end_beyond_all_calendars_is_just_late(database: Database, organization: str) -> None:
    client = await make_client(database, organization, dialect=Dialect.CLICKUP_BRAIN)
    secret = await make_credential(database, organization, client, CredentialKind.SECRET, sealed=True)
    header = {"authorization": f"Bearer {signed({'iss': client, 'exp': 1e15}, secret)}"}
    assert await resolve(database, header, Door(Dialect.CLICKUP_BRAIN))
