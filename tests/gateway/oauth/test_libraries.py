"""Clients that others wrote, over real connections and through the consent page."""

from __future__ import annotations

import asyncio
import socket
import warnings
from collections.abc import AsyncIterator
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
import requests
import uvicorn
from authlib.deprecate import AuthlibDeprecationWarning
from authlib.integrations.base_client import OAuthError
from authlib.oauth2.rfc8414 import AuthorizationServerMetadata
from oauthlib.oauth2 import BackendApplicationClient, InvalidGrantError
from requests_oauthlib import OAuth2Session

from domain.credentials import CredentialKind
from domain.viewer import Dialect
from tests.clocks import SetClock
from tests.factories.credentials import make_credential
from tests.gateway.oauth.conftest import error_of
from tests.gateway.pages.browsing import Browser
from tests.gateway.pages.conftest import CALLBACK, PASSWORD, Office, opened, quick_hashes

with warnings.catch_warnings():
    # It would rather have httpx2, and says so when it is imported.
    warnings.simplefilter("ignore", AuthlibDeprecationWarning)
    AsyncOAuth2Client = import_module("authlib.integrations.httpx_client").AsyncOAuth2Client

__all__ = ["quick_hashes"]

_PATIENCE_SECONDS = 15


class Shop(Office):
    """An office that is served over real connections."""

    url: str

    async def secret_of(self, client_id: str) -> str:
        """A fresh secret of a client."""
        return await make_credential(self.database, self.organization, client_id, CredentialKind.SECRET)

    async def allowed(self, url: str) -> str:
        """Where a person who signs in and says yes is sent back to."""
        browser = Browser(self.app, origin=self.url)
        await browser.get(url)
        await browser.sign_in(self.email, PASSWORD)
        await browser.press("allow")
        return browser.location


class _Server(uvicorn.Server):
    """Says when it answers."""

    def __init__(self, app: object) -> None:
        super().__init__(uvicorn.Config(app, log_config=None, lifespan="on"))  # type: ignore[arg-type]
        self.up = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.up.set()


@pytest.fixture
async def shop(database_url: str, tmp_path: Path, clock: SetClock) -> AsyncIterator[Shop]:
    """A server of the whole application on a free port."""
    listening = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    async with opened(database_url, tmp_path, clock, public_url=url) as office:
        server = _Server(office.app)
        running = asyncio.create_task(server.serve(sockets=[listening]))
        async with asyncio.timeout(_PATIENCE_SECONDS):
            await server.up.wait()
        shop = Shop(office.app, office.clock, office.organization, office.user, office.email)
        shop.url = url
        try:
            yield shop
        finally:
            server.should_exit = True
            with suppress(asyncio.CancelledError):
                await running


async def test_authlibs_client_from_metadata_to_revocation(shop: Shop):
    client_id = await shop.client(name="Reports")
    secret = await shop.secret_of(client_id)
    async with httpx.AsyncClient(base_url=shop.url) as http:
        known = (await http.get("/.well-known/oauth-authorization-server")).json()
        AuthorizationServerMetadata(known).validate()
        async with AsyncOAuth2Client(
            client_id,
            secret,
            redirect_uri=CALLBACK,
            scope="read write",
            code_challenge_method="S256",
            token_endpoint=known["token_endpoint"],
        ) as client:
            verifier = "v" * 64
            url, state = client.create_authorization_url(known["authorization_endpoint"], code_verifier=verifier)
            back = await shop.allowed(url)
            assert httpx.URL(back).params["iss"] == known["issuer"] == shop.url
            token = await client.fetch_token(authorization_response=back, state=state, code_verifier=verifier)
            assert (token["token_type"], token["expires_in"], token["scope"]) == ("Bearer", 3600, "read write")
            question = {"query": "{ viewer { user { id } } }"}
            said = await client.post(f"{shop.url}/graphql", json=question)
            assert said.json()["data"]["viewer"]["user"]["id"] == shop.user

            fresh = await client.refresh_token(known["token_endpoint"])
            assert fresh["refresh_token"] != token["refresh_token"]
            told = await client.introspect_token(
                known["introspection_endpoint"], token=fresh["access_token"], token_type_hint="access_token"
            )
            assert (told.json()["active"], told.json()["sub"]) == (True, shop.user)

            ended = await client.revoke_token(
                known["revocation_endpoint"], token=fresh["refresh_token"], token_type_hint="refresh_token"
            )
            assert ended.status_code == 200
            # At once, in the process that remembered it.
            header = {"Authorization": f"Bearer {fresh['access_token']}"}
            assert (await http.post("/graphql", json=question, headers=header)).status_code == 401
            with pytest.raises(OAuthError, match="invalid_grant"):
                await client.refresh_token(known["token_endpoint"], refresh_token=fresh["refresh_token"])


