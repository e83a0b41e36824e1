"""What pausing, resuming and ending a campaign mean for what has not left yet, in a few statements whatever its size.

Whoever has something of it in hand at that moment is told apart by `taken`: what was taken up before counts no more,
unless it has left already.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import case, literal, update

from domain.abm import AbmCampaign, ActionStatus, ItemStatus, ScheduledContent, TriggeredAction
from domain.emails import Email, EmailStatus
from resolvers.emails import LEASE
from resolvers.reads import visible_to
from resolvers.unit import Unit

_OVER = "The campaign was completed before its time."
_WAITING: tuple[tuple[Any, Any], ...] = (
    (ScheduledContent, ItemStatus.SCHEDULED),
    (TriggeredAction, ActionStatus.SCHEDULED),
    (Email, EmailStatus.SCHEDULED),
)


async def hold(unit: Unit, campaign: AbmCampaign) -> None:
    """Keep back planned pieces, reactions, and messages that were made but not sent."""
    for entity, waiting in _WAITING:
        await _change(unit, campaign, entity, waiting, due_at=None)


async def release(unit: Unit, campaign: AbmCampaign, since: datetime, moved: timedelta) -> None:
    """Have everything that was kept back leave: pieces later by whole days, reactions after what was left of their
    delay, messages that were made already at once.

    A message that somebody had in hand may be leaving still: it waits until nobody has it any more.
    """
    # Keeping it back has counted as one.
    now, free = (literal(each, Email.due_at.type) for each in (unit.now, max(unit.now, since + LEASE)))
    at = case((Email.taken > 1, free), else_=now)
    await _change(unit, campaign, Email, EmailStatus.SCHEDULED, due_at=at)
    own = visible_to(unit.viewer, ScheduledContent).where(ScheduledContent.campaign_id == campaign.id)
    for item in await unit.session.scalars(own.where(ScheduledContent.status == ItemStatus.SCHEDULED)):
        item.move(moved)
    own = visible_to(unit.viewer, TriggeredAction).where(TriggeredAction.campaign_id == campaign.id)
    for action in await unit.session.scalars(own.where(TriggeredAction.status == ActionStatus.SCHEDULED)):
        action.after_pause(since, unit.now)


async def call_off(unit: Unit, campaign: AbmCampaign) -> None:
    """Take back everything that has not left; messages have no such status, and have failed for that reason."""
    for entity, waiting, over in (
        (ScheduledContent, ItemStatus.SCHEDULED, {"status": ItemStatus.CANCELLED, "note": _OVER}),
        (TriggeredAction, ActionStatus.SCHEDULED, {"status": ActionStatus.CANCELLED, "note": _OVER}),
        (Email, EmailStatus.SCHEDULED, {"status": EmailStatus.FAILED, "failure": _OVER}),
    ):
        await _change(unit, campaign, entity, waiting, due_at=None, **over)


async def _change(unit: Unit, campaign: AbmCampaign, entity: Any, waiting: Any, **values: Any) -> None:
    statement = (
        update(entity)
        .where(entity.campaign_id == campaign.id, entity.status == waiting)
        .values(taken=entity.taken + 1, **values)
    )
    await unit.session.execute(statement.execution_options(synchronize_session=False))
