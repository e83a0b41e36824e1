"""The sandbox of an organization: another one with test data, which sandbox clients see instead (CB-45)."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import select

from domain.accounts import Account, name_key
from domain.leads import InsuranceType, LeadStatus
from domain.organizations import DEFAULT_SOURCES, Organization
from domain.permissions import Permission
from domain.tasks import TaskPriority, TaskType
from domain.visibility import NoteVisibility
from resolvers import lead_writes, notes, sandbox_law, tasks
from resolvers.lead_fields import LeadDraft
from resolvers.notes import NoteDraft
from resolvers.tasks import TaskDraft
from resolvers.unit import Unit

_FILLING = frozenset({Permission.WRITE_LEADS, Permission.WRITE_COMPLIANCE, Permission.WRITE_MARKETING})
_COMPANIES = (
    ("Sandbox Freight", "freight.sandbox.example", "Logistics", "240 employees", "Oakland, CA"),
    ("Sandbox Clinics", "clinics.sandbox.example", "Health care", "80 employees", "Chicago, IL"),
)
_LEADS = (
    # first name, last name, address, telephone, kind of insurance, source, where it stands, tags
    ("Test", "Newlead", "new@freight.sandbox.example", "+15550100001", "COMMERCIAL", "website", "NEW", ("high-value",)),
    ("Test", "Qualified", "qualified@clinics.sandbox.example", "+15550100002", "HEALTH", "website", "QUALIFIED", ()),
    ("Test", "Won", "won@mail.sandbox.example", "+15550100003", "AUTO", "facebook_ads", "WON", ("referral",)),
    ("Test", "Lost", "lost@mail.sandbox.example", "+15550100004", "HOME", "facebook_ads", "LOST", ()),
)


async def ensure(unit: Unit) -> str:
    """The id of the sandbox of the unit's organization; made with its test data when there is none yet.

    The data comes in by the same use cases as everybody's, so it is as theirs, and the sandbox's own log tells of it.
    """
    home = await unit.session.get_one(Organization, unit.viewer.organization_id)
    known = await unit.session.scalar(select(Organization.id).where(Organization.sandbox_of_id == home.id))
    if known is not None:
        return str(known)
    made = Organization(
        id=Organization.new_id(),
        name=f"{home.name} (sandbox)",
        approved_lead_sources=list(DEFAULT_SOURCES),
        event_sequence=0,
        sandbox_of_id=home.id,
        created_at=unit.now,
    )
    unit.add(made)
    await unit.flush()
    # There are no users in a sandbox, so nobody there is who made it.
    filler = replace(
        unit.viewer,
        organization_id=made.id,
        home_organization_id=home.id,
        user_id=None,
        team_id=None,
        permissions=_FILLING,
    )
    inner = unit.inside(filler)
    await _fill(inner)
    await inner.seal()
    return made.id


async def _fill(unit: Unit) -> None:
    for name, domain, industry, size, location in _COMPANIES:
        unit.add(
            Account(
                id=Account.new_id(),
                organization_id=unit.viewer.organization_id,
                created_at=unit.now,
                updated_at=unit.now,
                name=name,
                name_key=name_key(name),
                technologies=[],
                domain=domain,
                industry=industry,
                size=size,
                location=location,
            )
        )
    await unit.flush()
    made = [await _lead(unit, *each) for each in _LEADS]
    text = "Asked for an offer. This is test data, and so is everything else here."
    await notes.create(unit, NoteDraft(made[0], text, NoteVisibility.PUBLIC))
    await tasks.create(
        unit, TaskDraft(lead_id=made[0], title="Call back", priority=TaskPriority.HIGH, type=TaskType.CALL)
    )
    await sandbox_law.fill(unit)


async def _lead(
    unit: Unit,
    first: str,
    last: str,
    email: str,
    phone: str,
    insurance: str,
    source: str,
    status: str,
    tags: tuple[str, ...],
) -> str:
    draft = LeadDraft(
        first_name=first,
        last_name=last,
        email=email,
        phone=phone,
        insurance_type=InsuranceType(insurance),
        source=source,
        status=LeadStatus(status),
        tags=list(tags),
    )
    return str((await lead_writes.create(unit, draft))["lead"])
