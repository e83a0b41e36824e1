"""The page of somebody who is signed in: what they allowed, their password, the way out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from starlette.responses import Response

from domain.errors import DomainError
from domain.passwords import LONGEST
from domain.users import User
from gateway import passwords
from gateway.database import Database
from gateway.pages.answers import page, redirect
from gateway.pages.forms import FormRefused, Signer
from gateway.pages.html import Markup, alert, fill, joined
from gateway.pages.logins import Logins, Member, TooManyFailures
from gateway.pages.new_passwords import check_new
from gateway.pages.scopes import in_words
from gateway.pages.sessions import SignedIn
from gateway.pages.sign_in import SignIn, too_many, waiting
from gateway.pages.visit import Visit
from resolvers import consents, own_passwords
from resolvers.unit import Keys, Unit

_PURPOSE = "Sign in to see which applications you allowed, and to change your password."
_DONE = {
    "joined": "Welcome. Your password is set and you are signed in. Applications of your organization will send you "
    "here to sign in.",
    "password": "Your password is changed. Every other browser was signed out.",
    "withdrawn": "The application has no access any more.",
}
_TICKET_SECONDS = 300
"""How long somebody may take to choose an organization."""


@dataclass(frozen=True, slots=True)
class _Application:
    """A client that was allowed something, once or several times."""

    id: str
    name: str
    since: datetime
    scopes: list[str]


class AccountPage:
    """Shows people what is theirs, and lets them change it."""

    def __init__(self, database: Database, logins: Logins, sign_in: SignIn, signer: Signer, shortest: int) -> None:
        self._database = database
        self._logins = logins
        self._sign_in = sign_in
        self._signer = signer
        self._shortest = shortest

    async def show(self, visit: Visit) -> Response:
        """The page, or the form to sign in."""
        if visit.signed_in is None:
            return self._sign_in.form(visit, _PURPOSE)
        return await self._page(visit, visit.signed_in)

    async def act(self, visit: Visit) -> Response:
        """What a form of this page asks for."""
        signed_in = visit.signed_in
        match visit.action:
            case "sign-in":
                return await self._let_in(visit)
            case "choose":
                return await self._choose(visit)
            case "sign-out":
                return await self._sign_in.out(visit, "account")
        if signed_in is None:
            return self._sign_in.form(visit, _PURPOSE, "Sign in first.", 403)
        match visit.action:
            case "withdraw":
                return await self._withdraw(visit, signed_in)
            case "change-password":
                return await self._change_password(visit, signed_in)
        raise FormRefused(400, "The form does not say what to do.")

    async def _let_in(self, visit: Visit) -> Response:
        found = await self._sign_in.members(visit, None, "", _PURPOSE)
        if isinstance(found, Response):
            return found
        if len(found) > 1:
            return self._choice(visit, found)
        return await self._sign_in.let_in(visit, found[0].user_id, found[0].organization_id, "account")

    def _choice(self, visit: Visit, found: Sequence[Member]) -> Response:
        """Ask which organization is meant; the ticket remembers that the password was right in these."""
        expires = int(self._database.clock.now().timestamp()) + _TICKET_SECONDS
        said = f"{expires}.{'.'.join(each.user_id for each in found)}"
        ticket = f"{self._signer.sign('ticket', visit.bound, said)}.{said}"
        choices = joined(fill("choice", user=each.user_id, organization=each.organization) for each in found)
        body = fill("choose", alert=Markup(), token=visit.token, ticket=ticket, choices=choices)
        return page("Choose an organization", body)

    async def _choose(self, visit: Visit) -> Response:
        signature, _, said = visit.form.get("ticket", "").partition(".")
        expires, *users = said.split(".")
        wanted = visit.form.get("user", "")
        ours = self._signer.proves(signature, "ticket", visit.bound, said)
        if not ours or int(expires) <= self._database.clock.now().timestamp() or wanted not in users:
            visit.call.code = "FORM_REFUSED"
            return self._sign_in.form(visit, _PURPOSE, "That took too long. Sign in again.", 403)
        own = select(User.organization_id).where(User.id == wanted, User.disabled_at.is_(None))
        rows = await self._database.rows(own)
        if not rows:
            return self._sign_in.form(visit, _PURPOSE, "Sign in again.", 403)
        return await self._sign_in.let_in(visit, wanted, rows[0][0], "account")

    async def _withdraw(self, visit: Visit, signed_in: SignedIn) -> Response:
        client_id = visit.form.get("client", "")

        async def work(unit: Unit) -> Keys:
            return await consents.withdraw(unit, client_id)

        try:
            await self._database.transact(signed_in.viewer(), work)
        except DomainError as error:
            visit.call.code = error.code
            return await self._page(visit, signed_in, "This application has no access that you could withdraw.", 400)
        return redirect("account?done=withdrawn")

    async def _change_password(self, visit: Visit, signed_in: SignedIn) -> Response:
        try:
            check_new(visit, signed_in, self._shortest)
            right = await self._logins.is_right(
                signed_in.user_id,
                signed_in.organization_id,
                signed_in.email,
                visit.form.get("current", ""),
                self._sign_in.whence(visit),
            )
        except DomainError as error:
            visit.call.code = error.code
            return await self._page(visit, signed_in, error.message, 400)
        except TooManyFailures as refusal:
            return too_many(visit, refusal, await self._page(visit, signed_in, waiting(refusal), 429))
        if not right:
            visit.call.code = "WRONG_PASSWORD"
            return await self._page(visit, signed_in, "The current password is wrong.", 403)
        fresh = await passwords.hashed(visit.form["password"])

        async def work(unit: Unit) -> Keys:
            return await own_passwords.change(unit, fresh)

        await self._database.transact(signed_in.viewer(), work)
        return await self._sign_in.let_in(visit, signed_in.user_id, signed_in.organization_id, "account?done=password")

    async def _page(self, visit: Visit, signed_in: SignedIn, problem: str | None = None, status: int = 200) -> Response:
        done = _DONE.get(visit.request.query_params.get("done", "")) if problem is None else None
        body = fill(
            "account",
            alert=alert(problem),
            notice=fill("notice", message=done) if done else Markup(),
            name=signed_in.name,
            email=signed_in.email,
            organization=signed_in.organization,
            until=f"{signed_in.expires_at:%Y-%m-%d %H:%M} UTC",
            applications=_listed(await self._applications(signed_in), visit.token),
            token=visit.token,
            shortest=self._shortest,
            longest=LONGEST,
        )
        return page("Error: Your account" if problem else "Your account", body, status)

    async def _applications(self, signed_in: SignedIn) -> Sequence[_Application]:
        now = self._database.clock.now()
        known: dict[str, _Application] = {}
        for key, name, scopes, since in await self._database.rows(consents.allowed_by(signed_in.user_id, now)):
            known.setdefault(key, _Application(key, name, since, [])).scopes.extend(scopes)
        return list(known.values())


def _listed(applications: Sequence[_Application], token: str) -> Markup:
    if not applications:
        return fill("no_applications")
    return fill("applications", items=joined(_item(each, token) for each in applications))


def _item(application: _Application, token: str) -> Markup:
    facts: Mapping[str, str] = {
        "id": application.id,
        "client": application.name,
        "since": f"{application.since:%Y-%m-%d}",
        "scopes": in_words(application.scopes),
        "token": token,
    }
    return fill("application", **facts)
