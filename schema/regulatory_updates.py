"""News about rules."""

import asyncio
from datetime import date as day
from datetime import datetime
from typing import Any, ClassVar

import strawberry
from strawberry import UNSET

from resolvers import regulatory_feeds, regulatory_update_writes, regulatory_updates
from resolvers.desk import Desk
from resolvers.reads import ToOne
from resolvers.regulatory_update_writes import FeedBatch
from resolvers.regulatory_updates import UpdateSummaryQuestion
from schema.accounts import Account
from schema.compliance_filters import RegulatoryUpdateFilter, RegulatoryUpdateScope
from schema.engine.forms import Optional, answer, attribute, change, collection, connection, link, one
from schema.engine.inputs import mirrors
from schema.engine.scalars import Upload
from schema.enums import FeedOutcome, Level
from schema.filters import AccountFilter
from schema.nodes import Connection, Node, Payload, UserError

_UPDATE = ToOne(regulatory_updates.visible, "regulatory_update")
_CODE = "A code such as EU, DE or US-CA, or a name; any other text is a jurisdiction of its own."
_TYPE = "An open word such as new_regulation."


@strawberry.type(description="News about a rule.")
class RegulatoryUpdate(Node, read=regulatory_updates.visible):
    """News about a rule."""

    title: str
    date: day = attribute("published_on")
    jurisdiction: str
    update_type: str = strawberry.field(description=_TYPE)
    impact_level: Level
    summary: str
    affected_industries: list[str]
    deadline: day | None
    source: str
    external_id: str | None = strawberry.field(description="What its source calls it.")
    created_at: datetime
    updated_at: datetime
    affected_accounts: Connection[Account] = collection(
        regulatory_updates.accounts_of, "Companies of these industries, by whatever name.", where=AccountFilter
    )


@strawberry.type(description="Updates that share a jurisdiction or a type, counted.")
class RegulatoryUpdateCount:
    """Updates that share a jurisdiction or a type, counted."""

    key: str
    total: int
    high_impact: int


@strawberry.type(description="Updates counted, whatever their impact.")
class RegulatoryUpdateSummary:
    """Updates counted, whatever their impact."""

    total: int
    high_impact: int = strawberry.field(description="Those of high or critical impact.")
    by_jurisdiction: list[RegulatoryUpdateCount] = strawberry.field(description="The largest first.")
    by_type: list[RegulatoryUpdateCount] = strawberry.field(description="The largest first.")


@mirrors(regulatory_update_writes.UpdateDraft)
class EnterRegulatoryUpdateInput:
    """News to be entered."""

    title: str
    date: day
    jurisdiction: str = strawberry.field(description=_CODE)
    update_type: str = strawberry.field(description=_TYPE)
    summary: str
    source: str
    impact_level: Level | None = strawberry.field(default=UNSET, description="MEDIUM unless said.")
    affected_industries: list[str] | None = UNSET
    deadline: day | None = UNSET
    external_id: str | None = strawberry.field(default=UNSET, description="What its source calls it; known once only.")


@mirrors(regulatory_update_writes.UpdatePatch)
class UpdateRegulatoryUpdateInput:
    """Changes to an update: what is left out stays, null clears."""

    id: strawberry.ID
    title: str | None = UNSET
    date: day | None = UNSET
    jurisdiction: str | None = strawberry.field(default=UNSET, description=_CODE)
    update_type: str | None = UNSET
    summary: str | None = UNSET
    source: str | None = UNSET
    impact_level: Level | None = UNSET
    affected_industries: list[str] | None = UNSET
    deadline: day | None = UNSET


@mirrors(regulatory_feeds.FeedImport)
class ImportRegulatoryUpdatesInput:
    """A feed in JSON, CSV, RSS or Atom, and what is taken for granted of entries that do not say it themselves."""

    file: Upload
    jurisdiction: str | None = strawberry.field(default=UNSET, description=_CODE)
    update_type: str | None = UNSET
    impact_level: Level | None = UNSET
    affected_industries: list[str] | None = UNSET
    source: str | None = UNSET


@strawberry.type
class EnterRegulatoryUpdatePayload(Payload):
    """The update that was entered."""

    regulatory_update: RegulatoryUpdate | None = link(_UPDATE)


@strawberry.type
class UpdateRegulatoryUpdatePayload(Payload):
    """The update as it is now."""

    regulatory_update: RegulatoryUpdate | None = link(_UPDATE)


@strawberry.type
class DeleteRegulatoryUpdatePayload(Payload):
    """What was deleted, and when."""

    blank: ClassVar[dict[str, Any]] = {"deleted": False}

    deleted_id: strawberry.ID | None
    deleted: bool
    deleted_at: datetime | None


@strawberry.type(description="What became of one entry of a feed.")
class ImportRegulatoryUpdatesResult:
    """What became of one entry of a feed."""

    index: int = strawberry.field(description="Its place in the feed, from 0.")
    outcome: FeedOutcome
    regulatory_update: RegulatoryUpdate | None = link(_UPDATE)
    errors: list[UserError]


@strawberry.type
class ImportRegulatoryUpdatesPayload(Payload):
    """What became of every entry of a feed."""

    blank: ClassVar[dict[str, Any]] = {"results": [], "created": 0, "changed": 0, "unchanged": 0, "failed": 0}

    results: list[ImportRegulatoryUpdatesResult]
    created: int
    changed: int
    unchanged: int
    failed: int


async def read_feed(desk: Desk, feed: regulatory_feeds.FeedImport) -> FeedBatch:
    """The updates of an uploaded feed, read beside the event loop."""
    content = await feed.file.read(regulatory_feeds.LARGEST + 1)
    return await asyncio.to_thread(regulatory_feeds.batch_of, content, feed, desk.bulk)


@strawberry.type
class RegulatoryQueries:
    """Reads of news about rules."""

    regulatory_update: RegulatoryUpdate | None = one(regulatory_updates.visible, "News about a rule.")
    regulatory_updates: Connection[RegulatoryUpdate] = connection(
        regulatory_updates.search, "News about rules, the newest first.", where=RegulatoryUpdateFilter
    )
    regulatory_update_summary: RegulatoryUpdateSummary = answer(
        UpdateSummaryQuestion,
        "News about rules counted by jurisdiction and type.",
        where=Optional(RegulatoryUpdateScope),
    )


@strawberry.type
class RegulatoryMutations:
    """What can be done with news about rules."""

    enter_regulatory_update: EnterRegulatoryUpdatePayload = change(
        regulatory_update_writes.enter, input=EnterRegulatoryUpdateInput
    )
    update_regulatory_update: UpdateRegulatoryUpdatePayload = change(
        regulatory_update_writes.change, input=UpdateRegulatoryUpdateInput
    )
    delete_regulatory_update: DeleteRegulatoryUpdatePayload = change(regulatory_update_writes.delete, id=strawberry.ID)
    import_regulatory_updates: ImportRegulatoryUpdatesPayload = change(
        regulatory_update_writes.enter_many, read_feed, input=ImportRegulatoryUpdatesInput
    )
