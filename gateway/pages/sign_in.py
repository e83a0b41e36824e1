"""Signing in and out: the form, and what becomes of it."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.responses import Response

from domain.passwords import LONGEST
from gateway.calls import Holder
from gateway.pages.answers import page, redirect
from gateway.pages.cookies import Cookies
from gateway.pages.html import alert, fill
from gateway.pages.known_browsers import KnownBrowsers
from gateway.pages.logins import Logins, Member, TooManyFailures, Whence
from gateway.pages.sessions import Sessions
from gateway.pages.visit import Visit

_WRONG = "The e-mail address or the password is wrong."


class SignIn:
    """Lets people in by e-mail address and password, and out again."""

    def __init__(self, logins: Logins, sessions: Sessions, cookies: Cookies, known: KnownBrowsers) -> None:
        self._logins = logins
        self._sessions = sessions
        self._cookies = cookies
        self._known = known

    def form(self, visit: Visit, purpose: str, problem: str | None = None, status: int = 200) -> Response:
        """The form; `purpose` says what it is for, `problem` what was wrong the last time."""
        body = fill(
            "login",
            alert=alert(problem),
            purpose=purpose,
            token=visit.token,
            email=visit.form.get("email", "")[:LONGEST],
            longest=LONGEST,
        )
        return page("Error: Sign in" if problem else "Sign in", body, status)

    async def members(
        self, visit: Visit, organization_id: str | None, client_id: str, purpose: str
    ) -> Sequence[Member] | Response:
        """Whom the form stands for, at least one; else the form again, saying why not."""

        def failed(member: Member | None) -> None:
            home = member.organization_id if member else organization_id
            if home:
                visit.call.holder = Holder(home, client_id, None, member.user_id if member else None)

        # Who was signed in before has nothing to do with who tries now.
        visit.call.viewer = None
        email, password = visit.form.get("email", ""), visit.form.get("password", "")
        try:
            found = await self._logins.members(organization_id, email, password, self.whence(visit), failed)
        except TooManyFailures as refusal:
            return too_many(visit, refusal, self.form(visit, purpose, waiting(refusal), 429))
        if found:
            return found
        visit.call.code = "WRONG_PASSWORD"
        return self.form(visit, purpose, _WRONG, 403)

    def whence(self, visit: Visit) -> Whence:
        """Where a visit comes from, as far as failures are counted by it."""
        return Whence(visit.call.address, self._known.read(self._cookies.known(visit.request)))

    async def let_in(self, visit: Visit, user_id: str, organization_id: str, to: str) -> Response:
        """Begin a session, under a value that nobody has seen before, and go on."""
        replaced = self._cookies.session(visit.request)
        value = await self._sessions.begin(user_id, organization_id, replaced)
        signed_in = await self._sessions.find(value)
        visit.call.viewer = signed_in.viewer() if signed_in else None
        response = redirect(to)
        self._cookies.sign_in(response, value, int(self._sessions.lifetime.total_seconds()))
        self._cookies.remember(response, self._known.mark(user_id), int(self._known.lifetime.total_seconds()))
        return response

    async def out(self, visit: Visit, to: str) -> Response:
        """End the session, and go on."""
        if visit.signed_in:
            await self._sessions.end(visit.signed_in.value)
        response = redirect(to)
        self._cookies.sign_out(response)
        return response


def waiting(refusal: TooManyFailures) -> str:
    """How long it takes until somebody may try again, in words."""
    minutes = -(-refusal.retry_after // 60)
    span = "a minute" if minutes == 1 else f"{minutes} minutes"
    return f"Too many attempts have failed. Try again in {span}; until then the right password does not help either."


def too_many(visit: Visit, refusal: TooManyFailures, response: Response) -> Response:
    """The answer to one attempt too many."""
    visit.call.code = "RATE_LIMITED"
    response.headers["Retry-After"] = str(refusal.retry_after)
    return response
