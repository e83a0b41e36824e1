"""Reads of the people of a company that campaigns are for."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import or_

from domain.abm import CampaignPersona
from domain.accounts import name_key
from domain.content import Content
from domain.permissions import Permission
from domain.personas import Persona
from domain.viewer import Viewer
from resolvers.reads import Listing, Statement, ToMany, ToOne, newest_first, reads, visible_to
from resolvers.sql import contains, equals


@dataclass(frozen=True, slots=True)
class PersonaFilter:
    """Which personas are wanted."""

    account: str | None = None
    contact: str | None = None
    role: str | None = None
    min_influence: float | None = None
    search: str | None = None


@reads(Persona, Permission.READ_ACCOUNTS)
def visible(viewer: Viewer) -> Statement:
    """Personas of the organization."""
    return visible_to(viewer, Persona)


@reads(Persona, Permission.READ_ACCOUNTS)
def search(viewer: Viewer, where: PersonaFilter | None = None) -> Listing:
    """Personas, newest first."""
    statement = visible_to(viewer, Persona)
    where = where or PersonaFilter()
    if where.account:
        statement = statement.where(Persona.account_id == where.account)
    if where.contact:
        statement = statement.where(Persona.contact_id == where.contact)
    if where.role:
        statement = statement.where(equals(where.role, Persona.role))
    if where.min_influence is not None:
        statement = statement.where(Persona.influence >= where.min_influence)
    if where.search:
        named = contains(name_key(where.search), Persona.name_key)
        statement = statement.where(or_(named, contains(where.search, Persona.title)))
    return Listing(statement, newest_first(Persona))


of_account = ToMany(search, Persona.account_id)
of_contact = ToMany(search, Persona.contact_id)
of_campaign = ToMany(
    search, CampaignPersona.campaign_id, through=(CampaignPersona, CampaignPersona.persona_id == Persona.id)
)
of_content = ToOne(visible, Content.persona_id)
