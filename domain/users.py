"""Members of staff."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from domain.entity import Entity, Owned
from domain.permissions import ROLE_PERMISSIONS, Permission, Role


class UserStatus(StrEnum):
    """Where a member of staff stands: invited without a password yet, active, or disabled."""

    INVITED = "INVITED"
    ACTIVE = "ACTIVE"
    DISABLED = "DISABLED"


class User(Owned, Entity):
    """A member of staff of an organization; not the end user of somebody's product.

    `password_hash` is an Argon2 hash, and absent until an invitation was accepted.
    """

    __tablename__ = "user"
    __table_args__ = (Index("ux_user_email", "organization_id", "email", unique=True),)
    prefix, label = "user", "User"

    team_id: Mapped[str | None] = mapped_column(ForeignKey("team.id", ondelete="SET NULL"))
    name: Mapped[str]
    email: Mapped[str]
    role: Mapped[Role]
    password_hash: Mapped[str | None]
    disabled_at: Mapped[datetime | None]


def permissions_of(role: Role) -> list[Permission]:
    """What a role may do, in the order the permissions are declared."""
    return [permission for permission in Permission if permission in ROLE_PERMISSIONS[role]]
