"""How mail leaves: by SMTP when a server is set, else into a folder. The one module that knows aiosmtplib."""

from __future__ import annotations

import re
from dataclasses import dataclass
from email.utils import parseaddr

import aiosmtplib

from domain.errors import Code, DomainError, refuse, unavailable
from domain.ports import Clock, Mailer, OutgoingMail
from gateway.logging import logger
from gateway.mail_folder import FolderMailer
from gateway.mail_message import compose
from gateway.settings import Settings
from gateway.settings_sections import SmtpSecurity, SmtpSettings

_log = logger(__name__)

_DETAIL = re.compile(r"[245]\.\d{1,3}\.\d{1,3}\b")
"""What says more than a reply's code, at the beginning of its text (RFC 2034)."""
_NOBODY = ("5.1.", "5.2.")
"""Addresses and mailboxes that do not take mail (RFC 3463); anything else is about the server, or about us."""
_NOBODY_BY_CODE = frozenset({550, 551, 553})


@dataclass(frozen=True, slots=True)
class SmtpMailer:
    """Hands each message to a mail server over a connection of its own."""

    host: str
    settings: SmtpSettings
    clock: Clock

    async def send(self, message: OutgoingMail) -> None:
        """Hand the message over; a server that takes it for some recipients only has taken it.

        Raises:
            DomainError: UNAVAILABLE when the server does not take it, NOT_FOUND when it knows no recipient for good,
                INVALID when it cannot be a message.
        """
        composed = compose(message, self.clock.now())
        password = self.settings.password
        try:
            refused, _ = await aiosmtplib.send(
                composed,
                hostname=self.host,
                port=self.settings.port,
                username=self.settings.username,
                password=password.get_secret_value() if password else None,
                local_hostname=_greeting_name(message.sender),
                use_tls=self.settings.security is SmtpSecurity.TLS,
                start_tls=self.settings.security is SmtpSecurity.STARTTLS,
                timeout=self.settings.timeout_seconds,
            )
        except aiosmtplib.SMTPRecipientsRefused as error:
            raise self._refused(message, error) from error
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            _log.error("mail not sent", id=message.id, server=self.host, reason=str(error))
            raise unavailable(f"The mail server did not take the message: {_reason(error)}.") from error
        if refused:
            # Sending again would reach the others twice.
            _log.warning("mail refused for some recipients", id=message.id, refused=len(refused))
        _log.info("mail sent", id=message.id, server=self.host)

    def _refused(self, message: OutgoingMail, error: aiosmtplib.SMTPRecipientsRefused) -> DomainError:
        """Why no recipient was taken: nobody has the addresses, or it may be another time."""
        codes = sorted({each.code for each in error.recipients})
        _log.warning("mail refused for every recipient", id=message.id, server=self.host, codes=codes)
        if all(map(_unknown, error.recipients)):
            told = " and ".join(map(str, codes))
            return refuse(Code.NOT_FOUND, f"The mail server knows no such recipient: it answered {told}.", "to")
        return unavailable(f"The mail server did not take the message: {_reason(error)}.")


def _unknown(refused: aiosmtplib.SMTPRecipientRefused) -> bool:
    """Whether a server says that nobody has an address and nobody will, rather than that it does not want the mail."""
    detail = _DETAIL.match(refused.message.lstrip())
    if detail:
        return detail[0].startswith(_NOBODY)
    return refused.code in _NOBODY_BY_CODE


def _greeting_name(sender: str) -> str:
    """The name to greet with: the sender's domain, because this machine's own takes a lookup and may mean nothing."""
    domain = parseaddr(sender)[1].rpartition("@")[2]
    return domain if domain and domain.isascii() else "localhost"


def _reason(error: Exception) -> str:
    """What went wrong, without the server's own words, which may name other people's addresses."""
    if isinstance(error, aiosmtplib.SMTPAuthenticationError):
        return "it refused the user name or the password"
    if isinstance(error, aiosmtplib.SMTPResponseException):
        return f"it answered {error.code}"
    if isinstance(error, aiosmtplib.SMTPRecipientsRefused):
        return "it refused every recipient"
    if isinstance(error, TimeoutError):
        return "it did not answer in time"
    if isinstance(error, aiosmtplib.SMTPNotSupported):
        return "it lacks something this message or this configuration needs"
    if isinstance(error, OSError):
        return "it cannot be reached"
    return "the exchange failed"


def mailer(settings: Settings, clock: Clock) -> Mailer:
    """The mailer that the settings ask for; says at once which."""
    if settings.smtp.host is None:
        _log.info("no mail server is set: mail is written to a folder", folder=str(settings.mail_folder))
        return FolderMailer(settings.mail_folder, clock)
    _log.info("mail goes to a mail server", server=settings.smtp.host, port=settings.smtp.port)
    return SmtpMailer(settings.smtp.host, settings.smtp, clock)
