"""Reads of researches of companies, and of what they found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from domain.accounts import Account
from domain.estimates import Estimate
from domain.levels import Basis
from domain.permissions import Permission
from domain.research import Competitor, NewsItem, Opportunity, PainPoint, ResearchRun, ResearchStatus
from domain.viewer import Viewer
from resolvers import accounts
from resolvers.reads import Listing, Order, Statement, ToMany, ToOne, newest_first, reads, visible_to


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


@reads(PainPoint, Permission.READ_ACCOUNTS)
def pain_points(viewer: Viewer) -> Listing:
    """What troubles companies, the surest first."""
    return Listing(visible_to(viewer, PainPoint), Order(PainPoint.position, descending=False))


@reads(PainPoint, Permission.READ_ACCOUNTS)
def visible_pain_points(viewer: Viewer) -> Statement:
    """What troubles companies."""
    return visible_to(viewer, PainPoint)


@reads(Opportunity, Permission.READ_ACCOUNTS)
def opportunities(viewer: Viewer) -> Listing:
    """What could be sold to companies, the surest first."""
    return Listing(visible_to(viewer, Opportunity), Order(Opportunity.position, descending=False))


@reads(Opportunity, Permission.READ_ACCOUNTS)
def visible_opportunities(viewer: Viewer) -> Statement:
    """What could be sold to companies."""
    return visible_to(viewer, Opportunity)


@reads(Competitor, Permission.READ_ACCOUNTS)
def competitors(viewer: Viewer) -> Listing:
    """Who else sells to companies, the surest first."""
    return Listing(visible_to(viewer, Competitor), Order(Competitor.position, descending=False))


@reads(Competitor, Permission.READ_ACCOUNTS)
def visible_competitors(viewer: Viewer) -> Statement:
    """Who else sells to companies."""
    return visible_to(viewer, Competitor)


@reads(NewsItem, Permission.READ_ACCOUNTS)
def news(viewer: Viewer) -> Listing:
    """News about companies, the newest first."""
    return Listing(visible_to(viewer, NewsItem), Order(NewsItem.position, descending=False))


@reads(NewsItem, Permission.READ_ACCOUNTS)
def visible_news(viewer: Viewer) -> Statement:
    """News about companies."""
    return visible_to(viewer, NewsItem)


def _shown(finding: Any) -> tuple[type[Account], Any]:
    """Findings of the research that a company is shown with: the last that was completed."""
    return Account, Account.research_run_id == finding.run_id


of_account = ToMany(search, ResearchRun.account_id)
account_of_run = ToOne(accounts.visible, ResearchRun.account_id)
last_of_account = ToOne(visible, Account.research_run_id)

pain_points_of = ToMany(pain_points, PainPoint.run_id)
opportunities_of = ToMany(opportunities, Opportunity.run_id)
competitors_of = ToMany(competitors, Competitor.run_id)
news_of = ToMany(news, NewsItem.run_id)

account_pain_points = ToMany(pain_points, Account.id, through=_shown(PainPoint))
account_opportunities = ToMany(opportunities, Account.id, through=_shown(Opportunity))
account_competitors = ToMany(competitors, Account.id, through=_shown(Competitor))
account_news = ToMany(news, Account.id, through=_shown(NewsItem))

run_of_pain_point = ToOne(visible, PainPoint.run_id)
run_of_opportunity = ToOne(visible, Opportunity.run_id)
run_of_competitor = ToOne(visible, Competitor.run_id)
run_of_news = ToOne(visible, NewsItem.run_id)
account_of_pain_point = ToOne(accounts.visible, PainPoint.account_id)
account_of_opportunity = ToOne(accounts.visible, Opportunity.account_id)
account_of_competitor = ToOne(accounts.visible, Competitor.account_id)
account_of_news = ToOne(accounts.visible, NewsItem.account_id)


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