async def test_authlibs_client_by_every_proof(shop: Shop):
    for method in ("client_secret_basic", "client_secret_post"):
        client_id = await shop.client(dialect=Dialect.CLICKUP_BRAIN)
        secret = await shop.secret_of(client_id)
        async with AsyncOAuth2Client(client_id, secret, token_endpoint_auth_method=method) as client:
            token = await client.fetch_token(
                f"{shop.url}/clickup-brain/oauth/token", grant_type="client_credentials", scope="read"
            )
            assert set(token) == {"access_token", "token_type", "expires_in", "expires_at", "scope"}
    public = await shop.client(public=True)
    async with AsyncOAuth2Client(
        public, redirect_uri=CALLBACK, token_endpoint_auth_method="none", code_challenge_method="S256"
    ) as client:
        url, state = client.create_authorization_url(f"{shop.url}/oauth/authorize", code_verifier="w" * 43)
        token = await client.fetch_token(
            f"{shop.url}/oauth/token",
            authorization_response=await shop.allowed(url),
            state=state,
            code_verifier="w" * 43,
        )
        assert token["refresh_token"]


async def test_requests_oauthlib_as_crm_ultras_clients_use_it(shop: Shop, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")
    client_id = await shop.client(dialect=Dialect.CRM_ULTRA, legacy=True)
    secret = await shop.secret_of(client_id)
    base = f"{shop.url}/crm-ultra"
    with OAuth2Session(client_id, redirect_uri=CALLBACK, scope=["read", "write"]) as session:
        url, _ = session.authorization_url(f"{base}/oauth/authorize")
        back = await shop.allowed(url)

        def use() -> tuple[dict[str, str], requests.Response, dict[str, str]]:
            token = session.fetch_token(
                f"{base}/oauth/token", authorization_response=back, client_secret=secret, include_client_id=True
            )
            leads = session.get(f"{base}/v1/leads")
            again = session.refresh_token(f"{base}/oauth/token", client_id=client_id, client_secret=secret)
            return token, leads, again

        token, leads, again = await asyncio.to_thread(use)
        assert (token["expires_in"], leads.status_code) == (7200, 200)
        assert again["refresh_token"] == token["refresh_token"]
        assert again["access_token"] != token["access_token"]

        def replay() -> None:
            session.fetch_token(f"{base}/oauth/token", authorization_response=back, client_secret=secret)

        with pytest.raises(InvalidGrantError):
            await asyncio.to_thread(replay)
        gone = await asyncio.to_thread(session.get, f"{base}/v1/leads")
        assert gone.status_code == 401


async def test_requests_oauthlib_as_a_machine(shop: Shop, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")
    client_id = await shop.client(dialect=Dialect.COPYCAR, scopes=("ultimate:read", "ultimate:write"))
    secret = await shop.secret_of(client_id)

    def use() -> list[requests.Response]:
        answers = []
        for path in ("/copycar/oauth/token", "/v2/ultimate/auth/token"):
            with OAuth2Session(client=BackendApplicationClient(client_id)) as session:
                session.fetch_token(f"{shop.url}{path}", client_id=client_id, client_secret=secret)
                answers.append(session.get(f"{shop.url}/copycar/v2/ultimate/accounts"))
        return answers

    assert [answer.status_code for answer in await asyncio.to_thread(use)] == [200, 200]


async def test_a_body_that_never_ends_and_one_that_never_comes(shop: Shop):
    address = urlsplit(shop.url)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    writer.write(b"POST /oauth/token HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
    for _ in range(3):
        writer.write(b"2000\r\n" + b"x" * 0x2000 + b"\r\n")
    await writer.drain()
    assert (await reader.readline()).split()[1] == b"413"
    writer.close()

    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    writer.write(b"POST /oauth/token HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc")
    await writer.drain()
    writer.close()
    async with httpx.AsyncClient(base_url=shop.url) as http:
        assert error_of(await http.post("/oauth/token")) == (401, "invalid_client")
