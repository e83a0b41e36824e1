"""Passwords that people set themselves: the first one with an invitation, later ones when they like.

Who may is settled before: by the secret of an invitation, or by a session. So no permission is asked for here.
"""

from __future__ import annotations

from sqlalchemy import delete, exists, select

from domain.credentials import hash_of
from domain.errors import not_found
from domain.events import EventType
from domain.organizations import Organization
from domain.sessions import BrowserSession, Invitation
from domain.users import User
from resolvers.reads import Statement
from resolvers.unit import Keys, Unit
from resolvers.user_writes import facts


def invited(token: str) -> Statement:
    """Whom an invitation's secret is for, by the names pages know people by, and until when."""
    return (
        select(
            User.id.label("user_id"),
            User.organization_id,
            Organization.name.label("organization"),
            User.name,
            User.email,
            Invitation.expires_at,
        )
        .join(User, User.id == Invitation.user_id)
        .join(Organization, Organization.id == User.organization_id)
        .where(Invitation.hash == hash_of(token), Invitation.used_at.is_(None), User.disabled_at.is_(None))
    )


async def accept(unit: Unit, token: str, password_hash: str) -> Keys:
    """Set the password of somebody with an invitation, which is used up by it; whoever was signed in is signed out.

    Raises:
        DomainError: NOT_FOUND when the invitation does not work, or no longer.
    """
    found = select(Invitation).where(Invitation.hash == hash_of(token)).with_for_update()
    invitation: Invitation | None = await unit.find(found)
    if invitation is None or invitation.used_at is not None or invitation.expires_at <= unit.now:
        raise not_found(Invitation.label, "")
    user = await unit.load(User, invitation.user_id)
    if user.disabled_at is not None:
        raise not_found(Invitation.label, "")
    came_before = await _came_before(unit, user)
    invitation.used_at = unit.now
    await _set(unit, user, password_hash)
    unit.record(EventType.USER_UPDATED if came_before else EventType.USER_JOINED, user, facts(user))
    unit.audit("acceptInvitation", user.id)
    return {"user": user.id}


async def change(unit: Unit, password_hash: str) -> Keys:
    """Change the viewer's own password; every session ends, the one it was changed in too.

    Raises:
        DomainError: NOT_FOUND when the viewer is gone or disabled.
    """
    user = await unit.load(User, unit.viewer.user_id or "")
    if user.disabled_at is not None:
        raise not_found(User.label, user.id)
    await _set(unit, user, password_hash)
    unit.audit("changePassword", user.id)
    return {"user": user.id}


async def _came_before(unit: Unit, user: User) -> bool:
    """Whether the user has accepted an invitation before; this one then only resets a password."""
    used = exists().where(Invitation.user_id == user.id, Invitation.used_at.is_not(None))
    return bool(await unit.session.scalar(select(used)))


async def _set(unit: Unit, user: User, password_hash: str) -> None:
    user.password_hash = password_hash
    await unit.session.execute(delete(BrowserSession).where(BrowserSession.user_id == user.id))
