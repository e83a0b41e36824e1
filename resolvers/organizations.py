"""The organization itself: reading it, and changing what it approves."""

from __future__ import annotations

from dataclasses import dataclass

from domain.errors import invalid
from domain.events import EventType
from domain.organizations import Organization
from domain.permissions import Permission
from domain.texts import needed
from domain.values import ABSENT, Absent
from domain.viewer import Viewer
from resolvers.reads import Statement, ToOne, reads, visible_to
from resolvers.unit import Keys, Unit, requires

SOURCES = 200
"""Most lead sources an organization can approve."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganizationPatch:
    """Changes to the viewer's organization; absent stays, an empty list of sources approves every source."""

    name: str | Absent | None = ABSENT
    approved_lead_sources: list[str] | Absent | None = ABSENT


@reads(Organization, Permission.READ_USERS)
def visible(viewer: Viewer) -> Statement:
    """The viewer's own organization, the only one there is for it."""
    return visible_to(viewer, Organization)


async def own(unit: Unit) -> Organization:
    """The organization a unit works in."""
    found = await unit.first(Organization)
    if found is None:
        raise LookupError(f"organization {unit.viewer.organization_id}")
    return found


@requires(Permission.ADMIN)
async def change(unit: Unit, patch: OrganizationPatch) -> Keys:
    """Rename the organization, or say where its leads may come from (CU-19)."""
    organization = await unit.load(Organization, unit.viewer.organization_id)
    before = (organization.name, organization.approved_lead_sources)
    if not isinstance(patch.name, Absent):
        organization.name = needed("name", patch.name).strip()
    if not isinstance(patch.approved_lead_sources, Absent):
        organization.approved_lead_sources = _sources(patch.approved_lead_sources or [])
    if before != (organization.name, organization.approved_lead_sources):
        facts = {"name": organization.name, "approvedLeadSources": organization.approved_lead_sources}
        unit.record(EventType.ORGANIZATION_UPDATED, organization, facts)
    return {"organization": organization.id}


def _sources(wanted: list[str]) -> list[str]:
    if len(wanted) > SOURCES:
        raise invalid("approvedLeadSources", f"approvedLeadSources must be at most {SOURCES} names.")
    return list(dict.fromkeys(needed("approvedLeadSources", source).strip() for source in wanted))


of_viewer = ToOne(visible, "organization")
