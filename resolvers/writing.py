"""Language models: whether an organization may ask them, what it has spent, and the log of what they were used for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.errors import invalid, unavailable
from domain.events import EventType
from domain.limits import LimitWindow
from domain.organizations import Organization
from domain.permissions import Permission
from domain.quotas import month_of
from domain.values import ABSENT, Absent, Moment, end_of, iso, start_of
from domain.viewer import Viewer
from domain.writing import COUNTED, WriterMonth, WriterOutcome, WriterTerms, WriterUse, dollars, micros
from resolvers.reads import Listing, Statement, newest_first, reads, visible_to
from resolvers.unit import Keys, Unit, requires

PERMISSION = Permission.READ_AUDIT
"""Who looks at the log of uses and at what is spent: whoever reads the audit log."""
LARGEST = 1_000_000
"""Most US dollars a budget can be; what the installation lets an organization spend may be less."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WriterUseFilter:
    """Which uses are wanted."""

    since: Moment | None = None
    until: Moment | None = None
    purpose: str | None = None
    model: str | None = None
    outcome: WriterOutcome | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WriterPatch:
    """Changes to what language models may do; a null budget (US dollars a month) is none of the organization's own."""

    enabled: bool | Absent | None = ABSENT
    monthly_budget: float | Absent | None = ABSENT


@dataclass(frozen=True, slots=True)
class Standing:
    """What an organization has spent in the running month, what is under way included, and what it may spend."""

    enabled: bool
    spent_micros: int
    limit_micros: int

    @property
    def open(self) -> bool:
        """Whether anything may be asked at all."""
        return self.enabled and (self.spent_micros < self.limit_micros)


@dataclass(frozen=True, slots=True)
class Budget:
    """What an organization is told of its budget; without a language model there is no limit and none remains."""

    model: str | None
    assumed: bool
    enabled: bool
    month: str
    spent_micros: int
    limit_micros: int | None
    resets_at: datetime

    @property
    def remaining_micros(self) -> int | None:
        """What is left of it."""
        return None if self.limit_micros is None else max(0, self.limit_micros - self.spent_micros)


@dataclass(frozen=True, slots=True)
class Closing:
    """What a use has come to."""

    outcome: WriterOutcome
    prompt_tokens: int
    completion_tokens: int
    cost_micros: int
    estimated: bool
    milliseconds: int


@reads(WriterUse, PERMISSION)
def visible(viewer: Viewer) -> Statement:
    """Uses of language models by the organization; a sandbox's are uses of the one that answers for it."""
    return visible_to(viewer, WriterUse)


@reads(WriterUse, PERMISSION)
def search(viewer: Viewer, where: WriterUseFilter | None = None) -> Listing:
    """Uses, newest first. No event tells of them, so their total is counted each time."""
    statement, wanted = visible_to(viewer, WriterUse), where or WriterUseFilter()
    if wanted.since is not None:
        statement = statement.where(WriterUse.created_at >= start_of(wanted.since))
    if wanted.until is not None:
        statement = statement.where(WriterUse.created_at <= end_of(wanted.until))
    for name in ("purpose", "model", "outcome"):
        value = getattr(wanted, name)
        if value is not None:
            statement = statement.where(getattr(WriterUse, name) == value)
    return Listing(statement, newest_first(WriterUse), told=False)


@requires(Permission.ADMIN)
async def change(unit: Unit, patch: WriterPatch) -> Keys:
    """Switch language models on or off for the organization, or set what they may cost it a month."""
    organization = await unit.load(Organization, unit.viewer.organization_id)
    before = (organization.writer_enabled, organization.writer_budget_micros)
    budget = None if isinstance(patch.monthly_budget, Absent) else _budget(patch.monthly_budget)
    if not isinstance(patch.enabled, Absent):
        if patch.enabled is None:
            raise invalid("enabled", "enabled must be true or false.")
        organization.writer_enabled = patch.enabled
    if not isinstance(patch.monthly_budget, Absent):
        organization.writer_budget_micros = budget
    after = (organization.writer_enabled, organization.writer_budget_micros)
    if before != after:
        own = None if after[1] is None else dollars(after[1])
        facts = {"name": organization.name, "writerEnabled": after[0], "writerMonthlyBudget": own}
        unit.record(EventType.ORGANIZATION_UPDATED, organization, facts)
        unit.audit("updateWriter", organization.id)
    return {"organization": organization.id}


def _budget(wanted: float | None) -> int | None:
    if wanted is None:
        return None
    if not 0 <= wanted <= LARGEST:
        raise invalid("monthlyBudget", f"monthlyBudget must be US dollars from 0 to {LARGEST:,}, or null.")
    return micros(wanted)


