"""The items a document demands: made once, refreshed when it is processed again, and dropped when it demands them no
longer.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from domain.compliance import ComplianceDocument, ComplianceItem, ComplianceStatus
from domain.intelligence.law_findings import Obligation
from domain.texts import LINE
from resolvers import compliance_alerts
from resolvers.unit import Unit

DEMANDED = 1_000
"""Most items that are made of one document."""


async def take(unit: Unit, document: ComplianceDocument, obligations: Sequence[Obligation]) -> dict[str, int]:
    """Have the items of a document be what it demands; how many were made, changed and dropped.

    An item is found again by its obligation's key. What people have written of it, its status and its assignee stay.
    One that is demanded no longer goes if nobody has worked on it; else it stays and says since when. One that somebody
    has deleted does not come back.
    """
    # Locked: what somebody writes of an item at this moment stays, too.
    own = select(ComplianceItem).where(ComplianceItem.document_id == document.id).order_by(ComplianceItem.id)
    known = {item.key: item for item in await unit.session.scalars(own.with_for_update())}
    wanted = {each.key: each for each in obligations[:DEMANDED]}
    made = [_make(unit, document, each) for key, each in wanted.items() if key not in known]
    changed = [item for key, item in known.items() if key in wanted and _refresh(unit, document, item, wanted[key])]
    dropped = [item for key, item in known.items() if key not in wanted and _drop(unit, item)]
    await unit.flush()
    await compliance_alerts.tell(unit, [*made, *changed])
    return {"created": len(made), "changed": len(changed), "dropped": len(dropped)}


def _make(unit: Unit, document: ComplianceDocument, demanded: Obligation) -> ComplianceItem:
    item = ComplianceItem(
        id=ComplianceItem.new_id(),
        organization_id=unit.viewer.organization_id,
        created_at=unit.now,
        updated_at=unit.now,
        document_id=document.id,
        key=demanded.key,
        status=ComplianceStatus.PENDING,
        written=[],
        **_demanded(document, demanded),
    )
    item.take_deadline(demanded.on)
    unit.add(item)
    return item


def _refresh(unit: Unit, document: ComplianceDocument, item: ComplianceItem, demanded: Obligation) -> bool:
    if item.deleted_at is not None and item.dropped_at is None:
        return False
    values = _demanded(document, demanded) | {"deadline": demanded.on, "deleted_at": None, "dropped_at": None}
    changed = {
        name: value for name, value in values.items() if name not in item.written and getattr(item, name) != value
    }
    for name, value in changed.items():
        setattr(item, name, value)
    item.take_deadline(item.deadline)
    if changed:
        item.updated_at = unit.now
    return bool(changed)


def _drop(unit: Unit, item: ComplianceItem) -> bool:
    if item.dropped_at is not None or item.deleted_at is not None:
        return False
    item.dropped_at = item.updated_at = unit.now
    if item.status is ComplianceStatus.PENDING and item.assigned_to_id is None and not item.written:
        item.deleted_at = unit.now
    return True


def _demanded(document: ComplianceDocument, demanded: Obligation) -> dict[str, Any]:
    """What an obligation says of its item, besides the deadline."""
    return {
        "jurisdiction": document.jurisdiction,
        "title": demanded.title[:LINE],
        "description": demanded.description or None,
        "place": demanded.place,
        "count": demanded.count,
        "unit": demanded.unit,
        "trigger": demanded.trigger,
        "requirements": list(demanded.requirements),
        "penalties": list(demanded.penalties),
        "risk_level": demanded.risk_level,
    }
