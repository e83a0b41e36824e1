"""What can be done with webhooks: register, change, pause, resume, delete, and give a new secret."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import delete as dropping
from sqlalchemy import func, select, update

from domain.errors import conflict, invalid
from domain.events import EventType
from domain.organizations import Organization
from domain.permissions import Permission
from domain.receivers import hint_of, new_secret, signing_secret
from domain.values import ABSENT, Absent, ShownOnce, iso, present
from domain.webhooks import DeliveryStatus, WebhookDelivery, WebhookEndpoint, WebhookSecret, WebhookStatus
from resolvers import webhook_viewers
from resolvers.keys import overlap_of
from resolvers.reads import visibility, visible_to
from resolvers.unit import Keys, Unit, requires
from resolvers.webhook_fields import WebhookDraft, WebhookPatch, checked
from resolvers.webhook_viewers import Standing

_GUARDED = frozenset({"url", "query"})
"""What decides who gets to see what a webhook sees."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resumption:
    """A webhook to be told again; `missed` is whether also of what happened meanwhile."""

    webhook_id: str
    missed: bool | Absent | None = ABSENT


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookSecretRotation:
    """A webhook that is to have a new secret, brought along or made; the old one signs beside it for the overlap."""

    webhook_id: str
    secret: str | Absent | None = ABSENT
    overlap_seconds: int | Absent | None = ABSENT


@requires(Permission.WRITE_WEBHOOKS)
async def create(unit: Unit, draft: WebhookDraft) -> Keys:
    """Register a webhook; it is told what happens from now on, as its client may see it."""
    dialect = present(draft.dialect, None)
    taken = checked(draft, dialect, unit.webhooks)
    given = taken.pop("secret", ABSENT)
    # Locked, so that the number is the last one before this and the bound holds for two at once.
    organization = await unit.load(Organization, unit.viewer.organization_id)
    await _check_room(unit)
    endpoint = WebhookEndpoint(
        id=WebhookEndpoint.new_id(),
        organization_id=organization.id,
        created_at=unit.now,
        updated_at=unit.now,
        client_id=unit.viewer.client_id,
        user_id=unit.viewer.user_id,
        grant_id=unit.viewer.grant_id,
        scopes=list(unit.viewer.scopes),
        dialect=dialect,
        # The next number is that of its own registration.
        position=organization.event_sequence + 1,
        **taken,
    )
    unit.add(endpoint)
    await unit.flush()
    unit.record(EventType.WEBHOOK_CREATED, endpoint, endpoint.facts())
    unit.audit("createWebhook", endpoint.id)
    if given is None:
        return {"webhook": endpoint.id}
    made = isinstance(given, Absent)
    secret = new_secret() if made else given
    _keep(unit, endpoint, secret)
    return {"webhook": endpoint.id, "secret": ShownOnce(secret) if made else None}


@requires(Permission.WRITE_WEBHOOKS)
async def change(unit: Unit, patch: WebhookPatch) -> Keys:
    """Change a webhook; what is under way keeps its body."""
    endpoint = await unit.load(WebhookEndpoint, patch.id)
    taken = checked(patch, endpoint.dialect, unit.webhooks)
    changed = {name for name, value in taken.items() if getattr(endpoint, name) != value}
    if changed & _GUARDED:
        await _check_authority(unit, endpoint)
    for name in changed:
        setattr(endpoint, name, taken[name])
    if changed:
        _note(unit, EventType.WEBHOOK_UPDATED, endpoint, "updateWebhook")
    return {"webhook": endpoint.id}


@requires(Permission.WRITE_WEBHOOKS)
async def pause(unit: Unit, id: str) -> Keys:
    """Tell a webhook nothing until it is resumed; pausing again changes nothing."""
    endpoint = await unit.load(WebhookEndpoint, id)
    if endpoint.status is not WebhookStatus.PAUSED:
        endpoint.status, endpoint.status_reason = WebhookStatus.PAUSED, None
        _note(unit, EventType.WEBHOOK_UPDATED, endpoint, "pauseWebhook")
    return {"webhook": endpoint.id}


