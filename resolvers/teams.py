"""Teams: reading them, making, renaming and deleting them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import exists, select, update

from domain.errors import Code, conflict, invalid, refuse
from domain.events import EventType
from domain.notes import Note
from domain.organizations import Team
from domain.permissions import Permission
from domain.texts import needed
from domain.users import User
from domain.values import ABSENT, Absent, present
from domain.viewer import Viewer
from domain.visibility import NoteVisibility, audience_of
from resolvers.reads import Listing, Statement, newest_first, reads, visible_to
from resolvers.unit import Keys, Unit, requires


@dataclass(frozen=True, slots=True)
class TeamDraft:
    """A team to be made."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamPatch:
    """Changes to a team."""

    id: str
    name: str | Absent | None = ABSENT


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamRemoval:
    """A team to be deleted, and the one that takes over its members and notes."""

    id: str
    move_to: str | Absent | None = ABSENT


@reads(Team, Permission.READ_USERS)
def visible(viewer: Viewer) -> Statement:
    """Teams of the organization."""
    return visible_to(viewer, Team)


@reads(Team, Permission.READ_USERS)
def search(viewer: Viewer, search: str | None = None) -> Listing:
    """Teams, newest first, perhaps only those whose name contains a text."""
    statement = visible_to(viewer, Team)
    if search:
        statement = statement.where(Team.name.icontains(search, autoescape=True))
    return Listing(statement, newest_first(Team))


async def existing(unit: Unit, id: str, field: str) -> Team:
    """A team that a request names; it stays until the unit is committed.

    Raises:
        DomainError: UNKNOWN_REFERENCE naming the field when there is no such team in the organization.
    """
    found = await unit.known(Team, id, lock=True)
    if found is None:
        raise refuse(Code.UNKNOWN_REFERENCE, f"{field} must be the id of a team; {id[:80]!r} is none.", field)
    return found


@requires(Permission.WRITE_USERS)
async def create(unit: Unit, draft: TeamDraft) -> Keys:
    """Make a team."""
    name = needed("name", draft.name).strip()
    team = Team(id=Team.new_id(), organization_id=unit.viewer.organization_id, name=name, created_at=unit.now)
    unit.add(team)
    unit.record(EventType.TEAM_CREATED, team, _facts(team))
    unit.audit("createTeam", team.id)
    return {"team": team.id}


@requires(Permission.WRITE_USERS)
async def change(unit: Unit, patch: TeamPatch) -> Keys:
    """Rename a team."""
    team = await unit.load(Team, patch.id)
    if not isinstance(patch.name, Absent):
        name = needed("name", patch.name).strip()
        if name != team.name:
            team.name = name
            unit.record(EventType.TEAM_UPDATED, team, _facts(team))
            unit.audit("updateTeam", team.id)
    return {"team": team.id}


@requires(Permission.WRITE_USERS)
async def delete(unit: Unit, removal: TeamRemoval) -> Keys:
    """Delete a team; its members and the notes meant for it go to another one, or there must be none.

    Without that, team notes would be left that nobody but their authors can read.
    """
    team = await unit.load(Team, removal.id)
    wanted = present(removal.move_to, None)
    heir = await existing(unit, wanted, "moveTo") if wanted else None
    if heir is team:
        raise invalid("moveTo", "moveTo must be another team.")
    members = (await unit.session.scalars(select(User.id).where(User.team_id == team.id))).all()
    if heir:
        await _move(unit, team, heir, members)
    elif members or await unit.session.scalar(select(exists().where(*_notes_of(team)))):
        raise conflict("The team has members or notes; moveTo names the team that takes them over.", "moveTo")
    unit.record(EventType.TEAM_DELETED, team, _facts(team) | {"movedTo": heir.id if heir else None})
    unit.audit("deleteTeam", team.id)
    await unit.flush()
    await unit.session.delete(team)
    return {"deleted_id": team.id}


async def _move(unit: Unit, team: Team, heir: Team, members: Sequence[str]) -> None:
    for entity, own, value in (
        (User, (User.team_id == team.id,), {"team_id": heir.id}),
        (Note, _notes_of(team), {"audience": _audience(heir)}),
    ):
        statement = update(entity).where(*own).values(value)
        await unit.session.execute(statement.execution_options(synchronize_session=False))
    unit.access_changed(*members)


def _notes_of(team: Team) -> tuple[Any, ...]:
    return (Note.organization_id == team.organization_id, Note.audience == _audience(team))


def _audience(team: Team) -> str | None:
    return audience_of(NoteVisibility.TEAM, None, team.id)


def _facts(team: Team) -> dict[str, Any]:
    return {"id": team.id, "name": team.name}
