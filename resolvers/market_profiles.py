"""Markets: what the product's table says of them, and what organizations know better."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

from sqlalchemy import select

from domain.errors import invalid
from domain.events import EventType
from domain.localization import MarketProfile
from domain.markets import Market, customs_of, market_of
from domain.permissions import Permission
from domain.texts import line, needed, text
from domain.values import ABSENT, Absent, iso
from domain.viewer import Viewer
from resolvers.drafts import taken
from resolvers.reads import Listing, Statement, newest_first, reads, visibility, visible_to
from resolvers.unit import Keys, Unit, requires

_WORDS = 30
"""Most colours, payments or taboos of a market."""


@reads(MarketProfile, Permission.READ_MARKETING)
def visible(viewer: Viewer) -> Statement:
    """Profiles of the organization."""
    return visible_to(viewer, MarketProfile)


@reads(MarketProfile, Permission.READ_MARKETING)
def search(viewer: Viewer) -> Listing:
    """Profiles, newest first."""
    return Listing(visible_to(viewer, MarketProfile), newest_first(MarketProfile))


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketProfileDraft:
    """What is known better of a market; null goes back to the table, what is absent stays."""

    market: str
    color_preferences: list[str] | Absent | None = ABSENT
    payment_preferences: list[str] | Absent | None = ABSENT
    cultural_taboos: list[str] | Absent | None = ABSENT
    source: str | Absent | None = ABSENT
    as_of: date | Absent | None = ABSENT


@dataclass(frozen=True, slots=True)
class MarketFacts:
    """What is known of a market, by the organization where it has said so, else by the table."""

    market: str
    name: str
    region: str
    languages: list[str]
    color_preferences: list[str]
    payment_preferences: list[str]
    cultural_taboos: list[str]
    source: str
    as_of: date
    own: bool


@dataclass(frozen=True, slots=True)
class MarketQuestion:
    """Of which market the facts are wanted."""

    code: str

    permission = Permission.READ_MARKETING

    def statement(self, viewer: Viewer) -> Statement:
        """The organization's own profile of it."""
        return profiles(viewer, [asked("code", self.code).country.code])

    def answer(self, rows: list[Any]) -> MarketFacts:
        """The facts behind the row."""
        return facts_of(asked("code", self.code), rows[0] if rows else None)


def profiles(viewer: Viewer, codes: list[str]) -> Statement:
    """The organization's own words about countries."""
    own = MarketProfile
    columns = (
        own.market,
        own.color_preferences,
        own.payment_preferences,
        own.cultural_taboos,
        own.source,
        own.as_of,
        own.updated_at,
    )
    return select(*columns).where(*visibility(viewer, own), own.market.in_(codes))


def facts_of(market: Market, own: Any) -> MarketFacts:
    """The table's facts of a market with the organization's own in their place."""
    customs, country = customs_of(market.country.code), market.country
    colors, payments, taboos = (own[1], own[2], own[3]) if own else (None, None, None)
    return MarketFacts(
        market=country.code,
        name=country.name,
        region=country.region,
        languages=list(market.languages),
        color_preferences=customs.colors if colors is None else colors,
        payment_preferences=customs.payments if payments is None else payments,
        cultural_taboos=customs.taboos if taboos is None else taboos,
        source=(own[4] or "The organization's own profile.") if own else customs.source,
        as_of=(own[5] or own[6].date()) if own else customs.as_of,
        own=own is not None,
    )


def asked(field: str, code: str) -> Market:
    """The market a caller names.

    Raises:
        DomainError: INVALID when there is no such country.
    """
    market = market_of(needed(field, code))
    if market is None:
        raise invalid(field, f"{field} must be a country such as DE, or a locale such as fr-CH, not {code[:40]!r}.")
    return market


@requires(Permission.WRITE_MARKETING)
async def put(unit: Unit, draft: MarketProfileDraft) -> Keys:
    """Say what is known better of a market than the table that comes with the product."""
    code = asked("market", draft.market).country.code
    values = taken(
        draft,
        {
            "color_preferences": partial(_words, "colorPreferences"),
            "payment_preferences": partial(_words, "paymentPreferences"),
            "cultural_taboos": partial(_words, "culturalTaboos"),
            "source": partial(line, "source"),
            "as_of": lambda value: value,
        },
    )
    own = await unit.find(visible_to(unit.viewer, MarketProfile).where(MarketProfile.market == code))
    if own is None:
        own = MarketProfile(
            id=MarketProfile.new_id(), organization_id=unit.viewer.organization_id, created_at=unit.now, market=code
        )
        unit.add(own)
    for name, value in values.items():
        setattr(own, name, value)
    own.updated_at = unit.now
    unit.record(EventType.TRANSLATIONS_CHANGED, own, {"kind": "MarketProfile", "count": 1})
    return {"market_profile": own.id}


@requires(Permission.WRITE_MARKETING)
async def delete(unit: Unit, id: str) -> Keys:
    """Go back to the table for a market."""
    own = await unit.load(MarketProfile, id)
    await unit.session.delete(own)
    unit.record(EventType.TRANSLATIONS_CHANGED, own, {"kind": "MarketProfile", "count": -1})
    return {"deleted_id": own.id, "deleted": True, "deleted_at": iso(unit.now)}


def _words(field: str, values: list[str] | None) -> list[str] | None:
    if values is None:
        return None
    if len(values) > _WORDS:
        raise invalid(field, f"{field} must be at most {_WORDS} texts.")
    return list(dict.fromkeys(text(field, needed(field, each)).strip() for each in values))
