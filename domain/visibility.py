"""Who may see a row that is not for the whole organization."""

from __future__ import annotations

from enum import StrEnum

from domain.event_log import Event
from domain.events import EventType
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


_STAFF = (
    EventType.USER_INVITED,
    EventType.USER_JOINED,
    EventType.USER_UPDATED,
    EventType.USER_DISABLED,
    EventType.USER_ENABLED,
    EventType.TEAM_CREATED,
    EventType.TEAM_UPDATED,
    EventType.TEAM_DELETED,
)
"""Events that tell names, addresses and roles of staff."""
_COMPLIANCE = (
    EventType.DOCUMENT_PROCESSED,
    EventType.DOCUMENT_UPDATED,
    EventType.DOCUMENT_DELETED,
    EventType.COMPLIANCE_ITEM_CREATED,
    EventType.COMPLIANCE_ITEM_UPDATED,
    EventType.COMPLIANCE_ITEM_DELETED,
    EventType.COMPLIANCE_ALERT,
    EventType.COMPLIANCE_ALERT_ACKNOWLEDGED,
    EventType.REGULATORY_UPDATE_ENTERED,
    EventType.REGULATORY_UPDATE_CHANGED,
    EventType.REGULATORY_UPDATE_DELETED,
    EventType.REGULATORY_UPDATES_IMPORTED,
)
_MARKETING = (
    EventType.CAMPAIGN_CREATED,
    EventType.CAMPAIGN_UPDATED,
    EventType.PERFORMANCE_IMPORTED,
    EventType.MARKETING_OPTIMIZED,
    EventType.TRANSLATIONS_CHANGED,
    EventType.ENGAGEMENT_DETECTED,
    EventType.CONTENT_GENERATED,
    EventType.CONTENT_UPDATED,
    EventType.COPY_TEMPLATE_CHANGED,
    EventType.CAMPAIGN_PAUSED,
    EventType.CAMPAIGN_RESUMED,
    EventType.CAMPAIGN_COMPLETED,
    EventType.CAMPAIGN_ITEM_EXECUTED,
    EventType.CAMPAIGN_ACTION_DONE,
)
_ACCOUNTS = (
    EventType.RESEARCH_STARTED,
    EventType.RESEARCH_PROGRESSED,
    EventType.RESEARCH_COMPLETED,
    EventType.RESEARCH_FAILED,
    EventType.PLAYBOOK_CHANGED,
    EventType.NEWS_IMPORTED,
    EventType.ACCOUNT_CREATED,
    EventType.ACCOUNT_UPDATED,
    EventType.PERSONA_CREATED,
    EventType.PERSONA_UPDATED,
    EventType.PERSONA_DELETED,
    EventType.CONTACT_CREATED,
    EventType.CONTACT_UPDATED,
    EventType.CONTACT_UNSUBSCRIBED,
)
_FEEDBACK = (
    EventType.FEEDBACK_ANALYZED,
    EventType.FEEDBACK_CORRECTED,
    EventType.FEEDBACK_DELETED,
    EventType.END_USER_UPDATED,
    EventType.END_USER_ERASED,
    EventType.CHURN_PREDICTED,
    EventType.CHURN_MODEL_FITTED,
)
_PERMISSION_OF: dict[EventType, Permission] = {
    **dict.fromkeys(_COMPLIANCE, Permission.READ_COMPLIANCE),
    **dict.fromkeys(_MARKETING, Permission.READ_MARKETING),
    **dict.fromkeys(_FEEDBACK, Permission.READ_FEEDBACK),
    EventType.JOB_STARTED: Permission.READ_JOBS,
    EventType.JOB_FINISHED: Permission.READ_JOBS,
    **dict.fromkeys(_ACCOUNTS, Permission.READ_ACCOUNTS),
    **dict.fromkeys(_STAFF, Permission.READ_USERS),
    EventType.WEBHOOK_CREATED: Permission.READ_WEBHOOKS,
    EventType.WEBHOOK_UPDATED: Permission.READ_WEBHOOKS,
    EventType.WEBHOOK_DISABLED: Permission.READ_WEBHOOKS,
    EventType.WEBHOOK_DELETED: Permission.READ_WEBHOOKS,
}


def permission_for(type: EventType) -> Permission:
    """What a viewer needs to be told of this kind of event; who manages access is told of it by audience besides."""
    return _PERMISSION_OF.get(type, Permission.READ_LEADS)


def may_hear(viewer: Viewer, event: Event) -> bool:
    """Whether a viewer is told of an event, at whatever door."""
    return permission_for(event.type) in viewer.permissions and may_see(viewer, event.audience, event.actor_id)


def heard_by(viewer: Viewer) -> list[EventType]:
    """The kinds of events that a viewer may be told of."""
    return [each for each in EventType if permission_for(each) in viewer.permissions]


def sight_of(viewer: Viewer) -> tuple[object, ...]:
    """Everything of a viewer that decides what it sees: viewers who agree in it see the same of every row and event.

    The client and its name, tier, dialect and scopes are not in it: no row is shown or hidden by them.
    """
    return (viewer.organization_id, viewer.user_id, viewer.team_id, viewer.permissions)


def holders_of(permission: Permission) -> str:
    """The group of everybody who holds a permission: what is told of access is for those who manage it."""
    return f"permission:{permission.value}"


def audiences_of(viewer: Viewer) -> tuple[str, ...]:
    """The groups a viewer belongs to."""
    # Sums, not f-strings: a statement is built for whichever user and team (see `schema.compiled.marks`).
    own = () if viewer.user_id is None else ("user:" + viewer.user_id,)
    team = () if viewer.team_id is None else ("team:" + viewer.team_id,)
    return (*own, *team, *(holders_of(permission) for permission in sorted(viewer.permissions & ADMINISTRATIVE)))
