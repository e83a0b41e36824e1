"""Mail as it leaves: by SMTP to a server on this machine, and into a folder."""

from __future__ import annotations

import asyncio
import errno
import os
import socket
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from hypothesis import example, given
from hypothesis import strategies as st

from domain.errors import DomainError, Kind
from domain.ports import OutgoingMail
from gateway.mail import SmtpMailer, mailer
from gateway.mail_folder import FolderMailer
from gateway.mail_message import compose
from gateway.settings import load
from gateway.settings_sections import SmtpSecurity, SmtpSettings


class Noon:
    """A clock that stands still."""

    def now(self) -> datetime:
        return datetime(2026, 1, 15, 12, tzinfo=UTC)


class Inbox:
    """What a mail server received, and how it answers."""

    def __init__(self) -> None:
        self.port = 0
        self.refused: dict[str, str] = {}
        self.answer = "250 taken"
        self.envelopes: list[Envelope] = []
        self.logins: list[bytes] = []

    async def handle_RCPT(self, _: SMTP, __: Session, envelope: Envelope, address: str, ___: list[str]) -> str:
        if address in self.refused:
            return self.refused[address]
        envelope.rcpt_tos.append(address)
        return "250 known"

    async def handle_DATA(self, _: SMTP, __: Session, envelope: Envelope) -> str:
        self.envelopes.append(envelope)
        return self.answer

    def login(self, _: SMTP, __: Session, ___: Envelope, ____: str, given: object) -> AuthResult:
        assert isinstance(given, LoginPassword)
        self.logins.append(given.login)
        return AuthResult(success=given.password == b"right", handled=False)

    def messages(self) -> list[EmailMessage]:
        return [read(bytes(each.original_content or b"")) for each in self.envelopes]


class Conversation(SMTP):
    """One connection to the mail server, which says when it has ended."""

    def __init__(self, *about: Any, **more: Any) -> None:
        super().__init__(*about, **more)
        self.ended = asyncio.Event()

    def connection_lost(self, error: Exception | None) -> None:
        super().connection_lost(error)
        self.ended.set()


@pytest.fixture
async def inbox() -> AsyncIterator[Inbox]:
    """A mail server on a free port of this machine."""
    received = Inbox()
    loop = asyncio.get_running_loop()

    held: list[Conversation] = []

    def protocol() -> SMTP:
        about = {"hostname": "mail.test", "authenticator": received.login, "auth_require_tls": False}
        held.append(Conversation(received, loop=loop, **about))
        return held[-1]

    server = await loop.create_server(protocol, "127.0.0.1", 0)
    received.port = server.sockets[0].getsockname()[1]
    yield received
    server.close()
    # A connection that outlives its loop is reported in whatever test runs when it is collected.
    for conversation in held:
        if conversation.transport is not None:
            conversation.transport.close()
            await conversation.ended.wait()


def read(content: bytes) -> EmailMessage:
    """A message as a mail program reads it."""
    message = message_from_bytes(content, policy=default)
    assert isinstance(message, EmailMessage)
    return message


def text(message: EmailMessage) -> str:
    """Its text, with the line ends of this machine."""
    return str(message.get_content()).replace("\r\n", "\n")


def files(folder: Path) -> list[Path]:
    """What a folder holds."""
    return sorted(folder.iterdir())


def mail(**changed: object) -> OutgoingMail:
    """A message with something about it changed."""
    values: dict[str, object] = {
        "id": "email_1",
        "sender": "Zoë at Trigraph <zoe@trigraph.test>",
        "to": ("john@example.com",),
        "subject": "Your quote",
        "body": "Dear John,\nhere is your quote.\n",
        "message_id": "email_1@trigraph.test",
    }
    return OutgoingMail(**(values | changed))  # type: ignore[arg-type]


def smtp(inbox: Inbox, **changed: object) -> SmtpMailer:
    """A mailer for that server."""
    values: dict[str, object] = {"host": "127.0.0.1", "port": inbox.port, "security": SmtpSecurity.NONE}
    return SmtpMailer("127.0.0.1", SmtpSettings.model_validate(values | changed), Noon())


