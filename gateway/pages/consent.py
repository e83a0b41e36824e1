"""The authorization endpoint in a browser: sign in, be asked, allow or deny (CU-07)."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import parse_qsl, urlsplit

from starlette.responses import Response

from gateway.oauth.authorization import AuthorizationRequest, Authorizations, CannotRedirect, RedirectError
from gateway.pages.answers import back_to_client, page, problem, where_to
from gateway.pages.forms import FormRefused
from gateway.pages.html import fill
from gateway.pages.scopes import in_words
from gateway.pages.sessions import SignedIn
from gateway.pages.sign_in import SignIn
from gateway.pages.visit import Visit

_MOST_PARAMETERS = 100
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


class ConsentPage:
    """Asks whoever is signed in whether a client may act for them. It asks every time, whatever was allowed before:
    a client is known by its redirect URI alone, and what it asks for may have grown.
    """

    def __init__(self, authorizations: Authorizations, sign_in: SignIn) -> None:
        self._authorizations = authorizations
        self._sign_in = sign_in

    async def show(self, visit: Visit) -> Response:
        """The question, or before it the form to sign in."""
        checked = await self._checked(visit)
        if isinstance(checked, Response):
            return checked
        signed_in = _entitled(visit, checked)
        return (
            _question(visit, checked, signed_in) if signed_in else self._sign_in.form(visit, _purpose(visit, checked))
        )

    async def act(self, visit: Visit) -> Response:
        """What a form of this page asks for."""
        checked = await self._checked(visit)
        if isinstance(checked, Response):
            return checked
        match visit.action:
            case "sign-in":
                return await self._let_in(visit, checked)
            case "sign-out":
                return await self._sign_in.out(visit, visit.here)
            case "allow" | "deny":
                return await self._answer(visit, checked)
        raise FormRefused(400, "The form does not say what to do.")

    async def _checked(self, visit: Visit) -> AuthorizationRequest | Response:
        try:
            return await self._authorizations.check(_parameters(visit.query), visit.dialect)
        except CannotRedirect as refusal:
            visit.call.code = refusal.error
            text = f"It cannot be used to sign in to an application. {refusal.description}"
            return problem(visit.request, "This link does not work", text, 400, refusal.error)
        except RedirectError as refusal:
            visit.call.code = refusal.error
            return back_to_client(refusal.url)

    async def _let_in(self, visit: Visit, checked: AuthorizationRequest) -> Response:
        found = await self._sign_in.members(visit, checked.organization_id, checked.client_id, _purpose(visit, checked))
        if isinstance(found, Response):
            return found
        return await self._sign_in.let_in(visit, found[0].user_id, found[0].organization_id, visit.here)

    async def _answer(self, visit: Visit, checked: AuthorizationRequest) -> Response:
        signed_in = _entitled(visit, checked)
        if signed_in is None:
            return self._sign_in.form(visit, _purpose(visit, checked), "Sign in first.", 403)
        if visit.action == "deny":
            return back_to_client(self._authorizations.deny(checked))
        try:
            return back_to_client(await self._authorizations.approve(checked, signed_in.user_id))
        except RedirectError as refusal:
            visit.call.code = refusal.error
            return back_to_client(refusal.url)


def _parameters(query: str) -> Sequence[tuple[str, str]]:
    try:
        return parse_qsl(query, keep_blank_values=True, max_num_fields=_MOST_PARAMETERS)
    except ValueError:
        raise CannotRedirect("invalid_request", f"It has more than {_MOST_PARAMETERS} parameters.") from None


def _entitled(visit: Visit, checked: AuthorizationRequest) -> SignedIn | None:
    """Who is signed in, if it is somebody of the client's organization."""
    signed_in = visit.signed_in
    if signed_in is None or signed_in.organization_id != checked.organization_id:
        return None
    visit.call.viewer = signed_in.viewer(checked.client_id)
    return signed_in


def _purpose(visit: Visit, checked: AuthorizationRequest) -> str:
    if visit.signed_in:
        return (
            f"You are signed in to {visit.signed_in.organization}, but {checked.client_name} belongs to another "
            "organization. Sign in there to continue."
        )
    return f"Sign in to continue to {checked.client_name}."


def _question(visit: Visit, checked: AuthorizationRequest, signed_in: SignedIn) -> Response:
    destination, where = _destination(checked.redirect_uri)
    body = fill(
        "consent",
        client=checked.client_name,
        organization=signed_in.organization,
        name=signed_in.name,
        email=signed_in.email,
        scopes=in_words(checked.scopes),
        account=f"{visit.root}account",
        destination=destination,
        where=where,
        token=visit.token,
    )
    return page(f"Allow {checked.client_name} access?", body, targets=where_to(checked.redirect_uri))


def _destination(redirect_uri: str) -> tuple[str, str]:
    """Where the answer goes, as far as a person can judge it: the site, this machine, or an application on it."""
    parts = urlsplit(redirect_uri)
    if parts.scheme not in ("http", "https"):
        return f"{parts.scheme}:", ", an application on this device"
    site = f"{parts.scheme}://{parts.netloc}"
    return site, ", a program on this device" if parts.hostname in _LOOPBACK else ""
