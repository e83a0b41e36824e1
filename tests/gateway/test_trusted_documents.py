"""Trusted documents where all processes find them, on both databases, and how running processes hear of changes."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import suppress
from functools import partial

import pytest
from sqlalchemy import select

from domain.access import AccessChange
from domain.documents import CHANGED, sha256_of
from domain.errors import Code, DomainError
from gateway import documents
from gateway.access import AccessWatch
from gateway.database import Database
from gateway.documents import Offered
from gateway.graphql.errors import Refused
from gateway.graphql.limits import DocumentTerms
from gateway.graphql.persisted import Persisted
from gateway.graphql.request import GraphQLRequest, Naming
from tests.waiting import until


def offered(text: str | None = None, id: str | None = None, source: str = "a.graphql") -> Offered:
    """A document that no other test has: they are of the whole installation, and on a server tests share one."""
    text = text or f"query Q{secrets.token_hex(8)} {{ leads {{ totalCount }} }} # Zoë"
    return Offered(id or sha256_of(text), text, ("query Q { leads }",), source)


async def asked(persisted: Persisted, id: str) -> str | None:
    """What a running process answers with."""
    try:
        return (await persisted.resolved(GraphQLRequest("", named=Naming(id, automatic=False)))).query
    except Refused:
        return None


@pytest.fixture
async def running(database: Database) -> AsyncIterator[Persisted]:
    """What a running process remembers, which hears of changes from the log alone."""
    persisted, watch = Persisted(partial(documents.find, database), DocumentTerms()), AccessWatch(database, 0.02)
    watch.on_change(persisted.heard)
    await watch.look()
    watching = asyncio.create_task(watch.run())
    yield persisted
    watching.cancel()
    with suppress(asyncio.CancelledError):
        await watching


async def test_a_document_is_found_by_its_id_and_by_its_hash(database: Database) -> None:
    by_hash, named = offered(), offered(id=f"own-{secrets.token_hex(4)}")
    assert await documents.register(database, [by_hash, named]) == 2
    assert await documents.find(database, by_hash.id) == by_hash.text
    assert await documents.find(database, named.id) == named.text
    assert await documents.find(database, sha256_of(named.text)) == named.text
    assert await documents.find(database, sha256_of("{ nothing }")) is None
    (row,) = [each for each in await documents.listed(database) if each.id == named.id]
    assert (row.sha256, row.operations, row.source) == (sha256_of(named.text), ["query Q { leads }"], "a.graphql")
    assert row.created_at == database.clock.now()


async def test_registering_again_changes_and_tells_nothing(database: Database) -> None:
    async def told() -> int:
        return len(await database.rows(select(AccessChange.id).where(AccessChange.subject_id == CHANGED)))

    before, several = await told(), [offered() for _ in range(1_200)]
    assert await documents.register(database, several) == 1_200
    assert await documents.register(database, several) == 0
    assert await documents.register(database, [*several, offered()]) == 1
    assert await told() - before == 2


async def test_an_id_stands_for_one_text_until_it_is_dropped(database: Database) -> None:
    name = f"own-{secrets.token_hex(4)}"
    first, second, beside = offered(id=name), offered(id=name, source="b.json: Q"), offered()
    await documents.register(database, [first])
    with pytest.raises(DomainError, match=r"b\.json: Q.*drop it first") as refused:
        await documents.register(database, [beside, second])
    assert refused.value.code is Code.CONFLICT
    # All or none.
    assert await documents.find(database, beside.id) is None
    assert await documents.find(database, name) == first.text
    await documents.drop(database, [name])
    assert await documents.register(database, [beside, second]) == 2
    assert await documents.find(database, name) == second.text


async def test_the_same_documents_may_be_registered_at_once(database: Database) -> None:
    several = [offered() for _ in range(5)]
    new = await asyncio.gather(*(documents.register(database, several) for _ in range(4)))
    assert sorted(new) == [0, 0, 0, 5]


async def test_a_document_is_dropped_under_all_its_names_or_not_at_all(database: Database) -> None:
    one, other = offered(), offered()
    alias = offered(one.text, id=f"own-{secrets.token_hex(4)}")
    await documents.register(database, [one, alias, other])
    with pytest.raises(DomainError) as refused:
        await documents.drop(database, [one.id, "nothing"])
    assert refused.value.code is Code.NOT_FOUND
    assert await documents.find(database, one.id) == one.text
    await documents.drop(database, [one.id])
    assert await documents.find(database, alias.id) is None
    assert await documents.find(database, other.id) == other.text


async def test_a_running_process_knows_new_documents_and_forgets_dropped_ones(
    database: Database, running: Persisted
) -> None:
    document = offered(id=f"own-{secrets.token_hex(4)}")
    assert await asked(running, document.id) is None
    await documents.register(database, [document])
    assert await asked(running, document.id) == document.text
    await until(lambda: running.known(document.id) is None, pause=0.01)
    # The news of its coming has been heard; what is asked for now stays until it is dropped.
    assert await asked(running, document.id) == document.text
    await asyncio.sleep(0.1)
    assert running.known(document.id) == document.text
    await documents.drop(database, [document.id])
    await until(lambda: running.known(document.id) is None, pause=0.01)
    assert await asked(running, document.id) is None
