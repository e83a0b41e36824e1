"""Batches of documents: each entry for itself and once, however often processes end, and the client is told."""

from __future__ import annotations

import asyncio
import hmac
import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import func, select, update

from domain.clients import ApiClient
from domain.compliance import ComplianceDocument
from domain.credentials import CredentialKind
from domain.errors import Code, invalid, unavailable
from domain.events import EventType
from domain.jobs import EntryStatus, Job, JobEntry, JobStatus
from domain.permissions import Permission
from domain.viewer import Dialect
from gateway.database import Database
from gateway.settings_work import EventSettings
from gateway.work.retention import Retention
from rest_compat.clickup_brain.dialect import CLICKUP_BRAIN
from tests.clocks import SetClock
from tests.factories.batches import LAW, Batches, batches_of
from tests.factories.credentials import make_client, make_credential
from tests.factories.limits import limits_of
from tests.factories.organizations import make_organization
from tests.factories.webhooks import Receiver, receiving
from tests.graphs import Graph
from tests.rest_compat.asgi import Answer, call
from tests.rest_compat.clickup_brain.printed import example, fits, refused
from tests.rest_compat.doors import served

PATH = "/api/v1/compliance/documents/batch"
BATCH = """
query ($id: ID!) { batch(id: $id) {
  kind status total done failed pending callbackUrl callback { attempts lastStatus failure deliveredAt }
  entries { totalCount nodes { position status url code field problem attempts document { id jurisdiction } } }
  failures: entries(status: FAILED) { totalCount }
} }
"""
RETRY = """
mutation ($input: RetryBatchEntriesInput!) { retryBatchEntries(input: $input) {
  batch { status pending } retried errors { code field message }
} }
"""


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as receiver:
        yield receiver


@pytest.fixture
async def batches(database: Database) -> AsyncIterator[Batches]:
    batches = batches_of(database)
    yield batches
    await batches.jobs.close()


class Client:
    """A client of the product, with a key and a secret that signs."""

    def __init__(self, app: Any, id: str, key: str, secret: str) -> None:
        self.app, self.id, self.key, self.secret = app, id, key, secret

    async def post(self, count: int | list[str], callback: str | None = None, path: str = PATH) -> Answer:
        urls = count if isinstance(count, list) else [f"https://example.com/{n}.txt" for n in range(count)]
        documents = [{"file_url": url, "jurisdiction": "US", "document_type": "regulation"} for url in urls]
        body = {"documents": documents} | ({"callback_url": callback} if callback else {})
        return await self.send(body, path)

    async def send(self, body: object, path: str = PATH, method: str = "POST") -> Answer:
        headers = {"authorization": f"Bearer {self.key}", "content-type": "application/json"}
        return await call(self.app, method, path, body=json.dumps(body).encode(), headers=headers)

    async def batch(self, count: int | list[str], callback: str | None = None) -> str:
        answer = await self.post(count, callback)
        assert answer.status == 202, answer.body
        fits("compliance_documents_batch", answer.json())
        return str(answer.json()["batch_id"])


@pytest.fixture
async def client(database: Database, organization: str, batches: Batches) -> Client:
    return await make(database, organization)


async def make(database: Database, organization: str, scopes: Sequence[str] | None = None) -> Client:
    dialect = Dialect.CLICKUP_BRAIN
    client_id = await make_client(database, organization, dialect=dialect, scopes=scopes)
    key = await make_credential(database, organization, client_id, dialect=dialect)
    secret = await make_credential(
        database, organization, client_id, CredentialKind.SECRET, dialect=dialect, sealed=True
    )
    return Client(served(CLICKUP_BRAIN, database, limits_of(database, factor=10)), client_id, key, secret)


async def documents(database: Database, organization: str) -> int:
    count = select(func.count()).where(ComplianceDocument.organization_id == organization)
    return int((await database.rows(count))[0][0])


