"""Reads of the organization itself and its teams."""

from __future__ import annotations

from domain.organizations import Organization, Team
from domain.permissions import Permission
from domain.viewer import Viewer
from resolvers.reads import Statement, ToOne, reads, visible_to
from resolvers.unit import Unit


@reads(Organization, Permission.READ_USERS)
def visible(viewer: Viewer) -> Statement:
    """The viewer's own organization, the only one there is for it."""
    return visible_to(viewer, Organization)


@reads(Team, Permission.READ_USERS)
def visible_teams(viewer: Viewer) -> Statement:
    """Teams of the organization."""
    return visible_to(viewer, Team)


async def own(unit: Unit) -> Organization:
    """The organization a unit works in."""
    return await unit.session.get_one(Organization, unit.viewer.organization_id)


of_viewer = ToOne(visible, "organization")
