"""Markets, and what organizations know better of them."""

from datetime import date, datetime
from typing import Any, ClassVar

import strawberry
from strawberry import UNSET

from resolvers import market_profiles
from resolvers.reads import ToOne
from schema.engine.forms import answer, change, connection, link
from schema.engine.inputs import mirrors
from schema.nodes import Connection, Node, Payload


@strawberry.type(description="What an organization knows better of a market; null keeps what the product's table says.")
class MarketProfile(Node, read=market_profiles.visible):
    """What an organization knows better of a market; null keeps what the product's table says."""

    market: str
    color_preferences: list[str] | None
    payment_preferences: list[str] | None
    cultural_taboos: list[str] | None
    source: str | None
    as_of: date | None
    created_at: datetime
    updated_at: datetime


@strawberry.type(description="What is known of a market, where that is from, and how old it is.")
class Market:
    """What is known of a market, where that is from, and how old it is."""

    market: str
    name: str
    region: str
    languages: list[str]
    color_preferences: list[str]
    payment_preferences: list[str]
    cultural_taboos: list[str]
    source: str
    as_of: date
    own: bool = strawberry.field(description="Whether the organization has a profile of its own.")


@mirrors(market_profiles.MarketProfileDraft)
class PutMarketProfileInput:
    """What is known better of a market; null goes back to the table, what is left out stays."""

    market: str
    color_preferences: list[str] | None = UNSET
    payment_preferences: list[str] | None = UNSET
    cultural_taboos: list[str] | None = UNSET
    source: str | None = UNSET
    as_of: date | None = UNSET


@strawberry.type
class PutMarketProfilePayload(Payload):
    """The profile as it is now."""

    market_profile: MarketProfile | None = link(ToOne(market_profiles.visible, "market_profile"))


@strawberry.type
class DeleteMarketProfilePayload(Payload):
    """What was deleted, and when."""

    blank: ClassVar[dict[str, Any]] = {"deleted": False}

    deleted_id: strawberry.ID | None
    deleted: bool
    deleted_at: datetime | None


@strawberry.type
class MarketProfileQueries:
    """Reads of markets."""

    market: Market = answer(market_profiles.MarketQuestion, "What is known of a market.", code=str)
    market_profiles: Connection[MarketProfile] = connection(
        market_profiles.search, "The organization's own profiles of markets, newest first."
    )


@strawberry.type
class MarketProfileMutations:
    """What can be done about markets."""

    put_market_profile: PutMarketProfilePayload = change(market_profiles.put, input=PutMarketProfileInput)
    delete_market_profile: DeleteMarketProfilePayload = change(market_profiles.delete, id=strawberry.ID)