def test_a_message_says_who_whom_when_and_what():
    message = read(compose(mail(subject="Angebot für Zoë", body="Grüße\n" + "x" * 2000), Noon().now()).as_bytes())
    assert message["From"] == "Zoë at Trigraph <zoe@trigraph.test>"
    assert message["To"] == "john@example.com"
    assert message["Subject"] == "Angebot für Zoë"
    assert message["Message-ID"] == "<email_1@trigraph.test>"
    assert message["Date"].datetime == Noon().now()
    assert message.get_content_type() == "text/plain"
    assert text(message) == "Grüße\n" + "x" * 2000 + "\n"


def test_a_message_is_made_of_short_lines_of_seven_bits():
    written = compose(mail(subject="Grüße " * 60, body="é" * 3000), Noon().now()).as_bytes()
    assert written.isascii()
    assert max(len(line) for line in written.split(b"\r\n")) <= 998


def test_no_value_adds_a_header_or_a_recipient():
    message = read(compose(mail(subject="Hello\r\nBcc: eve@example.com"), Noon().now()).as_bytes())
    assert message["Bcc"] is None
    assert message["Subject"] == "Hello Bcc: eve@example.com"


@pytest.mark.parametrize(
    "to",
    [
        "john",
        "",
        "@example.com",
        "john@",
        "a@example.com, b@example.com",
        "a@example.com\nBcc: b@example.com",
        "\ud800@x.test",
    ],
)
def test_what_is_no_address_is_refused_by_field(to: str):
    with pytest.raises(DomainError) as caught:
        compose(mail(to=("ann@example.com", to)), Noon().now())
    assert (caught.value.kind, caught.value.field) == (Kind.INVALID, "to")


@example(subject="a\r\nBcc: b@c.d", body="\r\n.\r\n", to="b@c.d", name='"')
@given(subject=st.text(), body=st.text(), to=st.text(), name=st.text())
def test_whatever_is_given_becomes_one_message_or_is_refused(subject: str, body: str, to: str, name: str):
    given_mail = mail(subject=subject, body=body, to=("ann@example.com", to), sender=f"{name} <zoe@trigraph.test>")
    try:
        written = compose(given_mail, Noon().now()).as_bytes()
    except DomainError:
        return
    message = read(written)
    assert len(message["To"].addresses) == 2
    assert set(message.keys()) <= KEYS


