"""Where readers of campaigns' mail stop it: a page that asks, and a POST that does it, from the page or a mail program.

That a link was only looked at stops nothing: programs look at links before people do (RFC 8058).
"""

from __future__ import annotations

from functools import partial

from starlette.requests import Request
from starlette.responses import Response

from domain.errors import DomainError
from domain.viewer import Viewer
from gateway.database import Database
from gateway.logging import logger
from gateway.pages.answers import message
from gateway.pages.html import fill
from gateway.tracking.dressing import UNSUBSCRIBE_PATH
from gateway.tracking.tokens import Tokens
from resolvers import unsubscribing

METHODS = ("GET", "HEAD", "POST")
_ASK = "You will get no more e-mails of our campaigns at this address."
_DONE = "You are unsubscribed: you will get no more e-mails of our campaigns at this address."
_NOT_FOUND = "This link is not one of ours, or not any more. Nothing was changed."
_LATER = "This could not be noted at the moment. Please try again in a minute."

log = logger(__name__)


class Unsubscribing:
    """The link of every message of a campaign; it needs no session, for it is signed."""

    def __init__(self, database: Database, tokens: Tokens) -> None:
        self._database = database
        self._tokens = tokens

    async def answer(self, request: Request) -> Response:
        """Ask, or do it."""
        contact_id = self._tokens.unsubscribed(request.url.path.removeprefix(UNSUBSCRIBE_PATH))
        if contact_id is None:
            return message("Not found", _NOT_FOUND, 404)
        if request.method != "POST":
            return message("Unsubscribe", _ASK, more=fill("unsubscribe"))
        try:
            await self._unsubscribe(contact_id)
        except DomainError as error:
            log.warning("somebody could not be unsubscribed", id=contact_id, reason=error.message)
            return message("Not now", _LATER, 503)
        return message("Unsubscribed", _DONE)

    async def _unsubscribe(self, contact_id: str) -> None:
        rows = await self._database.rows(unsubscribing.owner(contact_id))
        if rows:
            work = partial(unsubscribing.unsubscribe, contact_id=contact_id)
            # Whoever reads the message has no account here.
            await self._database.transact(Viewer.nobody(rows[0][0], "Reader"), work)