async def test_one_bad_entry_fails_alone_and_the_client_is_told(
    client: Client, batches: Batches, receiver: Receiver, graph: Graph, organization: str, clock: SetClock
) -> None:
    async def fetch(url: str) -> bytes:
        if url.endswith("gone"):
            raise invalid("file_url", "The file at file_url is not there.")
        if url.endswith("later") and batches.shelf.fetched[url] < 3:
            raise unavailable("file_url could not be fetched.")
        if url.endswith("broken"):
            raise RuntimeError("secret")
        return LAW.encode()

    batches.shelf.fetch_ = fetch
    urls = [f"https://example.com/{name}" for name in ("well", "gone", "later", "broken")]
    batch = await client.batch(urls, receiver.url("/done"))
    assert await batches.told(batch) == [EventType.JOB_STARTED]

    assert await batches.work(organization) == 4
    known = (await graph.data(BATCH, id=batch))["batch"]
    assert (known["status"], known["done"], known["failed"], known["pending"]) == ("PROCESSING", 1, 1, 2)
    assert [each["status"] for each in known["entries"]["nodes"]] == ["DONE", "FAILED", "PENDING", "PENDING"]
    assert await batches.tell(organization) == 0
    for _ in range(2):
        clock.advance(minutes=1)
        await batches.work(organization)

    known = (await graph.data(BATCH, id=batch))["batch"]
    assert (known["status"], known["done"], known["failed"], known["total"]) == ("COMPLETED", 2, 2, 4)
    assert known["failures"]["totalCount"] == 2
    problems = [(each["code"], each["field"]) for each in known["entries"]["nodes"]]
    assert problems == [(None, None), ("INVALID", "url"), (None, None), ("UNAVAILABLE", None)]
    assert "secret" not in str(known)
    assert await batches.told(batch) == [EventType.JOB_STARTED, EventType.JOB_FINISHED]
    assert await batches.tell(organization) == 1
    (told,) = receiver.told
    fits("webhooks/batch_callback", told.json)
    assert (told.json["batch_id"], told.json["status"], told.json["total_count"]) == (batch, "completed", 4)
    first, second, third, fourth = told.json["results"]
    assert (first["extracted_data"]["deadlines"], third["status"]) == (["2024-12-31"], "processed")
    assert second["error"]["details"] == {"file_url": "The file at file_url is not there."}
    assert fourth["error"]["code"] == "SERVICE_UNAVAILABLE"
    signature = hmac.new(client.secret.encode(), told.body, "sha256").hexdigest()
    assert told.headers["x-clickup-brain-signature"] == signature
    assert told.headers["webhook-signature"].startswith("v1,")
    assert (await graph.data(BATCH, id=batch))["batch"]["callback"]["lastStatus"] == 200


async def test_an_entry_is_done_once_whoever_ends_and_begins_again(
    client: Client, batches: Batches, database: Database, organization: str, clock: SetClock
) -> None:
    batch, queue, stuck = await client.batch(1), batches.jobs.entries, asyncio.Event()

    async def never(url: str) -> bytes:
        stuck.set()
        return await asyncio.Event().wait() or b""

    fetch, batches.shelf.fetch_ = batches.shelf.fetch_, never
    (job,) = await queue.take(5)
    killed = asyncio.create_task(queue.run(job))
    await stuck.wait()
    killed.cancel()
    await asyncio.gather(killed, return_exceptions=True)
    batches.shelf.fetch_ = fetch
    assert await batches.work(organization) == 0

    # Begun again under its old name, while somebody else has it as well, and once more when all is over.
    await asyncio.gather(queue.run(job), queue.run(job))
    await queue.run(job)
    assert await documents(database, organization) == 1
    assert (await batches.batch(batch)).done == 1

    other = await client.batch(1)
    (slow,) = await queue.take(5)
    clock.advance(hours=1)
    (taken_over,) = await queue.take(5)
    await queue.run(slow)
    assert (await batches.batch(other)).done == 0
    await queue.run(taken_over)
    assert (await batches.batch(other)).done == 1
    assert await documents(database, organization) == 2

    # What ends every process that works on it is not begun for ever.
    poisoned = await client.batch(1)
    for _ in range(6):
        (last,) = await queue.take(5)
        clock.advance(hours=1)
    await queue.run(last)
    (entry,) = await batches.entries(poisoned)
    assert (entry.status, entry.due_at) == (EntryStatus.FAILED, None)
    assert "begun 5 times" in entry.problem


async def test_a_long_batch_does_not_hold_up_others(
    client: Client, batches: Batches, database: Database, organization: str
) -> None:
    here, organization = organization, await make_organization(database)
    other = await make(database, organization)
    await client.batch(6)
    await other.batch(2)
    taken: list[bool] = []
    while len(taken) < 4:
        # On a shared database others wait as well.
        (job,) = await batches.jobs.entries.take(1)
        taken += [job.organization_id == organization] if job.organization_id in (organization, here) else []
    assert taken in ([True, False] * 2, [False, True] * 2)


