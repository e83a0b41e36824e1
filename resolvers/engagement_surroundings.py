"""What is known around things that were seen: loaded for all of them at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import select

from domain.abm import AbmCampaign, ScheduledContent, TriggeredAction
from domain.channels import Channel
from domain.contacts import Contact
from domain.emails import Email
from domain.engagement import EngagementEvent, EngagementType
from domain.entity import Entity
from domain.leads import Lead
from resolvers.reads import Statement, visible_to
from resolvers.sql import padded
from resolvers.unit import Unit

E = TypeVar("E", bound=Entity)
Scope = tuple[str | None, ...]
"""A message, or a person and what it was about where there was none, or a nameless reader of a campaign."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """Something that was seen. `source_key` is what it is known by: told again under the same key, it is not noted.

    What is done with a message needs no more than the message: person, campaign and planned piece are its own.
    """

    type: EngagementType
    source_key: str
    occurred_at: datetime
    contact_id: str | None = None
    campaign_id: str | None = None
    item_id: str | None = None
    email_id: str | None = None
    channel: Channel | None = None
    url: str | None = None
    user_agent: str | None = None
    ip_address: str | None = None
    city: str | None = None
    state: str | None = None
    country: str | None = None
    note: str | None = None

    @property
    def scope(self) -> Scope:
        """What it is counted once for."""
        if self.email_id:
            return (self.email_id,)
        if self.contact_id:
            return (self.contact_id, self.campaign_id, self.item_id)
        return (self.campaign_id, self.ip_address, self.user_agent, None)


@dataclass(slots=True)
class Surroundings:
    """What is new of what was seen, complete, and the rows it names by their ids."""

    fresh: Sequence[Seen] = ()
    emails: dict[str, Email] = field(default_factory=dict)
    contacts: dict[str, Contact] = field(default_factory=dict)
    campaigns: dict[str, AbmCampaign] = field(default_factory=dict)
    items: dict[str, ScheduledContent] = field(default_factory=dict)
    leads: dict[str, list[str]] = field(default_factory=dict)
    """The leads of each contact, the newest first."""
    kinds: dict[Scope, set[EngagementType]] = field(default_factory=lambda: defaultdict(set))

    def shown(self, seen: Seen) -> set[EngagementType]:
        """What was done before with the same message, or by the same person where there was none."""
        return self.kinds[seen.scope]


async def surroundings(unit: Unit, seen: Sequence[Seen]) -> Surroundings:
    """Everything that is needed to note what was seen, in as many statements for many as for one.

    Messages and people stay locked until the commit, so that of two who see something at once each knows of the other.
    """
    around = Surroundings()
    around.emails = await rows_by_id(unit, Email, (each.email_id for each in seen), lock=True)
    own = await _contacts_of_leads(unit, around.emails.values())
    pieces = await _pieces_of_follow_ups(unit, around.emails.values())
    complete = [made for each in seen if (made := _complete(each, around.emails, own, pieces)) is not None]
    around.contacts = await rows_by_id(unit, Contact, (each.contact_id for each in complete), lock=True)
    around.fresh = await _unknown(unit, complete, around.emails)
    around.campaigns = await rows_by_id(unit, AbmCampaign, (each.campaign_id for each in around.fresh))
    around.items = await rows_by_id(unit, ScheduledContent, (each.item_id for each in around.fresh))
    around.leads = await _leads(unit, around)
    await _earlier(unit, around)
    return around


def _complete(seen: Seen, emails: dict[str, Email], contacts: dict[str, str], pieces: dict[str, str]) -> Seen | None:
    """What was seen with what its message says; None when the message is gone."""
    if seen.email_id is None:
        return seen
    message = emails.get(seen.email_id)
    if message is None:
        return None
    return replace(
        seen,
        contact_id=message.contact_id or contacts.get(message.lead_id or "") or seen.contact_id,
        campaign_id=message.campaign_id or seen.campaign_id,
        item_id=message.item_id or pieces.get(message.id) or seen.item_id,
    )


async def _unknown(unit: Unit, seen: Sequence[Seen], emails: dict[str, Email]) -> list[Seen]:
    """What has not been noted under its key, each key once; openings from before there were keys are known too."""
    keys = padded(sorted({each.source_key for each in seen}))
    if not keys:
        return []
    known = set(
        await unit.session.scalars(
            visible_to(unit.viewer, EngagementEvent)
            .with_only_columns(EngagementEvent.source_key)
            .where(EngagementEvent.source_key.in_(keys))
        )
    )
    fresh: dict[str, Seen] = {}
    for each in seen:
        message = emails.get(each.email_id or "")
        opened = message is not None and message.opened_at is not None and each.source_key == f"open:{message.id}"
        if each.source_key not in known and not opened:
            fresh.setdefault(each.source_key, each)
    return list(fresh.values())


async def rows_by_id(unit: Unit, entity: type[E], ids: Iterable[str | None], *, lock: bool = False) -> dict[str, E]:
    """Rows the viewer may see, by their ids; locked ones stay so until the commit."""
    wanted = padded(sorted({each for each in ids if each}))
    if not wanted:
        return {}
    key: Any = entity.id  # type: ignore[attr-defined]
    statement: Statement = visible_to(unit.viewer, entity).where(key.in_(wanted))
    if lock:
        # Not against whoever only refers to the row; in one order, or two could wait for each other. Read anew, also
        # where a row was read before it was locked: somebody may have changed it in between.
        await unit.flush()
        statement = statement.order_by(key).with_for_update(key_share=True).execution_options(populate_existing=True)
    return {row.id: row for row in await unit.session.scalars(statement)}


async def _contacts_of_leads(unit: Unit, messages: Iterable[Email]) -> dict[str, str]:
    ids = padded(sorted({each.lead_id for each in messages if each.lead_id and not each.contact_id}))
    if not ids:
        return {}
    statement = visible_to(unit.viewer, Lead).with_only_columns(Lead.id, Lead.contact_id).where(Lead.id.in_(ids))
    return {row.id: row.contact_id for row in await unit.session.execute(statement) if row.contact_id}


async def _pieces_of_follow_ups(unit: Unit, messages: Iterable[Email]) -> dict[str, str]:
    """The planned pieces that messages follow up: what is done with them is done with the piece, whose rules have
    fired already, so that no follow-up is followed up for ever.
    """
    loose = {each.id: each.campaign_id for each in messages if each.campaign_id and not each.item_id}
    if not loose:
        return {}
    own = TriggeredAction
    statement = visible_to(unit.viewer, own).with_only_columns(own.email_id, own.item_id)
    # By the campaign too, which has an index.
    of_campaigns = own.campaign_id.in_(padded(sorted(set(loose.values()))))
    statement = statement.where(of_campaigns, own.email_id.in_(padded(sorted(loose))))
    return {row.email_id: row.item_id for row in await unit.session.execute(statement) if row.item_id}


async def _leads(unit: Unit, around: Surroundings) -> dict[str, list[str]]:
    """The leads of those who have opened mail of campaigns."""
    opened = {
        each.contact_id
        for each in around.fresh
        if each.type is EngagementType.EMAIL_OPEN and each.email_id and each.campaign_id and each.contact_id
    }
    return await leads_of(unit, opened)


async def leads_of(unit: Unit, contacts: Iterable[str | None]) -> dict[str, list[str]]:
    """The leads of people, the newest first."""
    ids = padded(sorted({each for each in contacts if each}))
    if not ids:
        return {}
    statement = (
        visible_to(unit.viewer, Lead).with_only_columns(Lead.id, Lead.contact_id).where(Lead.contact_id.in_(ids))
    )
    found: dict[str, list[str]] = {}
    for row in await unit.session.execute(statement.order_by(Lead.created_at.desc(), Lead.id.desc())):
        found.setdefault(row.contact_id, []).append(row.id)
    return found


def timelines_of(message: Email, leads: Mapping[str, Sequence[str]]) -> Sequence[str]:
    """On which leads' timelines a message stands: its own lead's; of a campaign, those of all leads of its reader."""
    if message.campaign_id is None:
        return [message.lead_id] if message.lead_id else []
    return leads.get(message.contact_id or "", ())


async def _earlier(unit: Unit, around: Surroundings) -> None:
    """What was done before: with the messages, by the people, by readers without a name."""
    event = EngagementEvent
    by_message = (event.email_id,)
    by_person = (event.contact_id, event.campaign_id, event.item_id)
    by_reader = (event.campaign_id, event.ip_address, event.user_agent)
    nameless = (event.email_id.is_(None), event.contact_id.is_(None))
    messages = {each.email_id for each in around.fresh if each.email_id}
    people = {each.contact_id for each in around.fresh if each.contact_id and not each.email_id}
    readers = {each.campaign_id for each in around.fresh if each.campaign_id and not (each.email_id or each.contact_id)}
    addresses = {each.ip_address for each in around.fresh if each.ip_address}
    for columns, rest, wanted, conditions in (
        (by_message, (), messages, ()),
        (by_person, (), people, (event.email_id.is_(None),)),
        (by_reader, (None,), readers, (*nameless, event.ip_address.in_(padded(sorted(addresses))))),
    ):
        if not wanted:
            continue
        found = select(*columns, event.type).distinct().where(event.organization_id == unit.viewer.organization_id)
        found = found.where(columns[0].in_(padded(sorted(wanted))), *conditions)
        for *scope, kind in await unit.session.execute(found):
            around.kinds[*scope, *rest].add(kind)