def standing(organization_id: str, now: datetime) -> Statement:
    """One row: whether the organization has models switched on, its own budget, what it has spent this month."""
    this_month = and_(WriterMonth.organization_id == Organization.id, WriterMonth.month == month_of(now))
    return (
        select(
            Organization.writer_enabled,
            Organization.writer_budget_micros,
            func.coalesce(WriterMonth.spent_micros, 0),
        )
        .outerjoin(WriterMonth, this_month)
        .where(Organization.id == organization_id)
    )


def standing_of(rows: Sequence[Any], terms: WriterTerms) -> Standing:
    """What `standing` found."""
    for enabled, own, spent in rows:
        return Standing(enabled, spent, terms.limit(own))
    return Standing(False, 0, 0)


def budget_of(rows: Sequence[Any], terms: WriterTerms | None, now: datetime) -> Budget:
    """What `standing` found, for whoever looks at it."""
    enabled, own, spent = rows[0]
    return Budget(
        model=terms.model if terms else None,
        assumed=terms.assumed if terms else False,
        enabled=enabled,
        month=month_of(now),
        spent_micros=spent,
        limit_micros=terms.limit(own) if terms else None,
        resets_at=LimitWindow.MONTH.end(now),
    )


async def hold(session: AsyncSession, use: WriterUse, amount: int, terms: WriterTerms) -> None:
    """Set money aside for a request; the use is noted as unfinished, with all that was set aside as its cost.

    Those who ask on behalf of one organization wait for each other here, until the first of them is committed:
    together they never set aside more than the month has left.

    Raises:
        DomainError: UNAVAILABLE when models are switched off, or the budget does not suffice.
    """
    key = (use.organization_id, month_of(use.created_at))
    month = await session.get(WriterMonth, key, with_for_update=True)
    if month is None:
        # Of two who find none the second is refused by the key, and begins anew.
        month = WriterMonth(organization_id=key[0], month=key[1], spent_micros=0)
        session.add(month)
        await session.flush()
    found = standing_of((await session.execute(standing(use.organization_id, use.created_at))).all(), terms)
    _check(found, amount, use.created_at)
    month.spent_micros += amount
    kept = await session.get(WriterUse, use.id)
    if kept is None:
        session.add(_copy(use, amount))
    else:
        kept.cost_micros += amount
    await session.flush()


async def close(session: AsyncSession, use: WriterUse, closing: Closing) -> None:
    """Note what became of a use, and give back what was set aside and not spent."""
    kept = await session.get(WriterUse, use.id, with_for_update=True)
    if kept is None:
        return
    month = await session.get(WriterMonth, (use.organization_id, month_of(use.created_at)), with_for_update=True)
    if month is not None:
        month.spent_micros += closing.cost_micros - kept.cost_micros
    kept.outcome, kept.estimated = closing.outcome, closing.estimated
    kept.prompt_tokens = min(closing.prompt_tokens, COUNTED)
    kept.completion_tokens = min(closing.completion_tokens, COUNTED)
    kept.cost_micros, kept.milliseconds = closing.cost_micros, closing.milliseconds
    await session.flush()


async def forget(session: AsyncSession, before: datetime, most: int) -> bool:
    """Forget the oldest uses from before a moment, of all organizations; whether there may be more."""
    oldest = select(WriterUse.id).where(WriterUse.created_at < before).order_by(WriterUse.created_at).limit(most)
    ids = list(await session.scalars(oldest))
    if ids:
        gone = delete(WriterUse).where(WriterUse.id.in_(ids))
        await session.execute(gone.execution_options(synchronize_session=False))
    return len(ids) == most


def _check(found: Standing, amount: int, now: datetime) -> None:
    if not found.enabled:
        raise unavailable("The organization has switched language models off.")
    if found.spent_micros + amount > found.limit_micros:
        left = dollars(max(0, found.limit_micros - found.spent_micros))
        raise unavailable(
            f"The organization's monthly budget for language models does not suffice: {left:.4f} US dollars are left, "
            f"until {iso(LimitWindow.MONTH.end(now))}."
        )


def _copy(use: WriterUse, amount: int) -> WriterUse:
    """A row for this session: a transaction that lost a race is run again with another."""
    return WriterUse(
        id=use.id,
        organization_id=use.organization_id,
        created_at=use.created_at,
        purpose=use.purpose,
        model=use.model,
        outcome=WriterOutcome.UNFINISHED,
        prompt_tokens=0,
        completion_tokens=0,
        cost_micros=amount,
        estimated=True,
        milliseconds=0,
    )
