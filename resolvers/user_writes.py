"""What can be done with staff: invite, change, disable, enable, and give a new way in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, update

from domain.credentials import hash_of
from domain.errors import conflict, required
from domain.events import EventType
from domain.grants import Grant
from domain.organizations import Organization
from domain.permissions import Permission, Role
from domain.ports import Letter
from domain.sessions import INVITATION_SECONDS, BrowserSession, Invitation, invitation_link, new_invitation
from domain.texts import email, line, needed
from domain.users import User
from domain.values import ABSENT, Absent, ShownOnce, iso, present
from resolvers import teams
from resolvers.reads import visible_to
from resolvers.unit import Keys, Unit, requires


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitee:
    """Somebody who is to become a member of staff; without a name the address begins with one."""

    email: str
    role: Role
    name: str | Absent | None = ABSENT
    team_id: str | Absent | None = ABSENT


@dataclass(frozen=True, slots=True, kw_only=True)
class UserPatch:
    """Changes to a member of staff: absent stays, a null team is none."""

    id: str
    name: str | Absent | None = ABSENT
    role: Role | Absent | None = ABSENT
    team_id: str | Absent | None = ABSENT


@requires(Permission.WRITE_USERS)
async def invite(unit: Unit, invitee: Invitee) -> Keys:
    """Make a member of staff, who sets a password with the link of the invitation; it is mailed and shown once."""
    address = email("email", invitee.email).lower()
    _check_authority(unit, invitee.role)
    if await unit.find(visible_to(unit.viewer, User).where(User.email == address)):
        raise conflict("A member of staff has this e-mail address already.", "email")
    team = present(invitee.team_id, None)
    user = User(
        id=User.new_id(),
        organization_id=unit.viewer.organization_id,
        created_at=unit.now,
        team_id=(await teams.existing(unit, team, "teamId")).id if team else None,
        name=line("name", present(invitee.name, None)) or address.partition("@")[0],
        email=address,
        role=invitee.role,
    )
    unit.add(user)
    await unit.flush()
    return await _invited(unit, user, "inviteUser")


@requires(Permission.WRITE_USERS)
async def invite_again(unit: Unit, id: str) -> Keys:
    """Send a member of staff without a password a new invitation; the earlier link stops working."""
    user = await _active(unit, id)
    if user.password_hash is not None:
        raise conflict("This member of staff has a password already; it can be reset.", "userId")
    return await _invited(unit, user, "resendInvitation")


@requires(Permission.WRITE_USERS)
async def reset_password(unit: Unit, id: str) -> Keys:
    """Take a member of staff's password away and send a link to set a new one; whoever is signed in is signed out."""
    user = await _active(unit, id)
    user.password_hash = None
    await _sign_out(unit, user)
    link = await _invitation(unit, user, "Your password has been reset")
    unit.record(EventType.USER_UPDATED, user, facts(user))
    unit.audit("resetPassword", user.id)
    return {"user": user.id, "invitation_url": link}


@requires(Permission.WRITE_USERS)
async def change(unit: Unit, patch: UserPatch) -> Keys:
    """Rename a member of staff, or give another role or team."""
    demoting = not isinstance(patch.role, Absent) and patch.role is not Role.ADMIN
    admins = await _administrators(unit) if demoting else {}
    user = await unit.load(User, patch.id)
    taken = await _taken(unit, patch)
    if "role" in taken and taken["role"] is not user.role:
        _check_authority(unit, user.role, taken["role"])
        if _is_last(user, admins):
            raise conflict("The last administrator cannot become something else.", "role")
    changed = {name for name, value in taken.items() if getattr(user, name) != value}
    for name in changed:
        setattr(user, name, taken[name])
    if changed:
        unit.record(EventType.USER_UPDATED, user, facts(user))
        unit.audit("updateUser", user.id)
    if changed & {"role", "team_id"}:
        unit.access_changed(user.id)
    return {"user": user.id}


@requires(Permission.WRITE_USERS)
async def disable(unit: Unit, id: str) -> Keys:
    """Shut a member of staff out: sessions, invitations and authorizations end, keys rest until the user is enabled."""
    admins = await _administrators(unit)
    user = await unit.load(User, id)
    _check_authority(unit, user.role)
    if user.disabled_at is not None:
        return {"user": user.id}
    if _is_last(user, admins):
        raise conflict("The last administrator cannot be disabled.", "id")
    user.disabled_at = unit.now
    await _sign_out(unit, user)
    await _drop_invitations(unit, user)
    ended = update(Grant).where(Grant.user_id == user.id, Grant.revoked_at.is_(None)).values(revoked_at=unit.now)
    await unit.session.execute(ended.execution_options(synchronize_session=False))
    unit.record(EventType.USER_DISABLED, user, facts(user))
    unit.audit("disableUser", user.id)
    unit.access_changed(user.id)
    return {"user": user.id}