@requires(Permission.WRITE_WEBHOOKS)
async def resume(unit: Unit, resumption: Resumption) -> Keys:
    """Tell a webhook again: after a pause also what it missed, after it was given up from now on, unless said so."""
    endpoint = await unit.load(WebhookEndpoint, resumption.webhook_id, "webhookId")
    if endpoint.status is WebhookStatus.ACTIVE:
        return {"webhook": endpoint.id}
    wanted = present(resumption.missed, None)
    missed = endpoint.status is WebhookStatus.PAUSED if wanted is None else wanted
    if not missed:
        organization = await unit.load(Organization, unit.viewer.organization_id)
        endpoint.position = organization.event_sequence
    endpoint.status, endpoint.status_reason = WebhookStatus.ACTIVE, None
    endpoint.failures, endpoint.broken_until = 0, None
    _note(unit, EventType.WEBHOOK_UPDATED, endpoint, "resumeWebhook")
    unit.stir()
    return {"webhook": endpoint.id}


@requires(Permission.WRITE_WEBHOOKS)
async def delete(unit: Unit, id: str) -> Keys:
    """Delete a webhook; nothing more is sent to it, and its deliveries are not found any more."""
    endpoint = await unit.load(WebhookEndpoint, id)
    endpoint.deleted_at = unit.now
    waiting = (WebhookDelivery.endpoint_id == endpoint.id, WebhookDelivery.status == DeliveryStatus.PENDING)
    dropped = {
        "status": DeliveryStatus.FAILED,
        "due_at": None,
        "leased_until": None,
        "failure": "The webhook was deleted.",
    }
    statement = update(WebhookDelivery).where(*waiting).values(dropped)
    await unit.session.execute(statement.execution_options(synchronize_session=False))
    # What could still be signed with them is over.
    await unit.session.execute(dropping(WebhookSecret).where(WebhookSecret.endpoint_id == endpoint.id))
    _note(unit, EventType.WEBHOOK_DELETED, endpoint, "deleteWebhook")
    return {"deleted_id": endpoint.id, "deleted": True, "deleted_at": iso(unit.now)}


@requires(Permission.WRITE_WEBHOOKS)
async def rotate_secret(unit: Unit, rotation: WebhookSecretRotation) -> Keys:
    """Sign with a new secret, and for the overlap with the newest of the old ones beside it."""
    overlap = overlap_of(rotation.overlap_seconds)
    brought = present(rotation.secret, None)
    if brought is not None:
        signing_secret("secret", brought)
    endpoint = await unit.load(WebhookEndpoint, rotation.webhook_id, "webhookId")
    await _check_authority(unit, endpoint)
    own = visible_to(unit.viewer, WebhookSecret).where(WebhookSecret.endpoint_id == endpoint.id)
    rows = await unit.session.scalars(own.order_by(WebhookSecret.created_at.desc(), WebhookSecret.id.desc()))
    old = list(rows)
    if brought is not None and any(unit.vault.open(each.sealed) == brought for each in old if each.in_force(unit.now)):
        raise invalid("secret", "secret must be another one than it has.")
    kept = old[0] if old and overlap and old[0].in_force(unit.now) else None
    if kept:
        end = unit.now + overlap
        kept.expires_at = min(kept.expires_at or end, end)
    for each in old:
        if each is not kept:
            await unit.session.delete(each)
    value = brought or new_secret()
    _keep(unit, endpoint, value)
    _note(unit, EventType.WEBHOOK_UPDATED, endpoint, "rotateWebhookSecret")
    return {"webhook": endpoint.id, "secret": None if brought else ShownOnce(value)}


async def _check_authority(unit: Unit, endpoint: WebhookEndpoint) -> None:
    """Who may less than a webhook's client must not have its messages, or its signature, brought to themselves.

    Raises:
        DomainError: FORBIDDEN when the viewer may not see all that the webhook sees.
    """
    row = (await unit.session.execute(webhook_viewers.standings([endpoint.id]))).one()
    webhook_viewers.check_sight(unit.viewer, Standing(*row).viewer)


async def _check_room(unit: Unit) -> None:
    own = visibility(unit.viewer, WebhookEndpoint)
    count = await unit.session.scalar(select(func.count(WebhookEndpoint.id)).where(*own))
    if (count or 0) >= unit.webhooks.endpoints:
        raise conflict(f"There are {count} webhooks already, as many as there may be; delete one first.")


def _keep(unit: Unit, endpoint: WebhookEndpoint, secret: str) -> None:
    unit.add(
        WebhookSecret(
            id=WebhookSecret.new_id(),
            organization_id=endpoint.organization_id,
            created_at=unit.now,
            endpoint_id=endpoint.id,
            sealed=unit.vault.seal(secret),
            hint=hint_of(secret),
        )
    )


def _note(unit: Unit, type: EventType, endpoint: WebhookEndpoint, operation: str) -> None:
    endpoint.updated_at = unit.now
    unit.record(type, endpoint, endpoint.facts())
    unit.audit(operation, endpoint.id)
