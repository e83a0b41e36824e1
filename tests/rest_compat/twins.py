"""Two processes over one database: one takes the shortest ways to an answer, in the other graphql-core does it all."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from domain.credentials import CredentialKind
from domain.permissions import Role
from gateway.app import Application, create_app
from gateway.heads import LEARN, Known, Later
from gateway.seeds.printed import ORGANIZATION
from gateway.settings import load
from tests.clocks import SetClock
from tests.compiled.world import NOW, furnish
from tests.compiled.world import Known as Stored
from tests.factories.credentials import make_client, make_credential
from tests.factories.organizations import make_organization, make_user
from tests.rest_compat.asgi import Answer, call
from tests.rest_compat.drawing import Drawn
from tests.rest_compat.house import INSIDE, OUTSIDE, WHERES, House, State, Style, Where, traceless

_BEFORE = b"HTTP/1.1 200 OK\r\n"
Pairs = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Who:
    """Somebody who calls: a name for reports, what is sent, and from where."""

    name: str
    headers: Pairs
    address: str = OUTSIDE


@dataclass
class Process:
    """One process, and how often it answered in which way."""

    app: Application
    ways: Counter[str] = field(default_factory=Counter)

    async def ask(self, drawn: Drawn, who: Who) -> Answer:
        """The answer to a call, by the ordinary chain."""
        self.ways["chain"] += 1
        return await _made(self.app.ordinary, drawn, who)

    async def ask_twice(self, drawn: Drawn, who: Who) -> list[Answer]:
        """The answers to a call and to the same once more, in a straight line where its head was learned."""
        learned: list[Known] = []
        # What is remembered of credentials is believed only for a while.
        await self.app.state.parts.watch.look()
        first = await self._asked(drawn, who, {LEARN: learned.append})
        again = learned[0].answer(drawn.body, _BEFORE) if learned else None
        self.ways[type(again).__name__] += 1
        if isinstance(again, bytes):
            return [first, _parsed(again)]
        if isinstance(again, Later):
            told = await again.respond(asyncio.Event().wait)
            assert told is not None
            return [first, _parsed(b"HTTP/1.1 %d\r\n%b" % told)]
        return [first, await self._asked(drawn, who, {})]

    async def _asked(self, drawn: Drawn, who: Who, extensions: dict[str, Any]) -> Answer:
        async def app(scope: Any, receive: Any, send: Any) -> None:
            await self.app({**scope, "extensions": extensions}, receive, send)

        return await _made(app, drawn, who)

    async def close(self) -> None:
        """Close every connection."""
        await self.app.state.parts.database.engines.dispose()


@dataclass(frozen=True)
class Twins:
    """Both processes, what is stored, and by the product who calls it."""

    ordinary: Process
    compiled: Process
    stored: Stored
    callers: dict[str, Sequence[Who]]

    async def compare(self, drawn: Drawn, who: Who) -> None:
        """See that both say the same, the first time and the second."""
        expected = [await self.ordinary.ask(drawn, who) for _ in range(2)]
        answers = await self.compiled.ask_twice(drawn, who)
        assert list(map(traceless, answers)) == list(map(traceless, expected)), (drawn, who.name)

    async def close(self) -> None:
        """Close every connection."""
        await self.ordinary.close()
        await self.compiled.close()


async def twins_of(url: str, folder: Path) -> Twins:
    """Both over a migrated database, which is furnished first."""
    ordinary, compiled = (
        Process(
            create_app(
                load(
                    env_file=None,
                    database_url=url,
                    data_dir=folder,
                    compiled={"enabled": enabled},
                    # What is left is told, and nobody is turned away.
                    limits={"factor": 1_000_000},
                ),
                clock=SetClock(NOW),
            )
        )
        for enabled in (False, True)
    )
    stored = await furnish(ordinary.app.state.parts.database)
    callers = {where.name: await _callers(ordinary.app, where) for where in WHERES if where.dialect}
    return Twins(ordinary, compiled, stored, callers)


async def _callers(app: Application, where: Where) -> list[Who]:
    """Everybody who may call a product, and those who may not; the first may see most."""
    house, dialect = House(app, app.state.parts.database, ORGANIZATION), where.dialect
    admin = await house.client(dialect)
    found = [
        Who(f"{style.name} of an administrator", list((await house.headers(style, dialect, client=admin)).items()))
        for style in sorted(where.takes)
    ]
    style = Style.KEY if Style.KEY in where.takes else Style.BEARER_KEY

    async def add(
        name: str, state: State = State.VALID, at: House = house, address: str = OUTSIDE, **known: Any
    ) -> None:
        client = await at.client(dialect, state, **known)
        found.append(Who(name, list((await at.headers(style, dialect, state, client)).items()), address))

    for state in (State.UNKNOWN, State.REVOKED, State.EXPIRED, State.FOREIGN, State.USER_DISABLED):
        await add(state.value, state)
    await add("without a scope", scopes=())
    await add("within its addresses", address=INSIDE, allowed_ips=["203.0.113.0/24"])
    await add("outside of its addresses", allowed_ips=["203.0.113.0/24"])
    elsewhere = await make_organization(house.database, name="Further")
    await add("of an empty organization", at=House(app, house.database, elsewhere))
    for role in (Role.SALES_REP, Role.ANALYST):
        user = await make_user(house.database, ORGANIZATION, role=role)
        client = await make_client(house.database, ORGANIZATION, user=user, dialect=dialect)
        key = await make_credential(house.database, ORGANIZATION, client, CredentialKind.KEY, dialect=dialect)
        sent = ("Authorization", f"Bearer {key}") if style is Style.BEARER_KEY else ("X-API-Key", key)
        found.append(Who(role.value, [sent]))
    found.append(Who("nobody", []))
    found.append(Who("two at once", [*found[0].headers, *found[1].headers]))
    return found


async def _made(app: Any, drawn: Drawn, who: Who) -> Answer:
    headers = [("Host", "graph.example"), *who.headers, *drawn.headers]
    return await call(app, drawn.method, drawn.target, body=drawn.body, headers=headers, address=who.address)


def _parsed(raw: bytes) -> Answer:
    head, _, body = raw.partition(b"\r\n\r\n")
    status, *lines = head.decode("latin-1").split("\r\n")
    headers = dict(line.split(": ", 1) for line in lines)
    return Answer(int(status.split(" ")[1]), headers, body)
