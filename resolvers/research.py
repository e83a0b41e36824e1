"""Reads of researches of companies, and of what they found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from sqlalchemy import Text, cast, or_

from domain.accounts import Account
from domain.compliance import ComplianceItem, RegulatoryUpdate
from domain.entity import Entity
from domain.estimates import Estimate
from domain.feedback import Feedback
from domain.leads import Lead
from domain.levels import Basis
from domain.notes import Note
from domain.permissions import Permission
from domain.research import Competitor, NewsItem, Opportunity, PainPoint, ResearchRun, ResearchStatus
from domain.viewer import Viewer
from resolvers import accounts
from resolvers.reads import Listing, Order, Read, Statement, ToMany, ToOne, newest_first, reads, visible_to
from resolvers.sql import contains

_QUOTED: Mapping[Permission, tuple[type[Entity], ...]] = MappingProxyType(
    {
        Permission.READ_LEADS: (Lead, Note),
        Permission.READ_FEEDBACK: (Feedback,),
        Permission.READ_COMPLIANCE: (ComplianceItem, RegulatoryUpdate),
    }
)
"""What is quoted as evidence, by what one needs to read it."""


@dataclass(frozen=True, slots=True)
class ResearchFilter:
    """Which researches are wanted."""

    account: str | None = None
    status: ResearchStatus | None = None


@reads(ResearchRun, Permission.READ_ACCOUNTS)
def visible(viewer: Viewer) -> Statement:
    """Researches of the organization."""
    return visible_to(viewer, ResearchRun)


@reads(ResearchRun, Permission.READ_ACCOUNTS)
def search(viewer: Viewer, where: ResearchFilter | None = None) -> Listing:
    """Researches, newest first."""
    statement = visible_to(viewer, ResearchRun)
    where = where or ResearchFilter()
    if where.account is not None:
        statement = statement.where(ResearchRun.account_id == where.account)
    if where.status is not None:
        statement = statement.where(ResearchRun.status == where.status)
    return Listing(statement, newest_first(ResearchRun))


@dataclass(frozen=True, slots=True)
class Findings:
    """How one kind of findings is read: by itself, of researches and companies, and back to them."""

    visible: Read
    of_run: ToMany
    of_account: ToMany
    run: ToOne
    account: ToOne


def _findings(kind: type[PainPoint | Opportunity | Competitor | NewsItem]) -> Findings:
    """The reads of one kind of findings; a company is shown with those of the last research that was completed."""

    @reads(kind, Permission.READ_ACCOUNTS)
    def visible_findings(viewer: Viewer) -> Statement:
        return _visible_findings(viewer, kind)

    @reads(kind, Permission.READ_ACCOUNTS)
    def found(viewer: Viewer) -> Listing:
        # Researches store what is surest first, and of news the newest.
        return Listing(_visible_findings(viewer, kind), Order(kind.position, descending=False))

    shown = (Account, Account.research_run_id == kind.run_id)
    return Findings(
        visible=visible_findings,
        of_run=ToMany(found, kind.run_id),
        of_account=ToMany(found, Account.id, through=shown),
        run=ToOne(visible, kind.run_id),
        account=ToOne(accounts.visible, kind.account_id),
    )


def _visible_findings(viewer: Viewer, kind: type[PainPoint | Opportunity | Competitor | NewsItem]) -> Statement:
    """Findings, but none that quotes what the viewer may not read: whoever asked for the research may read more."""
    hidden = [each for permission, kinds in _QUOTED.items() if permission not in viewer.permissions for each in kinds]
    quoted = [contains(f'"source": "{each.prefix}_', cast(kind.evidence, Text)) for each in hidden]
    return visible_to(viewer, kind).where(~or_(*quoted)) if quoted else visible_to(viewer, kind)


of_account = ToMany(search, ResearchRun.account_id)
account_of_run = ToOne(accounts.visible, ResearchRun.account_id)
last_of_account = ToOne(visible, Account.research_run_id)

pain_points = _findings(PainPoint)
opportunities = _findings(Opportunity)
competitors = _findings(Competitor)
news = _findings(NewsItem)


def estimate(value: float, low: float, high: float, basis: Basis, cases: int) -> Estimate:
    """A share with its interval, as it was when the research was done."""
    return Estimate(value, low, high, basis, cases)


def conversion(
    value: float | None, low: float | None, high: float | None, basis: Basis | None, cases: int
) -> Estimate | None:
    """How likely the company is won, as it was when the research was done; None before that."""
    if value is None or low is None or high is None or basis is None:
        return None
    return Estimate(value, low, high, basis, cases)
