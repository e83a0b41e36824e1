"""Alerts of deadlines that come near or have passed: each is told once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, and_, or_, select, tuple_

from domain.compliance import AlertType, ComplianceAlert, ComplianceItem, ComplianceStatus
from domain.deadlines import Stage, stage_of, stages
from domain.events import EventType
from domain.levels import RiskLevel
from domain.permissions import Permission
from domain.values import Moment, end_of, iso, start_of
from domain.viewer import Viewer
from resolvers import users
from resolvers.reads import Listing, Statement, ToMany, ToOne, newest_first, reads, visible_to
from resolvers.unit import Keys, Unit, requires

TOLD_AT_ONCE = 20
"""Most alerts that a single write raises by itself; the rest is told by the periodic work, a little later."""


@dataclass(frozen=True, slots=True)
class AlertFilter:
    """Which alerts are wanted; bounds are inclusive."""

    type: AlertType | None = None
    severity: RiskLevel | None = None
    acknowledged: bool | None = None
    item: str | None = None
    created_from: Moment | None = None
    created_to: Moment | None = None


@reads(ComplianceAlert, Permission.READ_COMPLIANCE)
def visible(viewer: Viewer) -> Statement:
    """Alerts of the organization."""
    return visible_to(viewer, ComplianceAlert)


@reads(ComplianceAlert, Permission.READ_COMPLIANCE)
def search(viewer: Viewer, where: AlertFilter | None = None) -> Listing:
    """Alerts, newest first."""
    alert = ComplianceAlert
    statement = visible_to(viewer, alert)
    where = where or AlertFilter()
    for column, value in ((alert.type, where.type), (alert.severity, where.severity), (alert.item_id, where.item)):
        if value is not None:
            statement = statement.where(column == value)
    if where.acknowledged is not None:
        known = alert.acknowledged_at.is_not(None)
        statement = statement.where(known if where.acknowledged else ~known)
    if where.created_from:
        statement = statement.where(alert.created_at >= start_of(where.created_from))
    if where.created_to:
        statement = statement.where(alert.created_at <= end_of(where.created_to))
    return Listing(statement, newest_first(alert))


of_item = ToMany(search, ComplianceAlert.item_id)
acknowledged_by = ToOne(users.visible, ComplianceAlert.acknowledged_by_id)


@requires(Permission.WRITE_COMPLIANCE)
async def acknowledge(unit: Unit, id: str) -> Keys:
    """Note that somebody has seen an alert; the first who says so is kept."""
    alert = await unit.load(ComplianceAlert, id)
    if alert.acknowledged_at is None:
        alert.acknowledged_at, alert.acknowledged_by_id = unit.now, unit.viewer.user_id
        data = {"id": alert.id, "itemId": alert.item_id, "acknowledgedAt": iso(unit.now)}
        unit.record(EventType.COMPLIANCE_ALERT_ACKNOWLEDGED, alert, data)
    return {"compliance_alert": alert.id}


async def tell(unit: Unit, items: Sequence[ComplianceItem]) -> None:
    """Raise at once what is due of items that were just made or changed, the nearest deadlines first."""
    today = unit.now.date()
    near = [(item, stage) for item in items if (stage := _stage(item, today, unit.alert_days))]
    near = sorted(near, key=lambda each: (abs(each[0].due - today), each[0].id))[:TOLD_AT_ONCE]
    if not near:
        return
    keys = [(item.id, item.deadline, stage.type, stage.days) for item, stage in near]
    told = select(*_KEY).where(tuple_(*_KEY).in_(keys))
    raised = {tuple(row) for row in await unit.session.execute(told)}
    for (item, stage), key in zip(near, keys, strict=True):
        if key not in raised:
            _raise(unit, item, stage)


async def raise_due(unit: Unit, most: int) -> Keys:
    """Raise what is due in an organization, at most so many alerts; how many were raised.

    Of the distances that a deadline has come within while nobody looked, only the nearest is told.
    """
    raised = 0
    for stage in stages(unit.now.date(), unit.alert_days):
        own = ComplianceItem.organization_id == unit.viewer.organization_id
        statement = select(ComplianceItem).where(own, _untold(stage))
        ordered = statement.order_by(ComplianceItem.due.desc(), ComplianceItem.id).limit(most - raised)
        for item in await unit.session.scalars(ordered):
            _raise(unit, item, stage)
            raised += 1
    return {"raised": raised}


def organizations_with_due(today: date, days_before: Sequence[int]) -> Statement:
    """The organizations in which an alert is due."""
    untold = or_(*(_untold(stage) for stage in stages(today, days_before)))
    return select(ComplianceItem.organization_id).where(untold).distinct().order_by(ComplianceItem.organization_id)


def _untold(stage: Stage) -> ColumnElement[bool]:
    """Items that are open, in a stage, and not told of it."""
    item, alert = ComplianceItem, ComplianceAlert
    same = (alert.item_id == item.id, alert.deadline == item.due, alert.type == stage.type, alert.days == stage.days)
    within = (item.due >= stage.first, item.due <= stage.last)
    open_ = (item.status != ComplianceStatus.COMPLETED, item.deleted_at.is_(None))
    return and_(*open_, *within, ~select(alert.id).where(*same).correlate(item).exists())


def _stage(item: ComplianceItem, today: date, days_before: Sequence[int]) -> Stage | None:
    if item.deadline is None or item.status is ComplianceStatus.COMPLETED or item.deleted_at is not None:
        return None
    return stage_of(item.deadline, today, days_before)


def _raise(unit: Unit, item: ComplianceItem, stage: Stage) -> None:
    """Severity is the item's risk (CB-54); the event is told in the printed form (documentation, section Webhooks)."""
    alert = ComplianceAlert(
        id=ComplianceAlert.new_id(),
        organization_id=item.organization_id,
        created_at=unit.now,
        item_id=item.id,
        type=stage.type,
        severity=item.risk_level,
        deadline=item.due,
        days=stage.days,
    )
    unit.add(alert)
    told = {"id": item.id, "title": item.title, "deadline": item.due.isoformat(), "jurisdiction": item.jurisdiction}
    data = {"alert_id": alert.id, "type": alert.type, "severity": alert.severity, "compliance_item": told}
    unit.record(EventType.COMPLIANCE_ALERT, alert, data)


_KEY = (ComplianceAlert.item_id, ComplianceAlert.deadline, ComplianceAlert.type, ComplianceAlert.days)
