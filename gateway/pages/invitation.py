"""Accepting an invitation: somebody sets a password and is in."""

from __future__ import annotations

from starlette.responses import Response

from domain.errors import DomainError, Kind
from domain.passwords import LONGEST
from gateway import passwords
from gateway.calls import Holder
from gateway.database import Database
from gateway.pages.answers import message, page
from gateway.pages.forms import FormRefused
from gateway.pages.html import alert, fill
from gateway.pages.new_passwords import check_new
from gateway.pages.sessions import Person
from gateway.pages.sign_in import SignIn
from gateway.pages.visit import Visit
from resolvers import own_passwords
from resolvers.unit import Keys, Unit

_USELESS = (
    "This link is not an invitation that can be used. It works once and for a week, and a newer one replaces it. "
    "Ask whoever invited you for another."
)
_LONGEST = 200
"""Characters of a secret worth looking up."""


class InvitationPage:
    """Sets the password of whoever has an invitation's secret, and signs them in: they have just proved as much."""

    def __init__(self, database: Database, sign_in: SignIn, shortest: int) -> None:
        self._database = database
        self._sign_in = sign_in
        self._shortest = shortest

    async def show(self, visit: Visit) -> Response:
        """The form, or that the link is of no use."""
        invited = await self._invited(visit)
        return self._form(visit, invited) if invited else _useless(visit)

    async def act(self, visit: Visit) -> Response:
        """Set the password."""
        if visit.action != "join":
            raise FormRefused(400, "The form does not say what to do.")
        invited = await self._invited(visit)
        if invited is None:
            return _useless(visit)
        try:
            check_new(visit, invited, self._shortest)
        except DomainError as error:
            visit.call.code = error.code
            return self._form(visit, invited, error.message, 400)
        fresh = await passwords.hashed(visit.form["password"])

        async def work(unit: Unit) -> Keys:
            return await own_passwords.accept(unit, _token(visit), fresh)

        try:
            await self._database.transact(invited.viewer(), work)
        except DomainError as error:
            if error.kind is not Kind.NOT_FOUND:
                raise
            # Somebody was quicker with the same link.
            return _useless(visit)
        to = f"{visit.root}account?done=joined"
        return await self._sign_in.let_in(visit, invited.user_id, invited.organization_id, to)

    async def _invited(self, visit: Visit) -> Person | None:
        """Who the link is for, as the one who acts: its secret is as good as a session for this one thing."""
        visit.call.viewer = None
        token = _token(visit)
        rows = await self._database.rows(own_passwords.invited(token)) if 0 < len(token) <= _LONGEST else ()
        if not rows:
            return None
        known = dict(rows[0]._mapping)
        in_force = known.pop("expires_at") > self._database.clock.now()
        invited = Person(**known)
        visit.call.holder = Holder(invited.organization_id, "", None, invited.user_id)
        return invited if in_force else None

    def _form(self, visit: Visit, invited: Person, problem: str | None = None, status: int = 200) -> Response:
        body = fill(
            "invitation",
            alert=alert(problem),
            organization=invited.organization,
            name=invited.name,
            email=invited.email,
            token=visit.token,
            shortest=self._shortest,
            longest=LONGEST,
        )
        return page("Error: Set your password" if problem else "Set your password", body, status)


def _token(visit: Visit) -> str:
    return visit.request.query_params.get("token", "")


def _useless(visit: Visit) -> Response:
    visit.call.code = "NOT_FOUND"
    return message("This invitation does not work", _USELESS, 410)
