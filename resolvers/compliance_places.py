"""What law concerns by where it is: leads, campaigns, companies, localizations of an item's jurisdiction, and back.

Of engagement there is only one way, from where somebody was to the law there: nobody asks a law who opened what.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, select, true

from domain.accounts import Account, AccountPlace
from domain.compliance import ComplianceItem
from domain.engagement import EngagementEvent
from domain.jurisdictions import GLOBAL, canonical, iso_code, spellings, touching
from domain.leads import US_STATES, Lead
from domain.localization import Localization
from domain.marketing import AdCampaign
from resolvers import accounts, ad_campaigns, compliance_items, leads, localizations
from resolvers.reads import ToMany, ToMatching
from resolvers.sql import has_any_item

_EVERYWHERE = "*"
_STATE = "US-"


def _law_of(places: Sequence[str]) -> tuple[str, ...]:
    """The jurisdictions that concern any of some places."""
    known = [canonical(place) for place in places]
    if GLOBAL in known:
        return (_EVERYWHERE,)
    return tuple(dict.fromkeys(jurisdiction for place in known for jurisdiction in touching(place)))


def _law_of_state(state: str) -> tuple[str, ...]:
    """The jurisdictions of a lead, whose state is one of the USA (CU-20)."""
    return _law_of([_STATE + state])


def _is_law(jurisdiction: str) -> ColumnElement[bool]:
    return true() if jurisdiction == _EVERYWHERE else ComplianceItem.jurisdiction == jurisdiction


def _states_of(jurisdiction: str) -> tuple[str, ...]:
    """The states whose leads a jurisdiction concerns; everywhere in the USA is one part."""
    if jurisdiction in (GLOBAL, "US"):
        return (_EVERYWHERE,)
    state = jurisdiction.removeprefix(_STATE)
    return (state,) if state in US_STATES and jurisdiction.startswith(_STATE) else ()


def _is_in(state: str) -> ColumnElement[bool]:
    return Lead.state.is_not(None) if state == _EVERYWHERE else Lead.state == state


def _places_of(jurisdiction: str) -> tuple[tuple[str, ...] | str, ...]:
    """Everything that the places are called in which a jurisdiction concerns somebody, as one part."""
    return (_EVERYWHERE,) if jurisdiction == GLOBAL else (spellings(touching(jurisdiction)),)


def _aims_at(places: tuple[str, ...] | str) -> ColumnElement[bool]:
    return true() if isinstance(places, str) else has_any_item(AdCampaign.locations, places)


def _law_of_place(place: str) -> tuple[str, ...]:
    """The jurisdictions of a market or a country, whatever it was called."""
    return _law_of([place])


def _markets_of(jurisdiction: str) -> tuple[str, ...]:
    """The countries, by their ISO codes, whose markets a jurisdiction concerns."""
    return (_EVERYWHERE,) if jurisdiction == GLOBAL else tuple(map(iso_code, touching(jurisdiction)))


def _is_for(market: str) -> ColumnElement[bool]:
    return true() if market == _EVERYWHERE else Localization.target_market == market


_HOLDS_FOR_ACCOUNT = and_(
    ComplianceItem.organization_id == AccountPlace.organization_id,
    ComplianceItem.jurisdiction == AccountPlace.jurisdiction,
)
"""What holds for a company is noted when it is written, so that each item is one of a company's once."""


def _items_accounts() -> Any:
    held = select(ComplianceItem.id.label("item_id"), AccountPlace.account_id.label("account_id"))
    return held.join(AccountPlace, _HOLDS_FOR_ACCOUNT).subquery("items_accounts")


_ITEMS_ACCOUNTS: Any = _items_accounts()

of_lead = ToMatching(compliance_items.search, Lead.state, _law_of_state, _is_law)
of_campaign = ToMatching(compliance_items.search, AdCampaign.locations, _law_of, _is_law)
leads_of = ToMatching(leads.search, ComplianceItem.jurisdiction, _states_of, _is_in)
campaigns_of = ToMatching(ad_campaigns.search, ComplianceItem.jurisdiction, _places_of, _aims_at)
of_localization = ToMatching(compliance_items.search, Localization.target_market, _law_of_place, _is_law)
of_engagement = ToMatching(compliance_items.search, EngagementEvent.country, _law_of_place, _is_law)
localizations_of = ToMatching(localizations.search, ComplianceItem.jurisdiction, _markets_of, _is_for)
of_account = ToMany(compliance_items.search, AccountPlace.account_id, through=(AccountPlace, _HOLDS_FOR_ACCOUNT))
accounts_of = ToMany(
    accounts.search, _ITEMS_ACCOUNTS.c.item_id, through=(_ITEMS_ACCOUNTS, _ITEMS_ACCOUNTS.c.account_id == Account.id)
)