@requires(Permission.WRITE_USERS)
async def enable(unit: Unit, id: str) -> Keys:
    """Let a disabled member of staff in again; keys of clients that act for the user work again."""
    user = await unit.load(User, id)
    _check_authority(unit, user.role)
    if user.disabled_at is not None:
        user.disabled_at = None
        unit.record(EventType.USER_ENABLED, user, facts(user))
        unit.audit("enableUser", user.id)
        unit.access_changed(user.id)
    return {"user": user.id}


@requires(Permission.ADMIN)
async def set_password(unit: Unit, id: str, password_hash: str) -> Keys:
    """Give a member of staff a password by its hash, on behalf of whoever runs the server."""
    user = await _active(unit, id)
    user.password_hash = password_hash
    await _sign_out(unit, user)
    await _drop_invitations(unit, user)
    unit.record(EventType.USER_UPDATED, user, facts(user))
    unit.audit("setPassword", user.id)
    return {"user": user.id}


def facts(user: User) -> dict[str, Any]:
    """A member of staff as events tell it."""
    return {
        "id": user.id,
        "name": user.name,
        "email": user.email,
        "role": user.role,
        "teamId": user.team_id,
        "disabledAt": iso(user.disabled_at) if user.disabled_at else None,
    }


def _check_authority(unit: Unit, *roles: Role) -> None:
    """Who may only manage users does not become an administrator by making, changing or taking over one."""
    if Role.ADMIN in roles:
        unit.viewer.require(Permission.ADMIN)


async def _administrators(unit: Unit) -> dict[str, bool]:
    """The administrators who are not disabled, and whether they have a password.

    They are locked, so that of two who disable each other one comes second.
    """
    statement = visible_to(unit.viewer, User).where(User.role == Role.ADMIN, User.disabled_at.is_(None))
    columns = statement.with_only_columns(User.id, User.password_hash.is_not(None))
    found = await unit.session.execute(columns.order_by(User.id).with_for_update())
    return {row[0]: row[1] for row in found}


def _is_last(user: User, admins: dict[str, bool]) -> bool:
    """Whether nobody would be left in a user's place: an invitation nobody has accepted may never let anybody in."""
    others = {id_ for id_, joined in admins.items() if id_ != user.id and (joined or user.password_hash is None)}
    return user.id in admins and not others


async def _active(unit: Unit, id: str) -> User:
    user = await unit.load(User, id, "userId")
    _check_authority(unit, user.role)
    if user.disabled_at is not None:
        raise conflict("This member of staff is disabled.", "userId")
    return user


async def _taken(unit: Unit, patch: UserPatch) -> dict[str, Any]:
    taken: dict[str, Any] = {}
    if not isinstance(patch.name, Absent):
        taken["name"] = needed("name", patch.name).strip()
    if patch.role is None:
        raise required("role")
    if not isinstance(patch.role, Absent):
        taken["role"] = patch.role
    if not isinstance(patch.team_id, Absent):
        taken["team_id"] = (await teams.existing(unit, patch.team_id, "teamId")).id if patch.team_id else None
    return taken


async def _invited(unit: Unit, user: User, operation: str) -> Keys:
    organization = await unit.session.get_one(Organization, user.organization_id)
    link = await _invitation(unit, user, f"Your invitation to {organization.name}")
    unit.record(EventType.USER_INVITED, user, facts(user))
    unit.audit(operation, user.id)
    return {"user": user.id, "invitation_url": link}


async def _invitation(unit: Unit, user: User, subject: str) -> ShownOnce:
    """A fresh invitation, the only one that works, on its way by mail."""
    await _drop_invitations(unit, user)
    token = new_invitation()
    invitation = Invitation(
        id=Invitation.new_id(),
        organization_id=user.organization_id,
        created_at=unit.now,
        user_id=user.id,
        hash=hash_of(token),
        expires_at=unit.now + timedelta(seconds=INVITATION_SECONDS),
    )
    unit.add(invitation)
    link = invitation_link(unit.public_url, token)
    body = (
        f"Hello {user.name},\n\nset your password here, until {invitation.expires_at:%Y-%m-%d %H:%M} UTC:\n\n{link}\n\n"
        "Whoever has this link can use it once, so keep it to yourself. If you do not expect it, ignore it.\n"
    )
    unit.post(Letter(invitation.id, user.email, subject, body))
    return ShownOnce(link)


async def _drop_invitations(unit: Unit, user: User) -> None:
    await unit.session.execute(delete(Invitation).where(Invitation.user_id == user.id, Invitation.used_at.is_(None)))


async def _sign_out(unit: Unit, user: User) -> None:
    await unit.session.execute(delete(BrowserSession).where(BrowserSession.user_id == user.id))