async def test_failed_entries_are_worked_on_once_more_and_told_again(
    client: Client, batches: Batches, receiver: Receiver, graph: Graph, organization: str, clock: SetClock
) -> None:
    fetch = batches.shelf.fetch_

    async def refuse(url: str) -> bytes:
        raise invalid("file_url", "No.")

    batches.shelf.fetch_ = refuse
    batch = await client.batch(3, receiver.url())
    await batches.work(organization)
    assert (await batches.batch(batch)).status is JobStatus.FAILED
    await batches.tell(organization)
    batches.shelf.fetch_ = fetch
    clock.advance(minutes=5)
    first, *_ = await batches.entries(batch)
    wrong = await graph.data(RETRY, input={"batchId": batch, "entryIds": [first.id, "entry_nobody"]})
    assert [(each["code"], each["field"]) for each in wrong["retryBatchEntries"]["errors"]] == [
        ("UNKNOWN_REFERENCE", "entryIds.1")
    ]
    telling = None
    for entries, count in (([first.id], 1), (None, 2)):
        made = (await graph.data(RETRY, input={"batchId": batch, "entryIds": entries}))["retryBatchEntries"]
        assert (made["retried"], made["batch"]) == (count, {"status": "PROCESSING", "pending": count})
        await batches.work(organization)
        if telling:
            # Taken up before, it has been overtaken by another end.
            await batches.jobs.callbacks.run(telling)
            assert len(receiver.told) == 1
            await batches.tell(organization)
        else:
            while telling is None or telling.id != batch:
                (telling,) = await batches.jobs.callbacks.take(1)
    assert (await batches.batch(batch)).status is JobStatus.COMPLETED
    assert [told.json["status"] for told in receiver.told] == ["failed", "completed"]
    assert len({told.id for told in receiver.told}) == 2
    assert len((await graph.data(RETRY, input={"batchId": batch}))["retryBatchEntries"]["errors"]) == 1


async def test_telling_is_tried_again_until_it_is_taken_or_given_up(
    client: Client, batches: Batches, organization: str, clock: SetClock
) -> None:
    for statuses, attempts, last in (([500, 503, 200], 3, 200), ([500], 3, 500), ([410], 1, 410), ([302], 3, 302)):
        async with receiving() as receiver:
            receiver.answers(*statuses)
            batch = await client.batch(1, receiver.url())
            await batches.work(organization)
            for _ in range(4):
                await batches.tell(organization)
                clock.advance(minutes=1)
        known = await batches.batch(batch)
        assert (known.callback_attempts, known.callback_status, known.callback_due_at) == (attempts, last, None)
        assert [told.headers["x-trigraph-attempt"] for told in receiver.told] == [str(n + 1) for n in range(attempts)]
        assert len({(told.id, told.body) for told in receiver.told}) == 1
        assert (known.called_back_at is not None) is (last == 200)


async def test_nobody_is_told_and_nothing_done_for_who_has_no_right_any_more(
    client: Client, batches: Batches, receiver: Receiver, database: Database, organization: str
) -> None:
    done = await client.batch(1, receiver.url())
    await batches.work(organization)
    waiting = await client.batch(1, receiver.url())

    async def revoke(session: Any) -> None:
        now = database.clock.now()
        await session.execute(update(ApiClient).where(ApiClient.id == client.id).values(revoked_at=now))

    await database.store(revoke)
    await batches.work(organization)
    await batches.tell(organization)
    assert receiver.told == []
    assert (await batches.batch(done)).callback_failure == "Its client was revoked."
    (entry,) = await batches.entries(waiting)
    assert (entry.status, entry.code) == (EntryStatus.FAILED, Code.FORBIDDEN)

    async def narrow(session: Any) -> None:
        known = update(ApiClient).where(ApiClient.id == client.id)
        await session.execute(known.values(revoked_at=None, scopes=["read"]))

    await database.store(narrow)
    again = update(JobEntry).where(JobEntry.id == entry.id)
    fetched = batches.shelf.fetched.total()

    async def due(session: Any) -> None:
        await session.execute(again.values(status=EntryStatus.PENDING, due_at=database.clock.now()))

    await database.store(due)
    assert await batches.work(organization) == 1
    (entry,) = await batches.entries(waiting)
    assert (entry.code, batches.shelf.fetched.total()) == (Code.FORBIDDEN, fetched)


