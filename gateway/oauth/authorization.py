"""The authorization endpoint without its pages: what is asked for, and what becomes of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlencode, urlsplit

from authlib.oauth2.rfc6749 import (  # type: ignore[import-untyped]
    InvalidClientError,
    InvalidRequestError,
    OAuth2Error,
    UnsupportedResponseTypeError,
)
from sqlalchemy.orm import Session

from domain.texts import storable
from domain.users import User
from domain.viewer import Dialect, Viewer
from gateway.database import Database
from gateway.oauth.clients import Client, Clients
from gateway.oauth.errors import ParameterMissing, ParameterRepeated
from gateway.oauth.grants import CodeGrant
from gateway.oauth.places import Place
from gateway.oauth.requests import ProtocolRequest, once
from gateway.oauth.rules import OAuthRules
from gateway.oauth.server import Server
from gateway.oauth.storage import Storage
from resolvers.unit import Keys, Unit

Parameters = Sequence[tuple[str, str]]


class CannotRedirect(Exception):
    """A request that must not be answered at its redirect URI, because that or the client is not to be trusted.

    `error` is RFC 6749's code, `description` a sentence for the person in front of the page.
    """

    def __init__(self, error: str, description: str) -> None:
        super().__init__(f"{error}: {description}")
        self.error = error
        self.description = description


class RedirectError(Exception):
    """A request that is refused by sending the browser to `url`, which tells the client why; `error` is the code."""

    def __init__(self, url: str, error: str) -> None:
        super().__init__(error)
        self.url = url
        self.error = error


@dataclass(frozen=True, slots=True)
class AuthorizationRequest:
    """What a client asks a user for, checked. The same `parameters` give the same request again.

    `redirect_uri` is where the answer goes, whether or not the request named it.
    """

    client_id: str
    client_name: str
    organization_id: str
    redirect_uri: str
    scopes: tuple[str, ...]
    state: str | None
    code_challenge: str | None
    dialect: Dialect | None
    parameters: tuple[tuple[str, str], ...]
    client: Client = field(repr=False)


class Authorizations:
    """Checks authorization requests, and answers them as the user decides."""

    def __init__(self, database: Database, clients: Clients, rules: OAuthRules) -> None:
        self._database = database
        self._clients = clients
        self._rules = rules

    async def check(self, parameters: Parameters, dialect: Dialect | None) -> AuthorizationRequest:
        """The request that these parameters make at a product's door, or at a neutral one.

        Raises:
            CannotRedirect: the client or the redirect URI is not to be trusted.
            RedirectError: anything else that is wrong with it.
        """
        pairs = tuple(parameters)
        try:
            client = await self._client(pairs, dialect)
            redirect_uri = CodeGrant.validate_authorization_redirect_uri(_request(_trusted(pairs)), client)
        except OAuth2Error as error:
            raise CannotRedirect(error.error, error.get_error_description()) from None
        try:
            return self._checked(client, pairs, redirect_uri)
        except OAuth2Error as error:
            error.redirect_uri = redirect_uri
            error.state = _state(pairs)
            raise RedirectError(self._refused(client, error), error.error) from None

    async def approve(self, request: AuthorizationRequest, user_id: str) -> str:
        """Grant what is asked for in the name of a user; where to send the browser, with a fresh code.

        Raises:
            RedirectError: the user is disabled, or is not of the client's organization.
            DomainError: UNAVAILABLE when nothing could be stored.
        """

        def answer(unit: Unit, session: Session) -> str | None:
            user = session.get(User, user_id)
            if user is None or user.disabled_at or user.organization_id != request.organization_id:
                return None
            return self._answered(request, Storage(unit, request.client, self._rules), user)

        async def work(unit: Unit) -> Keys:
            return {"url": await unit.session.run_sync(lambda session: answer(unit, session))}

        url = (await self._database.transact(_viewer(request, user_id), work))["url"]
        if url is None:
            raise RedirectError(self.deny(request), "access_denied")
        return str(url)

    def deny(self, request: AuthorizationRequest) -> str:
        """Where to send the browser of a user who said no."""
        return self._answered(request, None, None)

    async def _client(self, pairs: Parameters, dialect: Dialect | None) -> Client:
        client_id = _trusted(pairs).get("client_id")
        if client_id is None:
            raise ParameterMissing("client_id")
        client = await self._clients.find(client_id, Place(dialect))
        if client is None:
            raise InvalidClientError("This application is not known here.")
        return client

    def _checked(self, client: Client, pairs: tuple[tuple[str, str], ...], redirect_uri: str) -> AuthorizationRequest:
        parameters = once(pairs)
        wanted = parameters.get("response_type")
        if wanted is None:
            raise ParameterMissing("response_type")
        if wanted != "code":
            raise UnsupportedResponseTypeError(None, "Only 'code' is supported.")
        if not all(storable(value) for value in parameters.values()):
            raise InvalidRequestError("A parameter contains characters that cannot be part of it.")
        request = _request(parameters)
        Server(client, self._rules).get_consent_grant(request)
        return AuthorizationRequest(
            client_id=client.id,
            client_name=client.name,
            organization_id=client.organization_id,
            redirect_uri=redirect_uri,
            scopes=tuple(request.scope.split()),
            state=parameters.get("state"),
            code_challenge=parameters.get("code_challenge"),
            dialect=client.dialect,
            parameters=pairs,
            client=client,
        )

    def _answered(self, checked: AuthorizationRequest, storage: Storage | None, user: User | None) -> str:
        server = Server(checked.client, self._rules, storage)
        request = _request(once(checked.parameters))
        grant = server.get_consent_grant(request, user)
        answer = server.create_authorization_response(request, grant_user=user, grant=grant)
        return _at(checked.redirect_uri, str(answer.location))

    def _refused(self, client: Client, error: OAuth2Error) -> str:
        server = Server(client, self._rules)
        answer = server.handle_response(*error())
        server.issuer.add_issuer_parameter(server, answer)
        return _at(str(error.redirect_uri), str(answer.location))


def _at(redirect_uri: str, answer: str) -> str:
    """An answer at the very address that was registered (RFC 6749, section 3.1.2): Authlib writes an address anew, and
    what it does not know of addresses is lost.
    """
    own = parse_qsl(urlsplit(redirect_uri).query, keep_blank_values=True)
    told = parse_qsl(urlsplit(answer).query, keep_blank_values=True)[len(own) :]
    joint = "" if redirect_uri.endswith(("?", "&")) else "&" if "?" in redirect_uri else "?"
    return f"{redirect_uri}{joint}{urlencode(told)}"


def _request(parameters: Mapping[str, str]) -> ProtocolRequest:
    return ProtocolRequest("GET", parameters)


def _trusted(pairs: Parameters) -> dict[str, str]:
    """The two parameters that decide whether the answer may go to the client at all."""
    decisive = [(name, value) for name, value in pairs if name in ("client_id", "redirect_uri")]
    return once(decisive)


def _state(pairs: Parameters) -> str | None:
    """The state to give back; of several, none is the one that was meant."""
    try:
        return once((name, value) for name, value in pairs if name == "state").get("state")
    except ParameterRepeated:
        return None


def _viewer(request: AuthorizationRequest, user_id: str) -> Viewer:
    """The user, at this client's request."""
    return Viewer(
        organization_id=request.organization_id,
        client_id=request.client_id,
        user_id=user_id,
        team_id=None,
        permissions=frozenset(),
        scopes=request.scopes,
        dialect=request.dialect,
        tier=request.client.tier,
        name=request.client_name,
    )
