"""Who may see a row that is not for the whole organization."""

from __future__ import annotations

from enum import StrEnum

from domain.permissions import ADMINISTRATIVE, Permission
from domain.viewer import Viewer


class NoteVisibility(StrEnum):
    """For whom a note is: its author, the author's team, or the organization (CU-48)."""

    PRIVATE = "PRIVATE"
    TEAM = "TEAM"
    PUBLIC = "PUBLIC"


def audience_of(visibility: NoteVisibility, user_id: str | None, team_id: str | None) -> str | None:
    """The one group that may see the row, or None for the whole organization.

    A team note of somebody without a team is for the organization.
    """
    if visibility is NoteVisibility.PRIVATE and user_id:
        return f"user:{user_id}"
    if visibility is NoteVisibility.TEAM and team_id:
        return f"team:{team_id}"
    return None


def may_see(viewer: Viewer, audience: str | None, author_id: str | None) -> bool:
    """Whether a row for an audience is for this viewer: everybody's, a group's, or one's own."""
    own = viewer.user_id is not None and author_id == viewer.user_id
    return own or audience is None or audience in audiences_of(viewer)


def holders_of(permission: Permission) -> str:
    """The group of everybody who holds a permission: what is told of access is for those who manage it."""
    return f"permission:{permission.value}"


def audiences_of(viewer: Viewer) -> tuple[str, ...]:
    """The groups a viewer belongs to."""
    own = f"user:{viewer.user_id}" if viewer.user_id else None
    team = f"team:{viewer.team_id}" if viewer.team_id else None
    holding = (holders_of(permission) for permission in sorted(viewer.permissions & ADMINISTRATIVE))
    return tuple(group for group in (own, team, *holding) if group)
