"""What people do with what they were sent: reading it, and noting it once wherever it was noticed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from domain.abm import TriggeredAction
from domain.activities import ActivityType
from domain.channels import Channel
from domain.emails import Email
from domain.engagement import EngagementEvent, EngagementType
from domain.engagement_rules import COUNTERS, channel_of, percent, score
from domain.events import EventType
from domain.permissions import Permission
from domain.values import Moment, end_of, start_of, whole_second
from domain.viewer import Viewer
from resolvers import accounts, activities, automation, campaign_days, contacts
from resolvers.engagement_surroundings import Seen, Surroundings, surroundings, timelines_of
from resolvers.reads import Listing, Order, Statement, ToMany, ToOne, reads, visible_to
from resolvers.unit import Unit

OF_READERS = ("userAgent", "ipAddress")
"""What the log tells of by what, and from where, somebody read, until that is forgotten."""
__all__ = ["OF_READERS", "EngagementFilter", "Seen", "note", "note_many", "opening", "search", "visible"]


@dataclass(frozen=True, slots=True)
class EngagementFilter:
    """Which engagement is wanted; bounds are inclusive."""

    campaign: str | None = None
    account: str | None = None
    contact: str | None = None
    email: str | None = None
    type: EngagementType | None = None
    channel: Channel | None = None
    occurred_from: Moment | None = None
    occurred_to: Moment | None = None


@reads(EngagementEvent, Permission.READ_MARKETING)
def visible(viewer: Viewer) -> Statement:
    """Everything that people did."""
    return visible_to(viewer, EngagementEvent)


@reads(EngagementEvent, Permission.READ_MARKETING)
def search(viewer: Viewer, where: EngagementFilter | None = None) -> Listing:
    """Engagement, the newest first."""
    where = where or EngagementFilter()
    statement = visible_to(viewer, EngagementEvent)
    equal = [
        (EngagementEvent.campaign_id, where.campaign),
        (EngagementEvent.account_id, where.account),
        (EngagementEvent.contact_id, where.contact),
        (EngagementEvent.email_id, where.email),
        (EngagementEvent.type, where.type),
        (EngagementEvent.channel, where.channel),
    ]
    for column, value in equal:
        if value is not None:
            statement = statement.where(column == value)
    if where.occurred_from:
        statement = statement.where(EngagementEvent.occurred_at >= start_of(where.occurred_from))
    if where.occurred_to:
        statement = statement.where(EngagementEvent.occurred_at <= end_of(where.occurred_to))
    return Listing(statement, Order(EngagementEvent.occurred_at))


of_account = ToMany(search, EngagementEvent.account_id)
of_contact = ToMany(search, EngagementEvent.contact_id)
of_campaign = ToMany(search, EngagementEvent.campaign_id)
of_email = ToMany(search, EngagementEvent.email_id)
account = ToOne(accounts.visible, EngagementEvent.account_id)
contact = ToOne(contacts.visible, EngagementEvent.contact_id)
of_action = ToOne(visible, TriggeredAction.engagement_id)


def opening(email_id: str, at: datetime, user_agent: str | None = None, ip_address: str | None = None) -> Seen:
    """The first opening of a message, however often and by whomever it is told (CU-32)."""
    return Seen(
        type=EngagementType.EMAIL_OPEN,
        source_key=f"open:{email_id}",
        occurred_at=at,
        email_id=email_id,
        user_agent=user_agent,
        ip_address=ip_address,
    )


async def note(unit: Unit, seen: Seen) -> EngagementEvent | None:
    """Note something that was seen; None when it is known already, or what it was done with is gone."""
    return (await note_many(unit, (seen,)))[0]


async def note_many(unit: Unit, seen: Sequence[Seen]) -> list[EngagementEvent | None]:
    """Note what was seen, each once by its source key, with everything that follows from it.

    A followed link opens its message too, where that is not known yet: pictures are not always loaded.
    """
    around = await surroundings(unit, _with_openings(seen if unit.reader_days else [_unread(each) for each in seen]))
    noted: dict[str, EngagementEvent] = {}
    for each in around.fresh:
        noted[each.source_key] = event = _event(unit, each, around)
        unit.add(event)
    # Before what names them, which the session would not put behind them by itself.
    await unit.flush()
    await _count(unit, list(noted.values()), around)
    fired = await automation.fire(unit, list(noted.values()), around.campaigns)
    for event in noted.values():
        _take(unit, event, around)
        unit.record(EventType.ENGAGEMENT_DETECTED, event, _facts(event, around, fired), lead_id=_lead(event, around))
    return [noted.get(each.source_key) for each in seen]


def _unread(seen: Seen) -> Seen:
    """The same without by what, and from where, it was read."""
    return replace(seen, user_agent=None, ip_address=None)


def _with_openings(seen: Sequence[Seen]) -> list[Seen]:
    every: list[Seen] = []
    for each in seen:
        if each.type is EngagementType.LINK_CLICK and each.email_id:
            every.append(opening(each.email_id, each.occurred_at, each.user_agent, each.ip_address))
        every.append(each)
    return every


def _event(unit: Unit, seen: Seen, around: Surroundings) -> EngagementEvent:
    shown = around.shown(seen)
    counted = seen.type not in shown
    shown.add(seen.type)
    item = around.items.get(seen.item_id or "")
    campaign = around.campaigns.get(seen.campaign_id or "")
    person = around.contacts.get(seen.contact_id or "")
    message = around.emails.get(seen.email_id or "")
    return EngagementEvent(
        id=EngagementEvent.new_id(),
        organization_id=unit.viewer.organization_id,
        created_at=unit.now,
        type=seen.type,
        channel=seen.channel or channel_of(seen.type, item.channel if item else None),
        occurred_at=whole_second(seen.occurred_at),
        # Mail that comes back shows nothing of anybody, whatever was done with it before.
        score=0.0 if seen.type is EngagementType.BOUNCE else score(shown),
        counted=counted,
        source_key=seen.source_key,
        account_id=campaign.account_id if campaign else (person.account_id if person else None),
        contact_id=person.id if person else None,
        campaign_id=campaign.id if campaign else None,
        item_id=item.id if item else None,
        email_id=message.id if message else None,
        variant=message.variant if message else None,
        url=seen.url,
        user_agent=seen.user_agent,
        ip_address=seen.ip_address,
        city=seen.city,
        state=seen.state,
        country=seen.country,
        note=seen.note,
    )


async def _count(unit: Unit, noted: Sequence[EngagementEvent], around: Surroundings) -> None:
    """Add to the days of campaigns; mail that comes back is no engagement, and was not delivered on the day it left."""
    days: defaultdict[tuple[str, date], defaultdict[str, float]] = defaultdict(lambda: defaultdict(float))
    for event in noted:
        if event.campaign_id is None:
            continue
        if event.type is EngagementType.BOUNCE:
            message = around.emails.get(event.email_id or "")
            if message and message.sent_at and message.bounced_at is None:
                days[event.campaign_id, message.sent_at.date()]["emails_delivered"] -= 1
                message.bounced_at = event.occurred_at
            continue
        day = days[event.campaign_id, event.occurred_at.date()]
        day["engagements"] += 1
        day["score_sum"] += event.score
        if event.counted and event.type in COUNTERS:
            day[COUNTERS[event.type]] += 1
    await campaign_days.add(unit, days)


def _take(unit: Unit, event: EngagementEvent, around: Surroundings) -> None:
    """What follows for the message; the first opening is told by itself, and stands on timelines (CU-32, X-27)."""
    message = around.emails.get(event.email_id or "")
    if message is None:
        return
    if event.type is EngagementType.EMAIL_OPEN and message.opened_at is None:
        message.opened_at = event.occurred_at
        for lead_id in timelines_of(message, around.leads):
            text = f"E-mail opened: {message.subject}"
            activities.add(unit, lead_id, ActivityType.EMAIL_OPENED, text, {"emailId": message.id})
        unit.record(EventType.EMAIL_OPENED, message, message.facts(), lead_id=message.lead_id)
    elif event.type is EngagementType.LINK_CLICK:
        message.clicked_at = message.clicked_at or event.occurred_at
    elif event.type is EngagementType.RESPONSE_RECEIVED:
        message.replied_at = message.replied_at or event.occurred_at
    elif event.type is EngagementType.BOUNCE:
        message.bounced_at = message.bounced_at or event.occurred_at


def _facts(event: EngagementEvent, around: Surroundings, fired: automation.Fired) -> dict[str, Any]:
    """Engagement as CopyCar's receivers are told it (CC-38); what is unknown is null."""
    item = around.items.get(event.item_id or "")
    place = {"city": event.city, "state": event.state, "country": event.country}
    return {
        "id": event.id,
        "campaignId": event.campaign_id,
        "accountId": event.account_id,
        "contactId": event.contact_id,
        "engagementType": event.type,
        "contentId": item.local_id if item else None,
        "engagementScore": percent(event.score),
        "userAgent": event.user_agent,
        "ipAddress": event.ip_address,
        "location": place if any(place.values()) else None,
        "triggeredActions": automation.told(fired.get(event.id, ())),
    }


def _lead(event: EngagementEvent, around: Surroundings) -> str | None:
    message: Email | None = around.emails.get(event.email_id or "")
    return message.lead_id if message else None
