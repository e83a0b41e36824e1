"""Rows as the rules would have made them, and how they get into the database."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from domain.contacts import Contact, domain_of
from domain.entity import Entity
from domain.events import EventType
from domain.leads import Lead, LeadStatus, status_of
from domain.organizations import Organization
from domain.permissions import Permission
from domain.scoring import given_score, score
from domain.viewer import Viewer
from resolvers.unit import Unit


def new_lead(id: str, organization_id: str, at: datetime, **known: Any) -> Lead:
    """A lead with its score, its contact's name and the words search looks at."""
    status, word = status_of(known.pop("status", LeadStatus.NEW))
    given, contact = known.pop("score", None), known.pop("contact", None)
    updated_at = known.pop("updated_at", at)
    lead = Lead(
        id=id,
        organization_id=organization_id,
        created_at=at,
        updated_at=updated_at,
        status=LeadStatus.NEW,
        status_text="",
        tags=known.pop("tags", []),
        custom_fields=known.pop("custom_fields", {}),
        contact_id=contact.id if contact else None,
        **known,
    )
    lead.take_status(status, word, updated_at)
    counted = score(lead) if given is None else given_score(given)
    lead.score, lead.score_given = counted.points, given is not None
    lead.score_reasons = [{"points": reason.points, "reason": reason.reason} for reason in counted.reasons]
    lead.campaign_id = lead.custom_fields.get("campaignId")
    lead.index_words()
    return lead


def new_contact(id: str, organization_id: str, at: datetime, email: str, **known: Any) -> Contact:
    """A person; `account` is the company whose domain the address has."""
    account = known.pop("account", None)
    return Contact(
        id=id,
        organization_id=organization_id,
        created_at=at,
        email=email,
        host=domain_of(email),
        account_id=account.id if account else None,
        **known,
    )


def values_of(entity: Entity) -> dict[str, Any]:
    """An entity as its row, by column names, with the defaults of what was not said."""
    known = entity.__dict__
    return {column: known.get(attribute, default) for attribute, column, default in _columns(type(entity))}


@cache
def _columns(entity: type[Entity]) -> list[tuple[str, str, Any]]:
    found = []
    for attribute in entity.__mapper__.column_attrs:
        column = attribute.columns[0]
        default = column.default.arg if column.default is not None and column.default.is_scalar else None
        found.append((attribute.key, column.name, default))
    return found


async def put(session: AsyncSession, table: Any, rows: Sequence[dict[str, Any]]) -> None:
    """Insert rows of one table."""
    if rows:
        await session.execute(insert(table), list(rows))


def seeder(organization_id: str) -> Viewer:
    """On whose behalf rows are put in: nobody's, with every permission, in one organization."""
    return Viewer(organization_id, "seed", None, None, frozenset(Permission), (), None, "Enterprise", "Seed")


def tell(unit: Unit, organization: Organization, counts: dict[str, int]) -> None:
    """Record that rows came in without events of their own, so that readers know that lists have changed."""
    unit.record(EventType.LEADS_LOADED, organization, {"rows": counts})