KEYS = {"From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "Content-Type", "Content-Transfer-Encoding"}


def test_a_body_that_is_no_text_is_refused_by_field():
    with pytest.raises(DomainError) as caught:
        compose(mail(body="\ud800"), Noon().now())
    assert caught.value.field == "body"


async def test_smtp_delivers_to_every_recipient(inbox: Inbox):
    await smtp(inbox).send(mail(to=("john@example.com", "ann@example.com"), body="Grüße\n"))
    (envelope,) = inbox.envelopes
    assert envelope.mail_from == "zoe@trigraph.test"
    assert envelope.rcpt_tos == ["john@example.com", "ann@example.com"]
    assert text(inbox.messages()[0]) == "Grüße\n"


async def test_smtp_logs_in_when_told_to(inbox: Inbox):
    await smtp(inbox, username="trigraph", password="right").send(mail())
    assert inbox.logins == [b"trigraph"]
    assert len(inbox.envelopes) == 1


async def refusal(mailer: SmtpMailer | FolderMailer) -> str:
    """The words of a mailer that does not take a message."""
    with pytest.raises(DomainError) as caught:
        await mailer.send(mail())
    assert caught.value.kind is Kind.UNAVAILABLE
    return caught.value.message


async def test_a_wrong_password_is_told_without_showing_it(inbox: Inbox):
    told = await refusal(smtp(inbox, username="trigraph", password="hunter2"))
    assert told == "The mail server did not take the message: it refused the user name or the password."


async def test_a_server_that_answers_no_is_told(inbox: Inbox):
    inbox.answer = "452 john@example.com is over quota"
    assert await refusal(smtp(inbox)) == "The mail server did not take the message: it answered 452."


@pytest.mark.parametrize("answer", ["450 4.2.1 later", "550 5.7.1 we relay for nobody", "554 no", "552 5.3.4 too big"])
async def test_a_server_that_wants_no_mail_is_told(inbox: Inbox, answer: str):
    inbox.refused = {"john@example.com": answer}
    assert await refusal(smtp(inbox)) == "The mail server did not take the message: it refused every recipient."


@pytest.mark.parametrize("answer", ["550 unknown", "550 5.1.1 unknown", "554 5.2.1 closed", "553 what is this"])
async def test_a_server_that_knows_nobody_is_told_apart(inbox: Inbox, answer: str):
    inbox.refused = {"john@example.com": answer}
    with pytest.raises(DomainError, match=f"knows no such recipient: it answered {answer[:3]}") as caught:
        await smtp(inbox).send(mail())
    assert (caught.value.kind, caught.value.field) == (Kind.NOT_FOUND, "to")


async def test_one_address_that_may_be_another_time_is_tried_again(inbox: Inbox):
    inbox.refused = {"john@example.com": "550 unknown", "ann@example.com": "450 later"}
    with pytest.raises(DomainError) as caught:
        await smtp(inbox).send(mail(to=("john@example.com", "ann@example.com")))
    assert caught.value.kind is Kind.UNAVAILABLE


async def test_one_refused_recipient_does_not_bring_the_mail_again(inbox: Inbox):
    inbox.refused = {"john@example.com": "550 unknown"}
    await smtp(inbox).send(mail(to=("john@example.com", "ann@example.com")))
    assert inbox.envelopes[0].rcpt_tos == ["ann@example.com"]


async def test_a_server_without_starttls_gets_no_mail_in_clear(inbox: Inbox):
    told = await refusal(smtp(inbox, security=SmtpSecurity.STARTTLS))
    assert told == "The mail server did not take the message: the exchange failed."
    assert inbox.envelopes == []


async def test_an_absent_server_is_told():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound and not listening: nobody else answers there
        absent = Inbox()
        absent.port = taken.getsockname()[1]
        assert await refusal(smtp(absent)) == "The mail server did not take the message: it cannot be reached."


async def test_a_silent_server_is_given_up():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        inbox = Inbox()
        inbox.port = silent.getsockname()[1]
        told = await refusal(smtp(inbox, timeout_seconds=0.05))
    assert told == "The mail server did not take the message: it did not answer in time."


async def test_the_folder_keeps_a_message_one_can_read(tmp_path: Path):
    await FolderMailer(tmp_path / "mail", Noon()).send(mail(body="Grüße\n"))
    (file,) = files(tmp_path / "mail")
    assert file.name == "email_1.eml"
    message = read(file.read_bytes())
    assert (message["To"], text(message)) == ("john@example.com", "Grüße\n")


async def test_the_folder_keeps_one_message_per_id(tmp_path: Path):
    folder = FolderMailer(tmp_path, Noon())
    await asyncio.gather(*(folder.send(mail()) for _ in range(5)))
    await folder.send(mail(subject="Another"))
    (file,) = files(tmp_path)
    assert read(file.read_bytes())["Subject"] == "Your quote"


async def test_an_id_cannot_leave_the_folder(tmp_path: Path):
    await FolderMailer(tmp_path / "mail", Noon()).send(mail(id="../../outside"))
    assert [file.name for file in files(tmp_path / "mail")] == ["..%2F..%2Foutside.eml"]


async def test_a_full_disk_is_told_and_leaves_nothing_half_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    assert await refusal(FolderMailer(tmp_path, Noon())) == "The message could not be stored: No space left on device."
    assert files(tmp_path) == []


async def test_a_folder_that_is_a_file_is_told(tmp_path: Path):
    (tmp_path / "mail").write_text("in the way")
    assert (await refusal(FolderMailer(tmp_path / "mail", Noon()))).startswith("The message could not be stored: ")


def test_the_settings_choose_the_mailer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    clock = Noon()
    monkeypatch.delenv("TRIGRAPH_SMTP_HOST", raising=False)
    assert mailer(load(None, data_dir=tmp_path), clock) == FolderMailer(tmp_path / "mail", clock)
    monkeypatch.setenv("TRIGRAPH_SMTP_HOST", "mail.test")
    assert isinstance(mailer(load(None), clock), SmtpMailer)
