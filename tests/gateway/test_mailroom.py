"""Mail that is due leaves once, a mail server that fails or stays silent holds nobody up, and a crash only delays."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

import pytest

from domain.errors import unavailable
from domain.ports import Letter, OutgoingMail
from domain.viewer import Viewer
from gateway.database import Database
from gateway.mailroom import Mailroom
from tests.clocks import SetClock
from tests.factories.leads import make_lead
from tests.graphs import Graph

SEND = """mutation ($lead: ID!, $for: DateTime) {
  sendEmail(input: {leadId: $lead, subject: "Hello", body: "You", to: ["a@example.com"], scheduledFor: $for}) {
    email { id status sentAt } errors { field message }
  }
}"""
READ = "query ($id: ID!) { node(id: $id) { ... on Email { status sentAt failure } } }"


@dataclass
class Server:
    """A mail server that takes messages, refuses them, or says nothing."""

    refuses: bool = False
    silent: bool = False
    taken: list[OutgoingMail] = field(default_factory=list)
    asked: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def ids(self) -> list[str]:
        """What was taken; on a shared database a sweep also finds the mail of other tests."""
        return [message.id for message in self.taken]

    async def send(self, message: OutgoingMail) -> None:
        self.asked.set()
        if self.silent:
            await asyncio.Event().wait()
        if self.refuses:
            raise unavailable("It refused.")
        self.taken.append(message)


@pytest.fixture
def server() -> Server:
    return Server()


@pytest.fixture
def mailroom(database: Database, server: Server) -> Mailroom:
    """A mailroom that tries twice, a minute apart, and waits for a message as good as not at all."""
    room = Mailroom(database, server, "us@example.com", attempts=2, retry_seconds=60, wait_seconds=0.01)
    database.deliver = room.deliver
    return room


async def send(graph: Graph, database: Database, organization: str, at: str | None = None) -> dict[str, Any]:
    lead = await make_lead(database, organization)
    answer = await graph.data(SEND, lead=lead, **{"for": at})
    assert answer["sendEmail"]["errors"] == []
    email: dict[str, Any] = answer["sendEmail"]["email"]
    return email


async def read(graph: Graph, id: str) -> dict[str, Any]:
    node: dict[str, Any] = (await graph.data(READ, id=id))["node"]
    return node


async def sweep(mailroom: Mailroom) -> None:
    """Take up what is due and send it, as durable work does."""
    for job in await mailroom.take(50):
        await mailroom.run(job)


async def settled(mailroom: Mailroom) -> None:
    """Wait for what is under way; a message that was handed over in time is not."""
    await asyncio.gather(*mailroom.under_way)


async def test_message_leaves_at_once_and_only_once(
    graph: Graph, database: Database, organization: str, mailroom: Mailroom, server: Server
) -> None:
    email = await send(graph, database, organization)
    await settled(mailroom)

    assert (await read(graph, email["id"]))["status"] == "SENT"
    await sweep(mailroom)
    assert server.ids.count(email["id"]) == 1
    assert (server.taken[0].to, server.taken[0].subject) == (("a@example.com",), "Hello")


async def test_scheduled_message_waits_for_its_time(
    graph: Graph, database: Database, organization: str, mailroom: Mailroom, server: Server, clock: SetClock
) -> None:
    soon = (clock.now().replace(microsecond=0)).strftime("%Y-%m-%dT%H:%M:%SZ")
    clock.advance(minutes=-10)
    email = await send(graph, database, organization, soon)

    await sweep(mailroom)
    assert (email["status"], email["id"] in server.ids) == ("SCHEDULED", False)
    clock.advance(minutes=10)
    await sweep(mailroom)
    assert email["id"] in server.ids
    assert (await read(graph, email["id"]))["status"] == "SENT"


async def test_failure_is_noted_tried_again_and_then_given_up(
    graph: Graph, database: Database, organization: str, mailroom: Mailroom, server: Server, clock: SetClock
) -> None:
    server.refuses = True
    email = await send(graph, database, organization)
    await settled(mailroom)

    assert await read(graph, email["id"]) == {"status": "SCHEDULED", "sentAt": None, "failure": "It refused."}
    await sweep(mailroom)
    assert (await read(graph, email["id"]))["status"] == "SCHEDULED"
    clock.advance(minutes=1)
    await sweep(mailroom)
    assert (await read(graph, email["id"]))["status"] == "FAILED"
    told = await graph.data("{ events(last: 1) { nodes { type } } }")
    assert told["events"]["nodes"] == [{"type": "EMAIL_FAILED"}]


async def test_silent_server_holds_no_request_up(
    graph: Graph, database: Database, organization: str, mailroom: Mailroom, server: Server, clock: SetClock
) -> None:
    server.silent = True
    async with asyncio.timeout(5):
        email = await send(graph, database, organization)
    await server.asked.wait()
    assert email["status"] == "SCHEDULED"

    # The process ends while the server is silent; the next one finds the message due when the lease is over.
    await mailroom.stop()
    server.silent = False
    await sweep(mailroom)
    assert email["id"] not in server.ids
    clock.advance(minutes=6)
    await sweep(mailroom)
    assert (await read(graph, email["id"]))["status"] == "SENT"


async def test_two_sweeps_at_once_send_one_message(
    graph: Graph, database: Database, organization: str, mailroom: Mailroom, server: Server, clock: SetClock
) -> None:
    soon = clock.now().strftime("%Y-%m-%dT%H:%M:%SZ")
    clock.advance(minutes=-1)
    email = await send(graph, database, organization, soon)
    clock.advance(minutes=1)

    await asyncio.gather(*(sweep(mailroom) for _ in range(4)))

    assert server.ids.count(email["id"]) == 1


async def test_what_a_crash_left_is_sent_by_the_attempt_that_had_it_unless_that_is_over(
    graph: Graph, database: Database, organization: str, mailroom: Mailroom, server: Server, clock: SetClock
) -> None:
    soon = clock.now().strftime("%Y-%m-%dT%H:%M:%SZ")
    clock.advance(minutes=-1)
    email = await send(graph, database, organization, soon)
    clock.advance(minutes=1)
    (job,) = [each for each in await mailroom.take(50) if each.id == email["id"]]

    # Begun anew after a crash, it holds the message for another lease.
    server.refuses = True
    await mailroom.run(job)
    assert (await read(graph, email["id"]))["failure"] == "It refused."

    # The same attempt once more: what it had to do is noted, so the pause before the next is kept.
    server.refuses = False
    await mailroom.run(job)
    assert server.ids == []
    clock.advance(minutes=1)
    (later,) = [each for each in await mailroom.take(50) if each.id == email["id"]]
    assert later.attempt > job.attempt
    await mailroom.run(job)
    assert server.ids == []
    await mailroom.run(later)
    assert server.ids == [email["id"]]


async def test_message_of_a_deleted_lead_is_not_sent(
    graph: Graph,
    database: Database,
    organization: str,
    viewer: Viewer,
    mailroom: Mailroom,
    server: Server,
    clock: SetClock,
) -> None:
    soon = clock.now().strftime("%Y-%m-%dT%H:%M:%SZ")
    clock.advance(minutes=-1)
    lead = await make_lead(database, organization)
    email = (await graph.data(SEND, lead=lead, **{"for": soon}))["sendEmail"]["email"]
    await graph.data("mutation ($id: ID!) { deleteLead(id: $id) { deleted } }", id=lead)
    clock.advance(minutes=1)

    await sweep(mailroom)

    assert email["id"] not in server.ids


LETTER = Letter("invitation_1", "ada@example.com", "Welcome", "Here you are")


async def test_a_letter_of_the_server_itself_leaves_at_once(mailroom: Mailroom, server: Server) -> None:
    await mailroom.post(LETTER)

    await asyncio.gather(*mailroom.under_way)
    (sent,) = server.taken
    assert (sent.sender, sent.to, sent.subject, sent.body) == (
        "us@example.com",
        (LETTER.to,),
        "Welcome",
        "Here you are",
    )
    assert (sent.id, sent.message_id) == ("invitation_1", "<invitation_1@example.com>")


async def test_a_letter_that_is_refused_is_told_to_the_log_without_what_it_says(
    mailroom: Mailroom, server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    server.refuses = True

    await mailroom.post(LETTER)

    await asyncio.gather(*mailroom.under_way)
    assert "invitation_1" in caplog.text
    assert "Here you are" not in caplog.text


async def test_a_silent_server_holds_no_letter_s_writer_up(mailroom: Mailroom, server: Server) -> None:
    server.silent = True

    await asyncio.wait_for(mailroom.post(LETTER), 5)

    assert len(mailroom.under_way) == 1
    await mailroom.stop()
