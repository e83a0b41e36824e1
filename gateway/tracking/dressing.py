"""Messages to leads on their way out: as text and as HTML, which tells when it is read."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

from domain.ports import Mailer, MailForm, OutgoingMail
from gateway.mail_html import from_text, text_of, with_footer, with_links, with_pixel
from gateway.tracking.tokens import LONGEST, Tokens, leads

OPENED_PATH = "/t/o/"
FOLLOWED_PATH = "/t/c/"
UNSUBSCRIBE_PATH = "/t/u/"
PICTURE = ".gif"
_LONGEST_URL = 2000
"""Most characters of an address that is followed by way of this server; a longer one is left as it is."""


@dataclass(frozen=True)
class Dressing:
    """A mailer that hands messages on in both forms. What the server itself writes stays the text it is."""

    mailer: Mailer
    tokens: Tokens
    public_url: str
    opens: bool
    clicks: bool
    unsubscribe_text: str = ""

    async def send(self, message: OutgoingMail) -> None:
        """Hand the message on.

        Raises:
            DomainError: UNAVAILABLE when it could not be handed over, INVALID when it cannot be a message.
        """
        await self.mailer.send(self.dressed(message))

    def dressed(self, message: OutgoingMail) -> OutgoingMail:
        """The message in both forms."""
        if message.form is MailForm.PLAIN:
            return message
        link = partial(self._link, message.id)
        if message.form is MailForm.HTML:
            text, html = text_of(message.body), with_links(message.body, link)
        else:
            text, html = message.body, from_text(message.body, link)
        address = None
        if message.reader:
            # Not by way of the server's own links: who unsubscribes has followed none.
            address = f"{self.public_url}{UNSUBSCRIBE_PATH}{self.tokens.unsubscribing(message.reader)}"
            text = f"{text.rstrip()}\n\n-- \n{self.unsubscribe_text}\n{address}\n"
            html = with_footer(html, self.unsubscribe_text, address)
        if self.opens:
            html = with_pixel(html, f"{self.public_url}{OPENED_PATH}{self.tokens.opening(message.id)}{PICTURE}")
        return replace(message, body=text, html=html, unsubscribe=address)

    def _link(self, email_id: str, url: str) -> str:
        if not self.clicks or len(url) > _LONGEST_URL or not url.isprintable() or not leads(url):
            return url
        token = self.tokens.link(email_id, url)
        return f"{self.public_url}{FOLLOWED_PATH}{token}" if len(token) <= LONGEST else url