async def test_every_problem_of_a_batch_is_named_at_once_and_costs_nothing(client: Client, batches: Batches) -> None:
    urls = ["https://example.com/a", "http://127.0.0.1/b", "https://localhost/c"]
    error = refused(await client.post(urls, "http://192.0.2.1/d"), 400, "BAD_REQUEST")
    assert set(error["details"]) == {"documents.1.file_url", "documents.2.file_url", "callback_url"}
    assert set(refused(await client.post([]), 400, "BAD_REQUEST")["details"]) == {"documents"}
    assert set(refused(await client.post(101), 400, "BAD_REQUEST")["details"]) == {"documents"}
    sent = {"documents": [{"jurisdiction": "US", "document_type": "law"}]}
    error = refused(await client.send(sent), 400, "BAD_REQUEST")
    assert set(error["details"]) == {"documents.0.file_url", "documents.0.document_type"}
    printed = await client.send(example("compliance_documents_batch", "request"))
    assert printed.status == 202
    quotas = await client.send({}, "/v1/quotas", "GET")
    assert quotas.json()["document_processing"]["used"] == 2


async def test_a_batch_beyond_a_window_is_refused_whole(
    client: Client, batches: Batches, database: Database, organization: str
) -> None:
    client.app = served(CLICKUP_BRAIN, database, limits_of(database))
    error = refused(await client.post(21), 429, "RATE_LIMIT_EXCEEDED")
    assert error["details"] == {"limit": 20, "used": 0, "reset_time": "2024-01-15T14:31:00Z"}
    assert "21 items, of which 20 are allowed a minute" in error["message"]
    assert (await client.post(12)).status == 202
    error = refused(await client.post(9), 429, "RATE_LIMIT_EXCEEDED")
    assert (error["details"]["used"], error["message"]) == (12, "Rate limit exceeded. Please try again later.")


async def test_results_are_sent_only_for_who_may_read_them(
    database: Database, graph: Graph, batches: Batches, organization: str
) -> None:
    viewer = replace(graph.viewer, client_id=await make_client(database, organization))
    narrow = replace(viewer, permissions=viewer.permissions - {Permission.READ_COMPLIANCE})
    create = "mutation ($i: CreateDocumentBatchInput!) { createDocumentBatch(input: $i) { errors { message } } }"
    entry = {"url": "https://example.com/a", "jurisdiction": "EU", "documentType": "POLICY"}
    sent = {"i": {"documents": [entry], "callbackUrl": "https://example.com/b"}}
    assert (await graph(create, sent, viewer=narrow)).codes == [Code.FORBIDDEN]
    assert (await graph(create, sent, viewer=viewer)).data == {"createDocumentBatch": {"errors": []}}


async def test_who_may_only_write_is_sent_the_results_too(
    database: Database, batches: Batches, receiver: Receiver, organization: str
) -> None:
    client = await make(database, organization, ["write:compliance"])
    await client.batch(1, receiver.url())
    await batches.work(organization)
    assert await batches.tell(organization) == 1
    assert [each["status"] for told in receiver.told for each in told.json["results"]] == ["processed"]


async def test_what_waits_is_seen_and_what_is_over_is_forgotten(
    client: Client, batches: Batches, receiver: Receiver, graph: Graph, database: Database, clock: SetClock
) -> None:
    organization = graph.viewer.organization_id
    question = "{ queues { queue due waiting failedLastDay } }"

    async def waits() -> dict[str, tuple[int, int, int]]:
        queues = (await graph.data(question))["queues"]
        return {each["queue"]: (each["due"], each["waiting"], each["failedLastDay"]) for each in queues}

    async def refuse(url: str) -> bytes:
        raise invalid("file_url", "No.")

    batches.shelf.fetch_ = refuse
    receiver.answers(410)
    over = await client.batch(2, receiver.url())
    assert (await waits())["BATCH_ENTRIES"] == (2, 0, 0)
    while not [job for job in await batches.jobs.entries.take(1) if job.organization_id == organization]:
        pass
    assert (await waits())["BATCH_ENTRIES"] == (1, 1, 0)
    clock.advance(hours=1)
    await batches.work(organization)
    assert (await waits())["BATCH_CALLBACKS"] == (1, 0, 0)
    await batches.tell(organization)
    batch_queues = {name: depth for name, depth in (await waits()).items() if name.startswith("BATCH_")}
    assert batch_queues == {"BATCH_ENTRIES": (0, 0, 2), "BATCH_CALLBACKS": (0, 0, 1)}
    clock.advance(days=89)
    waiting = await client.batch(1)
    retention = Retention(database, EventSettings())
    for days, kept in ((0, 2), (90, 2), (88, 1)):
        await retention.forget_batches(days)
        rows = await database.rows(select(Job.id).where(Job.id.in_([over, waiting])))
        assert len(rows) == kept
    assert await batches.entries(over) == []
    assert len(await batches.entries(waiting)) == 1
