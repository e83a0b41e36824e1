"""The organization, its staff, and who is asking."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import strawberry

from domain.users import permissions_of
from domain.viewer import Viewer as Asking
from domain.writing import dollars
from resolvers import compliance_items, leads, organizations, tasks, teams, users
from resolvers.reads import ToOne
from schema.budget import Budget, left
from schema.compliance_filters import ComplianceItemFilter, ComplianceItemSort
from schema.engine.forms import collection, column, connection, derived, link, one, own, service
from schema.enums import Dialect, Permission, Role, UserStatus
from schema.filters import LeadFilter, LeadSort, TaskFilter
from schema.nodes import Connection, Node

if TYPE_CHECKING:
    from schema.compliance import ComplianceItem
    from schema.leads import Lead
    from schema.tasks import Task


def _dollars(amount: int | None) -> float | None:
    return None if amount is None else dollars(amount)


@strawberry.type(description="A tenant: everything else belongs to exactly one.")
class Organization(Node, read=organizations.visible):
    """A tenant."""

    name: str
    approved_lead_sources: list[str] = strawberry.field(
        description="Where leads may come from; an empty list approves every source."
    )
    writer_enabled: bool = strawberry.field(description="Whether language models may be used for it.")
    writer_monthly_budget: float | None = derived(
        _dollars, "writer_budget_micros", description="Its own budget for them in US dollars; null is the server's."
    )
    created_at: datetime


@strawberry.type(description="Staff who share their team notes.")
class Team(Node, read=teams.visible):
    """Staff who share their team notes."""

    name: str
    created_at: datetime
    members: Connection["User"] = collection(users.of_team, "Who is in the team.", search=str)


@strawberry.type(description="A member of staff.")
class User(Node, read=users.visible):
    """A member of staff."""

    name: str
    email: str
    role: Role
    permissions: list[Permission] = derived(permissions_of, "role", description="What the role may do.")
    created_at: datetime
    disabled_at: datetime | None = strawberry.field(description="Since when the user is shut out.")
    status: UserStatus = column(users.status, "Whether the user has a password yet, and is let in.")
    team: Team | None = link(users.team)
    assigned_leads: Connection[Annotated["Lead", strawberry.lazy("schema.leads")]] = collection(
        leads.of_user, "Leads this user looks after.", where=LeadFilter, sort=LeadSort
    )
    tasks: Connection[Annotated["Task", strawberry.lazy("schema.tasks")]] = collection(
        tasks.of_user, "Tasks this user has.", where=TaskFilter
    )
    compliance_items: Connection[Annotated["ComplianceItem", strawberry.lazy("schema.compliance")]] = collection(
        compliance_items.of_user,
        "What this user sees to by when.",
        where=ComplianceItemFilter,
        sort=ComplianceItemSort,
    )


@strawberry.type(description="Who is asking, and what that credential may do.")
class Viewer:
    """Who is asking, and what that credential may do."""

    name: str = strawberry.field(description="What the credential is called.")
    dialect: Dialect | None = strawberry.field(description="The older product the credential was made for, if any.")
    tier: str
    scopes: list[str]
    permissions: list[Permission] = strawberry.field(description="What the user's role and the scopes both allow.")
    user: User | None = link(ToOne(users.visible, "user"), "The user the credential stands for.")
    budget: Budget = service(left, "What is left of the credential's limits.")
    organization: Organization | None = link(organizations.of_viewer)


def who(viewer: Asking) -> dict[str, Any]:
    """What a credential says of itself."""
    return {
        "name": viewer.name,
        "dialect": viewer.dialect,
        "tier": viewer.tier,
        "scopes": list(viewer.scopes),
        "permissions": [permission for permission in Permission if permission in viewer.permissions],
        "user": viewer.user_id,
        "organization": viewer.organization_id,
    }


@strawberry.type
class UserQueries:
    """Reads of staff and teams."""

    viewer: Viewer = own(who, "Who is asking.")
    user: User | None = one(users.visible, "A member of staff.")
    users: Connection[User] = connection(users.search, "Staff, newest first.", search=str)
    team: Team | None = one(teams.visible, "A team.")
    teams: Connection[Team] = connection(teams.search, "Teams, newest first.", search=str)
