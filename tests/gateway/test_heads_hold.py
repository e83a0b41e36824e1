"""What a known head leads to still holds, or is not used: credentials, limits, documents, addresses and settings."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from domain.access import AccessChange
from domain.clients import ApiClient
from domain.credentials import Credential
from domain.documents import sha256_of
from gateway import documents
from tests.clocks import PRINTED, SetClock
from tests.conftest import opened
from tests.gateway.conftest import Listen
from tests.gateway.straights import LEAD, TYPENAME, Both, Side, Told, World, both, place, serving
from tests.waiting import until

__all__ = ["place"]

_CREATE = 'mutation { createLead(input: {email: "a@b.example", source: "website"}) { lead { email } } }'
_NEWER = "Accept: application/graphql-response+json"


def _statuses(told: Told | bytes) -> list[int]:
    """The statuses of some answers."""
    answers = told if isinstance(told, bytes) else told.answers
    return [int(part[:3]) for part in answers.split(b"HTTP/1.1 ")[1:]]


@pytest.fixture
def lead(place: World) -> bytes:
    """A request that is known once it was asked twice."""
    return place.post({"query": LEAD, "variables": {"id": place.lead}}, _NEWER)


@pytest.fixture
async def pair(place: World, tmp_path: Path) -> AsyncIterator[Both]:
    """Both servers; what they have counted and noted in the end is the same."""
    async with both(place, tmp_path) as pair:
        yield pair


Change = Callable[[Side, World], Awaitable[None]]


def _of_client(**values: Any) -> Change:
    """Changes its client, and tells this process."""

    async def change(side: Side, place: World) -> None:
        async def work(session: Any) -> None:
            await session.execute(update(ApiClient).where(ApiClient.id == place.client).values(**values))

        await side.parts.database.store(work)
        side.parts.watch.tell([place.client])

    return change


def _of_credential(**values: Any) -> Change:
    """Changes its credentials, and tells this process."""

    async def change(side: Side, place: World) -> None:
        async def work(session: Any) -> None:
            await session.execute(update(Credential).where(Credential.client_id == place.client).values(**values))

        await side.parts.database.store(work)
        side.parts.watch.tell([place.client])

    return change


async def _expires(side: Side, place: World) -> None:
    await _of_credential(expires_at=PRINTED + timedelta(seconds=30))(side, place)
    talk = await side.call()
    lead = place.post({"query": LEAD, "variables": {"id": place.lead}}, _NEWER)
    # Until then it is known.
    assert _statuses(b"".join([await talk.ask(lead) for _ in range(3)])) == [200, 200, 200]
    await talk.end()
    side.parts.database.clock.advance(seconds=31)  # type: ignore[attr-defined]


CHANGES: dict[str, tuple[Change, int, bytes]] = {
    "its credential is revoked": (_of_credential(revoked_at=PRINTED), 401, b"UNAUTHENTICATED"),
    "its credential expires": (_expires, 401, b"UNAUTHENTICATED"),
    "its client is revoked": (_of_client(revoked_at=PRINTED), 401, b"UNAUTHENTICATED"),
    "it may come from elsewhere alone": (_of_client(allowed_ips=["198.51.100.0/24"]), 403, b"ADDRESS_NOT_ALLOWED"),
    "it may do less": (_of_client(scopes=["accounts:read"]), 200, b"FORBIDDEN"),
    "it has another tier": (_of_client(tier="Enterprise"), 200, b'"limit":5000000,'),
}


@pytest.mark.parametrize("what", CHANGES)
async def test_access_that_has_changed_is_heard_of_at_once(pair: Both, place: World, lead: bytes, what: str) -> None:
    change, status, word = CHANGES[what]
    before = await pair.told(*[lead] * 4)
    assert before.straight >= 2
    for side in (pair.known, pair.plain):
        await change(side, place)
    after = await pair.told(*[lead] * 4)
    assert _statuses(after) == [status] * 4
    assert after.answers.count(word) == 4
    assert after.straight == (3 if status == 200 else 0)


async def test_what_was_forbidden_is_allowed_once_it_is(pair: Both, place: World) -> None:
    asked = place.post({"query": LEAD, "variables": {"id": place.lead}}, _NEWER, key="elsewhere")
    assert _statuses(await pair.told(*[asked] * 3)) == [403] * 3
    for side in (pair.known, pair.plain):

        async def work(session: Any) -> None:
            await session.execute(update(ApiClient).where(ApiClient.allowed_ips != []).values(allowed_ips=[]))

        await side.parts.database.store(work)
        side.parts.watch.tell([place.organization])
    told = await pair.told(*[asked] * 4)
    assert _statuses(told) == [200] * 4
    assert told.straight >= 2


async def test_a_credential_that_another_process_has_revoked_is_refused_within_a_second(
    place: World, tmp_path: Path, lead: bytes
) -> None:
    async with serving(place, tmp_path) as side, opened(side.parts.settings.database_url, SetClock(PRINTED)) as other:
        talk = await side.call()
        for _ in range(4):
            assert _statuses(await talk.ask(lead)) == [200]
        known = talk.line.straight
        assert known >= 2

        async def work(session: Any) -> None:
            await session.execute(update(Credential).values(revoked_at=PRINTED))
            session.add(AccessChange(id=AccessChange.new_id(), subject_id=place.client, changed_at=PRINTED))

        await other.store(work)
        done = time.monotonic()
        while _statuses(await talk.ask(lead)) == [200]:
            assert time.monotonic() - done < 1
            await asyncio.sleep(0.01)
        assert talk.line.straight > known
        known = talk.line.straight
        assert _statuses(await talk.ask(lead)) == [401]
        assert talk.line.straight == known
        await talk.end()


async def test_nothing_is_known_while_changes_of_access_cannot_be_heard_of(
    pair: Both, lead: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    talk = await pair.known.call()
    for _ in range(3):
        await talk.ask(lead)
    known = talk.line.straight
    monkeypatch.setattr(pair.known.parts.watch, "_looked", time.monotonic() - 10)
    assert _statuses(await talk.ask(lead)) == [200]
    assert (known, talk.line.straight) == (1, 1)
    await talk.end()
    await pair.plain.parts.watch.look()
    for _ in range(4):
        talk = await pair.plain.call()
        await talk.ask(lead)
        await talk.end()


async def test_who_has_spent_everything_is_refused_and_charged_alike(place: World, tmp_path: Path) -> None:
    asked = place.post({"query": TYPENAME}, _NEWER, key="poor")
    async with both(place, tmp_path, limits={"points_basic": 5}) as pair:
        for _ in range(2):
            told = await pair.told(*[asked] * 4)
        assert _statuses(told) == [200, 429, 429, 429]
        assert told.straight == 4
        for side in (pair.known, pair.plain):
            side.parts.database.clock.advance(minutes=1)  # type: ignore[attr-defined]
        again = await pair.told(*[asked] * 6)
        assert _statuses(again) == [200] * 5 + [429]


async def test_documents_are_named_alike(pair: Both, place: World) -> None:
    named = {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": sha256_of(TYPENAME)}}}
    unknown = {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": sha256_of("another")}}}
    by_name, registered = place.post(named), place.post({"query": TYPENAME} | named)
    told = await pair.told(by_name, by_name, by_name, registered, registered, by_name, by_name, place.post(unknown))
    assert told.straight == 2
    assert told.answers.count(b"PersistedQueryNotFound") == 4


async def _push(side: Side, *offered: tuple[str, str]) -> None:
    await documents.register(side.parts.database, [documents.Offered(*each, (), "test") for each in offered])
    await side.parts.watch.look()


async def test_only_trusted_documents_are_run_where_that_is_set(place: World, tmp_path: Path) -> None:
    async with both(place, tmp_path, documents={"trusted_only": True}) as pair:
        for side in (pair.known, pair.plain):
            await _push(side, ("typename", TYPENAME), ("create", _CREATE))
        for asked, known in (
            ({"documentId": "typename"}, True),
            ({"documentId": "create"}, True),
            ({"query": LEAD}, False),
        ):
            told = await pair.told(*[place.post(asked, _NEWER)] * 4)
            assert (told.straight >= 2) is known
            assert set(_statuses(told)) == {200 if known else 403}
        for side in (pair.known, pair.plain):
            await documents.drop(side.parts.database, ["typename", "create"])
            await side.parts.watch.look()
        for name in ("typename", "create"):
            told = await pair.told(*[place.post({"documentId": name}, _NEWER)] * 2)
            assert (set(_statuses(told)), told.straight) == ({403}, 0)


async def test_known_answers_are_looked_at_again_as_others_are(place: World, tmp_path: Path, lead: bytes) -> None:
    async with both(place, tmp_path, compiled={"shadow_share": 1}) as pair:
        for number in range(1, 5):
            await pair.told(lead)
            for side in (pair.known, pair.plain):
                await until(lambda side=side, number=number: side.figures()["shadows"] == {"same": number})  # type: ignore[misc]


async def test_calls_are_logged_alike(place: World, tmp_path: Path, lead: bytes, listen: Listen) -> None:
    async with both(place, tmp_path, log_calls=True) as pair:
        said = listen()
        assert (await pair.told(*[lead] * 4)).straight == 2
    lines = [line for line in said() if "door" in line]
    own = ("duration_ms", "request_id", "timestamp")
    known, plain = ([{**line, **dict.fromkeys(own)} for line in some] for some in (lines[:4], lines[4:]))
    assert known == plain
    assert len({line["request_id"] for line in lines}) == 8


async def _from(side: Side, source: str, *requests: bytes) -> bytes:
    talk = await side.call(source)
    for request in requests:
        await talk.ask(request)
    return (await talk.end()).answers


async def test_a_head_means_what_it_means_from_where_it_comes(place: World, tmp_path: Path) -> None:
    body = {"query": LEAD, "variables": {"id": place.lead}}
    inside, outside = "X-Forwarded-For: 198.51.100.7", "X-Forwarded-For: 192.0.2.1"
    allowed, foreign = (place.post(body, _NEWER, each, key="elsewhere") for each in (inside, outside))
    async with both(place, tmp_path, trusted_proxies="127.0.0.1") as pair:
        for source, asked, status in (
            ("127.0.0.1", allowed, 200),
            ("127.0.0.1", foreign, 403),
            # Who is no proxy may say what it likes.
            ("127.0.0.2", allowed, 403),
            ("127.0.0.1", allowed, 200),
        ):
            known, plain = [await _from(side, source, *[asked] * 3) for side in (pair.known, pair.plain)]
            assert known == plain
            assert _statuses(known) == [status] * 3
        addresses = {entry["address"] for entry in await pair.known.entries()}
        assert addresses == {"198.51.100.7", "192.0.2.1", "127.0.0.2"}


async def test_https_is_required_of_known_requests_too(place: World, tmp_path: Path) -> None:
    settings: dict[str, Any] = {"trusted_proxies": "127.0.0.1", "https_required": True, "hsts_seconds": 600}
    secure, plain = (place.post({"query": TYPENAME}, f"X-Forwarded-Proto: {each}") for each in ("https", "http"))
    async with both(place, tmp_path, **settings) as pair:
        told = await pair.told(secure, secure, secure, plain, secure, plain)
    assert _statuses(told) == [200, 200, 200, 403, 200, 403]
    assert told.straight == 2
    assert told.answers.count(b"strict-transport-security: max-age=600\r\n") >= 4


async def test_where_origins_are_let_in_those_that_tell_theirs_are_never_known(place: World, tmp_path: Path) -> None:
    other = place.post({"query": TYPENAME}, "Origin: https://a.example")
    nobody = place.post({"query": TYPENAME})
    async with both(place, tmp_path, cors_origins="https://a.example") as pair:
        told = await pair.told(nobody, nobody, nobody, other, nobody, other, other)
    assert told.straight == 2
    assert told.answers.count(b"vary: Accept, Origin\r\n") >= 4
    assert told.answers.count(b"access-control-allow-origin: https://a.example\r\n") == 3


async def test_fallbacks_are_counted_and_charged_once(pair: Both, place: World) -> None:
    asked = place.post({"query": LEAD, "variables": {"id": place.lead}}, key="narrow")
    told = await pair.told(*[asked] * 5)
    assert told.straight == 3
    figures = pair.known.figures()
    assert figures["compiled"] == {"permission": 5}
    assert figures["points"] == {"query": 5}


async def test_who_reads_what_was_just_written_sees_it(pair: Both, place: World) -> None:
    leads = place.post({"query": "{ leads(first: 10) { nodes { email } } }"})
    create = place.post({"query": _CREATE})
    told = await pair.told(leads, leads, leads, create, leads, create, leads)
    counts = [part.count(b'"email":"a@b.example"') for part in told.answers.split(b"HTTP/1.1 ")[1:]]
    assert counts == [0, 0, 0, 1, 1, 1, 2]
    assert told.straight >= 3
