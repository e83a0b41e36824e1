"""One request to the token, revocation or introspection endpoint: from its parameters to the protocol's answer."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol as Shape

from authlib.oauth2.rfc6749 import OAuth2Error  # type: ignore[import-untyped]

from domain.errors import DomainError
from gateway.calls import Holder, recognised
from gateway.credential_rules import inside
from gateway.database import Database
from gateway.oauth.attempts import Attempts
from gateway.oauth.clients import Client, Clients
from gateway.oauth.errors import AddressRefused, ClientRefused, ServerFailed, TooManyAttempts, Unavailable
from gateway.oauth.grants import METHODS
from gateway.oauth.introspection import Inspections
from gateway.oauth.places import Place
from gateway.oauth.requests import Proof, ProtocolRequest, basic_header, proof_of
from gateway.oauth.rules import OAuthRules
from gateway.oauth.server import Answer, Server
from gateway.oauth.storage import Storage
from resolvers.unit import Keys, Unit
from rest_compat.engine.bodies import ClientGone

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Asked:
    """What was sent, before anything of it is believed."""

    parameters: Mapping[str, str]
    authorizations: Sequence[str]
    place: Place
    address: str | None


class Proven(Shape):
    """Looks at a client that has proved who it is, and may still refuse it by raising an `OAuth2Error`."""

    async def __call__(self, client: Client) -> None:
        """Look at it."""


Ask = Callable[[], Awaitable[Asked]]


class Protocol:
    """Answers requests by Authlib's server; each in one transaction, so that what is told is stored."""

    def __init__(self, database: Database, clients: Clients, attempts: Attempts, rules: OAuthRules) -> None:
        self._database = database
        self._clients = clients
        self._attempts = attempts
        self._inspections = Inspections(database, rules.issuer)
        self._rules = rules

    async def answer(self, endpoint: str, ask: Ask, address: str | None, also: Proven | None = None) -> Answer:
        """The answer to what `ask` reads, at the endpoint `token`, `revocation` or `introspection`; errors too.

        Raises:
            ClientGone: nobody waits for it.
        """
        known: list[Client] = []
        try:
            await self._attempts.admit(address)
            answer = await self._answer(endpoint, await ask(), known, also)
        except OAuth2Error as error:
            answer = Answer.refusing(error)
        except DomainError as error:
            log.warning("the authorization server cannot answer: %s", error.message)
            answer = Answer.refusing(Unavailable())
        except ClientGone:
            raise
        except Exception:
            log.exception("the authorization server failed")
            answer = Answer.refusing(ServerFailed())
        return await self._counted(answer, address, known[0].id if known else None)

    async def _answer(self, endpoint: str, asked: Asked, known: list[Client], also: Proven | None) -> Answer:
        proof = proof_of(asked.parameters, asked.authorizations)
        client = await self._clients.find(proof.client_id, asked.place)
        if client is None:
            raise ClientRefused()
        known.append(client)
        recognised(Holder(client.organization_id, client.id, None, client.user_id))
        request = _request(asked, proof)
        Server(client, self._rules).authenticate_client(request, METHODS, endpoint)
        if client.allowed_ips and not inside(asked.address, client.allowed_ips):
            raise AddressRefused()
        if also:
            await also(client)
        if endpoint == "introspection":
            return await self._inspect(client, request, asked.place)
        return await self._run(endpoint, client, asked, proof)

    async def _inspect(self, client: Client, request: ProtocolRequest, place: Place) -> Answer:
        token = request.form.get("token")
        inspected = await self._inspections.find(token, place) if token else None
        answer: Answer = Server(client, self._rules, inspected=inspected).create_endpoint_response(
            "introspection", request
        )
        return answer

    async def _run(self, endpoint: str, client: Client, asked: Asked, proof: Proof) -> Answer:
        async def work(unit: Unit) -> Keys:
            # A transaction that lost a race is run again, and Authlib writes into the request: each run has its own.
            request = _request(asked, proof)
            server = Server(client, self._rules, Storage(unit, client, self._rules))
            if endpoint == "token":
                answer = await unit.session.run_sync(lambda _: server.create_token_response(request))
            else:
                answer = await unit.session.run_sync(lambda _: server.create_endpoint_response(endpoint, request))
            return {"answer": answer, "user": request.user.id if request.user else client.user_id}

        kept = await self._database.transact(client.viewer, work)
        recognised(Holder(client.organization_id, client.id, None, kept["user"]))
        answer: Answer = kept["answer"]
        return answer

    async def _counted(self, answer: Answer, address: str | None, client_id: str | None) -> Answer:
        # What a client that proved itself gets wrong, such as refresh tokens that ran out overnight, is no guess.
        if not isinstance(answer.error, ClientRefused):
            return answer
        try:
            await self._attempts.failed(address, client_id)
        except TooManyAttempts as error:
            return Answer.refusing(error)
        return answer


def _request(asked: Asked, proof: Proof) -> ProtocolRequest:
    request = ProtocolRequest("POST", asked.parameters, basic_header(asked.authorizations))
    request.auth_method = proof.method
    return request
