"""The page of a campaign for one company, for staff of its organization: what `analytics_dashboard` leads to (X-26)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import select
from starlette.responses import Response

from domain.abm import AbmCampaign
from domain.errors import Code, DomainError
from gateway.database import Database
from gateway.doors import Contexts
from gateway.graphql.own_document import OwnDocument
from gateway.pages.answers import page
from gateway.pages.campaign_sections import campaign_body
from gateway.pages.forms import FormRefused
from gateway.pages.html import fill
from gateway.pages.sessions import SignedIn
from gateway.pages.sign_in import SignIn
from gateway.pages.visit import Visit
from schema.graph import graphql_schema

CAMPAIGNS_PATH = "/campaigns/"
_DOCUMENT = OwnDocument(graphql_schema, Path(__file__).with_name("campaign.graphql"))
_PURPOSE = "Sign in to see this campaign."


class CampaignPage:
    """Shows staff how a campaign of their organization does; it has no other reading of it than the graph's."""

    def __init__(self, database: Database, contexts: Contexts, sign_in: SignIn) -> None:
        self._database = database
        self._contexts = contexts
        self._sign_in = sign_in

    async def show(self, visit: Visit) -> Response:
        """The page, or before it the form to sign in."""
        signed_in = visit.signed_in
        if signed_in is None:
            return self._sign_in.form(visit, _PURPOSE)
        try:
            found = await self._read(visit, signed_in)
        except DomainError as error:
            if error.code is not Code.FORBIDDEN:
                raise
            visit.call.code = error.code
            return _other(visit, signed_in, "Not for you", "Your role does not let you see campaigns.", 403)
        if found is None:
            visit.call.code = Code.NOT_FOUND
            return _other(visit, signed_in, "Not found", "There is no such campaign in your organization.", 404)
        body = fill(
            "campaign",
            content=campaign_body(found),
            organization=signed_in.organization,
            person=signed_in.name,
            account=f"{visit.root}account",
            token=visit.token,
        )
        return page(f"Campaign {found['name']}", body, wide=True)

    async def act(self, visit: Visit) -> Response:
        """What a form of this page asks for."""
        match visit.action:
            case "sign-in":
                return await self._let_in(visit)
            case "sign-out":
                return await self._sign_in.out(visit, visit.here)
        raise FormRefused(400, "The form does not say what to do.")

    async def _let_in(self, visit: Visit) -> Response:
        """Somebody whose address is known in several organizations comes in to the one whose campaign it is; whether it
        is anybody's is not told to who has no password.
        """
        found = await self._sign_in.members(visit, None, "", _PURPOSE)
        if isinstance(found, Response):
            return found
        rows = await self._database.rows(select(AbmCampaign.organization_id).where(AbmCampaign.id == _id(visit)))
        owners = {row[0] for row in rows}
        member = next((each for each in found if each.organization_id in owners), found[0])
        return await self._sign_in.let_in(visit, member.user_id, member.organization_id, visit.here)

    async def _read(self, visit: Visit, signed_in: SignedIn) -> dict[str, Any] | None:
        """The campaign as the graph tells it; None when there is none for this person.

        Raises:
            DomainError: the person may not see campaigns, or the graph is not to be had.
        """
        context = self._contexts.make(signed_in.reader(), visit.call.request_id, trusted=True)
        found: dict[str, Any] | None = (await _DOCUMENT.run(context, id=_id(visit)))["campaign"]
        return found


def _other(visit: Visit, signed_in: SignedIn, title: str, text: str, status: int) -> Response:
    body = fill(
        "no_campaign",
        title=title,
        message=text,
        organization=signed_in.organization,
        person=signed_in.name,
        token=visit.token,
    )
    return page(title, body, status)


def _id(visit: Visit) -> str:
    return str(visit.request.scope["path"]).removeprefix(CAMPAIGNS_PATH)
