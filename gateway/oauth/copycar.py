"""CopyCar's own token endpoint: client credentials, with errors in its envelope (CC-02, X-08)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from authlib.oauth2.rfc6749 import (  # type: ignore[import-untyped]
    InvalidScopeError,
    OAuth2Error,
    UnauthorizedClientError,
    UnsupportedGrantTypeError,
)
from starlette.requests import Request
from starlette.responses import Response

from domain.audit import Door
from domain.credentials import CredentialKind
from domain.errors import Code, Kind
from domain.ports import Clock
from domain.viewer import Dialect
from gateway import json
from gateway.calls import current_call
from gateway.credential_rows import CredentialRows
from gateway.oauth.clients import Client
from gateway.oauth.endpoints import address_of, asked, written
from gateway.oauth.errors import (
    AddressRefused,
    BodyRefused,
    ClientRefused,
    ParameterInvalid,
    ParameterMissing,
    ParameterRepeated,
    ServerFailed,
    TooManyAttempts,
    Unavailable,
)
from gateway.oauth.places import Place
from gateway.oauth.protocol import Asked, Protocol
from gateway.oauth.requests import basic_header
from rest_compat.copycar import tokens
from rest_compat.copycar.dialect import BASE
from rest_compat.copycar.errors import ERRORS
from rest_compat.engine.bodies import ClientGone
from rest_compat.engine.faults import Fault, Refusal
from rest_compat.engine.responses import JSON, standing_headers
from rest_compat.engine.services import DoorSettings, RateState

PATH = f"{BASE}{tokens.PATH}"
_LONGEST_KEY = 512
_ALLOW = "OPTIONS, POST"


class CopyCarTokens:
    """Answers `POST /v2/ultimate/auth/token`."""

    def __init__(
        self, protocol: Protocol, rows: CredentialRows, clock: Clock, settings: DoorSettings, site: str
    ) -> None:
        """`site` is where the product's pages about errors are."""
        self._protocol = protocol
        self._rows = rows
        self._clock = clock
        self._settings = settings
        self._site = site

    async def __call__(self, request: Request) -> Response:
        """Answer one request."""
        if request.method == "OPTIONS":
            return Response(status_code=204, headers={"Allow": _ALLOW})
        call = current_call()
        if call:
            call.enter(Door.COPYCAR, f"{request.method} {PATH}")
        if request.method != "POST":
            return self._refused(request, Fault(Refusal.METHOD, headers=(("Allow", _ALLOW),)))
        ask, proven = partial(self._asked, request), partial(self._proven, request)
        try:
            answer = await self._protocol.answer("token", ask, address_of(request), proven)
        except ClientGone:
            return Response(status_code=400)
        if answer.error:
            return self._refused(request, fault_of(answer.error, self._clock))
        return self._standing(written(answer))

    async def _asked(self, request: Request) -> Asked:
        found = await asked(request, self._settings)
        _check_fields(found)
        # This path is CopyCar's on every host; its sandbox there is none.
        return Asked(found.parameters, found.authorizations, Place(Dialect.COPYCAR), found.address)

    async def _proven(self, request: Request, client: Client) -> None:
        """Refuse a key or secret in the headers that is not the client's: neither is needed, both have to be right
        (CC-01, CC-02).
        """
        for header, kind in (("x-api-key", CredentialKind.KEY), ("x-api-secret", CredentialKind.SECRET)):
            for value in request.headers.getlist(header):
                if not await self._own(client, value.strip()[:_LONGEST_KEY], kind):
                    raise ClientRefused()

    async def _own(self, client: Client, value: str, kind: CredentialKind) -> bool:
        found = (await self._rows.by_values([value])).get(value)
        mine = found is not None and found.kind is kind and found.client_id == client.id
        return mine and found is not None and found.works(self._clock.now())

    def _refused(self, request: Request, fault: Fault) -> Response:
        call = current_call()
        refused = ERRORS.tell(fault, request.scope["state"]["request_id"], self._clock.now(), self._site)
        if call:
            call.code = refused.code
        headers = dict(refused.headers) | {"Content-Type": JSON, "Cache-Control": "no-store"}
        return self._standing(Response(json.dumps(refused.body), refused.status, headers))

    def _standing(self, response: Response) -> Response:
        response.headers.update(dict(standing_headers(self._settings)))
        return response


def fault_of(error: OAuth2Error, clock: Clock) -> Fault:
    """What CopyCar calls an error of the protocol."""
    text = error.get_error_description()
    match error:
        case ParameterMissing():
            return Fault(Kind.INVALID, code=Code.REQUIRED, fields=dict.fromkeys(error.parameters, "is required"))
        case ParameterInvalid():
            return Fault(Kind.INVALID, fields={error.parameter: error.wrong})
        case ParameterRepeated():
            return Fault(Kind.INVALID, fields={error.parameter: "is there more than once"})
        case UnsupportedGrantTypeError() | UnauthorizedClientError():
            return Fault(Kind.INVALID, fields={"grant_type": "must be client_credentials"})
        case InvalidScopeError():
            return Fault(Kind.INVALID, fields={"scope": "must be scopes that this client holds"})
        case AddressRefused():
            return Fault(Kind.FORBIDDEN, text)
        case ClientRefused():
            return Fault(Kind.UNAUTHENTICATED)
        case BodyRefused():
            return Fault(error.reason, text)
        case TooManyAttempts():
            limit = error.standing
            rate = RateState(limit.allowance.limit, limit.remaining, limit.resets_at, window=limit.allowance.window)
            return Fault(Kind.RATE_LIMITED, retry_after=error.retry_after, data=rate.facts)
        case Unavailable():
            return Fault(Kind.UNAVAILABLE, retry_after=1)
        case ServerFailed():
            return Fault(Refusal.INTERNAL)
    return Fault(Refusal.UNREADABLE, text)


def _check_fields(found: Asked) -> None:
    """Name every field that is missing (documentation, MISSING_REQUIRED_FIELD).

    Raises:
        ParameterMissing: without a Basic header, the client's name and secret have to be fields.
    """
    named: Sequence[str] = () if basic_header(found.authorizations) else ("client_id", "client_secret")
    missing = [name for name in ("grant_type", *named) if name not in found.parameters]
    if missing:
        raise ParameterMissing(*missing)
