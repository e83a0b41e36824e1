"""Reads of researches of companies, and of what they found."""

from __future__ import annotations

from dataclasses import dataclass

from domain.accounts import Account
from domain.estimates import Estimate
from domain.levels import Basis
from domain.permissions import Permission
from domain.research import Competitor, NewsItem, Opportunity, PainPoint, ResearchRun, ResearchStatus
from domain.viewer import Viewer
from resolvers import accounts
from resolvers.reads import Listing, Order, Read, Statement, ToMany, ToOne, newest_first, reads, visible_to


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
        return visible_to(viewer, kind)

    @reads(kind, Permission.READ_ACCOUNTS)
    def found(viewer: Viewer) -> Listing:
        # Researches store what is surest first, and of news the newest.
        return Listing(visible_to(viewer, kind), Order(kind.position, descending=False))

    shown = (Account, Account.research_run_id == kind.run_id)
    return Findings(
        visible=visible_findings,
        of_run=ToMany(found, kind.run_id),
        of_account=ToMany(found, Account.id, through=shown),
        run=ToOne(visible, kind.run_id),
        account=ToOne(accounts.visible, kind.account_id),
    )


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
