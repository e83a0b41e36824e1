"""Outgoing mail as an RFC 5322 message."""

from __future__ import annotations

from datetime import datetime
from email.errors import NonASCIILocalPartDefect
from email.headerregistry import Address, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8, Policy
from email.utils import format_datetime

from domain.errors import invalid
from domain.ports import OutgoingMail


class _OneLine(UnstructuredHeader):
    """A header that is an address: folded or encoded as the others are, no program would find its way."""

    def fold(self, *, policy: Policy) -> str:
        """The header as it is."""
        return f"List-Unsubscribe: {self}{policy.linesep}"


_HEADERS = HeaderRegistry()
# The registry mixes the base class into it.
_HEADERS.map_to_type("list-unsubscribe", _OneLine)  # type: ignore[arg-type]


def compose(mail: OutgoingMail, at: datetime) -> EmailMessage:
    """The message, as plain text and, if it has one, as HTML, in UTF-8; no value can add a header or a recipient.

    Raises:
        DomainError: INVALID, naming the field that cannot stand in a message.
    """
    sender = _address("from", mail.sender)
    to = tuple(_address("to", each) for each in mail.to)
    plain = all(each.addr_spec.isascii() for each in (sender, *to))
    message = EmailMessage(policy=(SMTP if plain else SMTPUTF8).clone(header_factory=_HEADERS))
    message["From"] = sender
    message["To"] = to
    # A template may put a line break into a subject; in a header it would begin another header.
    message["Subject"] = " ".join(_text("subject", mail.subject).split())
    message["Date"] = format_datetime(at)
    message["Message-ID"] = f"<{mail.message_id.strip('<>')}>"
    if mail.unsubscribe is not None:
        # By these, mail programs offer to stop it, and do so with one POST (RFC 8058).
        message["List-Unsubscribe"] = f"<{_text('unsubscribe', mail.unsubscribe)}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    # Quoted-printable passes every server, also those that take seven bits and short lines only.
    message.set_content(_text("body", mail.body), charset="utf-8", cte="quoted-printable")
    if mail.html is not None:
        message.add_alternative(_text("body", mail.html), "html", charset="utf-8", cte="quoted-printable")
    return message


def _text(field: str, value: str) -> str:
    """The value, when it can be written in UTF-8."""
    try:
        value.encode()
    except UnicodeEncodeError:
        raise invalid(field, f"The {field} holds characters that are no text.") from None
    return value


def _address(field: str, value: str) -> Address:
    """One address, with its display name if it has one."""
    try:
        header = SMTP.header_factory(field, value) if value.isprintable() else None
    except (ValueError, IndexError):  # the standard library's parser runs off the end of some texts
        header = None
    # Umlauts before the @ are a defect of RFC 5322 alone; SMTPUTF8 allows them.
    sound = header is not None and {type(each) for each in header.defects} <= {NonASCIILocalPartDefect}
    found: tuple[Address, ...] = header.addresses if header and sound else ()
    if len(found) != 1 or not found[0].domain:
        raise invalid(field, f"{value[:80]!r} is not an e-mail address.")
    return found[0]
