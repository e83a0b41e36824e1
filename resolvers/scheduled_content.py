"""Reads of what campaigns have planned."""

from __future__ import annotations

from dataclasses import dataclass

from domain.abm import ItemStatus, ScheduledContent, TriggeredAction
from domain.channels import Channel
from domain.emails import Email
from domain.engagement import EngagementEvent
from domain.permissions import Permission
from domain.tasks import Task
from domain.values import Moment, end_of, start_of
from domain.viewer import Viewer
from resolvers import content, emails, tasks
from resolvers.reads import Listing, Order, Statement, ToMany, ToOne, reads, visible_to


@dataclass(frozen=True, slots=True)
class ScheduledContentFilter:
    """Which planned pieces are wanted; every given condition has to hold, bounds are inclusive."""

    campaign: str | None = None
    status: ItemStatus | None = None
    channel: Channel | None = None
    week: int | None = None
    send_from: Moment | None = None
    send_to: Moment | None = None


@reads(ScheduledContent, Permission.READ_MARKETING)
def visible(viewer: Viewer) -> Statement:
    """Planned pieces of every campaign."""
    return visible_to(viewer, ScheduledContent)


@reads(ScheduledContent, Permission.READ_MARKETING)
def search(viewer: Viewer, where: ScheduledContentFilter | None = None) -> Listing:
    """Planned pieces in the order in which they are due, the earliest first."""
    own, where = ScheduledContent, where or ScheduledContentFilter()
    equal = (
        (own.campaign_id, where.campaign),
        (own.status, where.status),
        (own.channel, where.channel),
        (own.week, where.week),
    )
    statement = visible_to(viewer, own).where(*(column == value for column, value in equal if value is not None))
    if where.send_from is not None:
        statement = statement.where(own.send_time >= start_of(where.send_from))
    if where.send_to is not None:
        statement = statement.where(own.send_time <= end_of(where.send_to))
    return Listing(statement, Order(own.send_time, descending=False))


of_campaign = ToMany(search, ScheduledContent.campaign_id)
of_engagement = ToOne(visible, EngagementEvent.item_id)
of_action = ToOne(visible, TriggeredAction.item_id)
of_email = ToOne(visible, Email.item_id)
of_task = ToOne(visible, Task.item_id)
emails_of = ToMany(emails.search, Email.item_id)
tasks_of = ToMany(tasks.search, Task.item_id)
of_content = ToMany(search, ScheduledContent.content_id)
generated = ToOne(content.visible, ScheduledContent.content_id)
