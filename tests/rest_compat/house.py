"""The whole process with all its doors, and clients that knock at them with credentials in every state."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from typing import Any

from domain.credentials import CredentialKind, new_key, new_value
from domain.organizations import Organization
from domain.permissions import Role
from domain.users import User
from domain.viewer import Dialect
from gateway.database import Database
from tests.factories.credentials import make_client, make_credential
from tests.factories.jwts import signed
from tests.factories.organizations import make_organization, make_user, store
from tests.rest_compat.asgi import Answer, Headers, call

OUTSIDE = "198.51.100.7"
NEUTRAL = "graph.example"
INSIDE = "203.0.113.5"


class Style(StrEnum):
    """How credentials are sent."""

    KEY = "X-API-Key"
    BEARER_KEY = "a key as bearer"
    KEY_AND_SECRET = "X-API-Key and X-API-Secret"
    TOKEN = "an access token"
    TOKEN_AND_KEY = "an access token and X-API-Key"
    JWT = "a JWT"

    @property
    def is_bearer(self) -> bool:
        return self not in (Style.KEY, Style.KEY_AND_SECRET)


@dataclass(frozen=True)
class Where:
    """One door, asked the cheapest thing it answers, and what it takes and says."""

    name: str
    dialect: Dialect | None
    path: str
    takes: frozenset[Style]
    refusal: Callable[[bool], str]
    forbidden: str
    challenge: str

    def at(self, path: str) -> Where:
        """The same door by another path."""
        return replace(self, path=path)

    def code(self, answer: Answer) -> str:
        told = json.loads(answer.body)
        error = told["errors"][0]["extensions"] if "errors" in told else told["error"]
        return str(error["code"])


WHERES = (
    Where(
        "copycar",
        Dialect.COPYCAR,
        "/copycar/v2/ultimate/accounts",
        frozenset({Style.KEY, Style.KEY_AND_SECRET, Style.TOKEN, Style.TOKEN_AND_KEY}),
        lambda bearer: "INVALID_TOKEN" if bearer else "INVALID_API_KEY",
        "INSUFFICIENT_PERMISSIONS",
        'Bearer realm="copycar"{error}',
    ),
    Where(
        "clickup_brain",
        Dialect.CLICKUP_BRAIN,
        "/clickup-brain/api/v1/quotas",
        # A key beside the token is one more proof of the same client, not a style of its own.
        frozenset({Style.BEARER_KEY, Style.TOKEN, Style.TOKEN_AND_KEY, Style.JWT}),
        lambda bearer: "UNAUTHORIZED",
        "FORBIDDEN",
        'Bearer realm="clickup-brain"{error}',
    ),
    Where(
        "crm_ultra",
        Dialect.CRM_ULTRA,
        "/crm-ultra/v1/leads",
        frozenset({Style.KEY, Style.BEARER_KEY, Style.KEY_AND_SECRET, Style.TOKEN, Style.TOKEN_AND_KEY}),
        lambda bearer: "invalid_api_key",
        "insufficient_permissions",
        'Bearer realm="crm-ultra"{error}',
    ),
    Where(
        "graphql",
        None,
        "/graphql",
        frozenset(Style),
        lambda bearer: "INVALID_TOKEN" if bearer else "UNAUTHENTICATED",
        "ADDRESS_NOT_ALLOWED",
        'Bearer realm="trigraph"{error}, ApiKey realm="trigraph"',
    ),
)


class State(StrEnum):
    """In what state a credential is; of all but the first nothing may be told."""

    VALID = "valid"
    UNKNOWN = "unknown"
    REVOKED = "revoked"
    EXPIRED = "expired"
    CLIENT_REVOKED = "of a revoked client"
    CLIENT_EXPIRED = "of a client whose time is over"
    USER_DISABLED = "of a disabled user"
    FOREIGN = "made for another door"


WRONG = tuple(state for state in State if state is not State.VALID)
_OTHER = {
    Dialect.COPYCAR: Dialect.CRM_ULTRA,
    Dialect.CRM_ULTRA: Dialect.COPYCAR,
    Dialect.CLICKUP_BRAIN: Dialect.CRM_ULTRA,
}


@dataclass(frozen=True)
class House:
    """The process, one organization in it, and a clock that stands still."""

    app: Any
    database: Database
    organization: str

    async def knock(
        self, where: Where, headers: Headers, address: str = OUTSIDE, host: str = "graph.example"
    ) -> Answer:
        """Ask a door something."""
        pairs = list(headers.items() if isinstance(headers, Mapping) else headers)
        pairs.append(("Host", host))
        if where.dialect is not None:
            return await call(self.app, "GET", where.path, headers=pairs, address=address)
        pairs.append(("Content-Type", "application/json"))
        body = b'{"query": "{ viewer { name } }"}'
        return await call(self.app, "POST", where.path, body=body, headers=pairs, address=address)

    async def client(self, dialect: Dialect | None, state: State = State.VALID, **known: Any) -> str:
        """A client, as far as its state is the client's or its user's."""
        now = self.database.clock.now()
        user = await make_user(self.database, self.organization, role=Role.ADMIN)
        if state is State.USER_DISABLED:
            await _disable(self.database, user, now)
        if state is State.FOREIGN and dialect is not None:
            dialect = _OTHER[dialect]
        ends = {
            State.CLIENT_REVOKED: {"revoked_at": now},
            State.CLIENT_EXPIRED: {"expires_at": now},
        }.get(state, {})
        return await make_client(self.database, self.organization, user=user, dialect=dialect, **ends, **known)

    async def make_sandbox(self) -> None:
        """The organization's sandbox (CB-45)."""
        sandbox = Organization(
            id=Organization.new_id(),
            name="Sandbox",
            approved_lead_sources=[],
            event_sequence=0,
            sandbox_of_id=self.organization,
            created_at=self.database.clock.now(),
        )
        await store(self.database, sandbox)

    async def credential(
        self, client: str, kind: CredentialKind, dialect: Dialect | None, state: State = State.VALID
    ) -> str:
        """A credential of a client; an unknown one looks like one, and is nobody's."""
        now = self.database.clock.now()
        if state is State.UNKNOWN:
            return new_key(dialect) if kind is CredentialKind.KEY else new_value(kind)
        ends: dict[str, Any] = {State.REVOKED: {"revoked_at": now}, State.EXPIRED: {"expires_at": now}}.get(state, {})
        sealed = kind is CredentialKind.SECRET
        return await make_credential(
            self.database, self.organization, client, kind, dialect=dialect, sealed=sealed, **ends
        )

    async def headers(
        self, style: Style, dialect: Dialect | None, state: State = State.VALID, client: str | None = None
    ) -> dict[str, str]:
        """What a client sends in this style; everything it sends is in the same state."""
        client = client or await self.client(dialect, state)
        if style is Style.JWT:
            return {"Authorization": f"Bearer {await self._jwt(client, dialect, state)}"}
        sent: dict[str, str] = {}
        if style in (Style.TOKEN, Style.TOKEN_AND_KEY):
            token = await self.credential(client, CredentialKind.ACCESS_TOKEN, dialect, state)
            sent["Authorization"] = f"Bearer {token}"
        if style is not Style.TOKEN:
            key = await self.credential(client, CredentialKind.KEY, dialect, state)
            sent |= {"Authorization": f"Bearer {key}"} if style is Style.BEARER_KEY else {"X-API-Key": key}
        if style is Style.KEY_AND_SECRET:
            sent["X-API-Secret"] = await self.credential(client, CredentialKind.SECRET, dialect, state)
        return sent

    async def _jwt(self, client: str, dialect: Dialect | None, state: State) -> str:
        secret = await self.credential(client, CredentialKind.SECRET, dialect, state)
        ends = self.database.clock.now() + timedelta(minutes=-1 if state is State.EXPIRED else 10)
        return signed({"iss": client, "exp": int(ends.timestamp())}, secret)


async def house_of(app: Any) -> House:
    """A process with an organization in it."""
    database = app.state.parts.database
    return House(app, database, await make_organization(database))


def traceless(answer: Answer) -> tuple[int, bytes, dict[str, str]]:
    """An answer without what makes every one of its kind different."""
    body = re.sub(rb"req_\w+", b"req_", answer.body)
    headers = {name: value for name, value in answer.headers.items() if name != "x-request-id"}
    return answer.status, body, headers


async def _disable(database: Database, user: str, now: Any) -> None:
    async def work(session: Any) -> None:
        (await session.get_one(User, user)).disabled_at = now

    await database.store(work)
