"""Reads of campaigns for one company."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, null, select

from domain.abm import AbmCampaign, AutomationRule, CampaignPersona, ScheduledContent, TriggeredAction
from domain.channels import Channel
from domain.emails import Email
from domain.engagement import EngagementEvent
from domain.events import EventType
from domain.leads import Lead
from domain.marketing import CampaignStatus
from domain.permissions import Permission
from domain.tasks import Task
from domain.values import Moment, end_of, start_of
from domain.viewer import Dialect, Viewer
from domain.webhooks import WebhookEndpoint, WebhookStatus
from resolvers import accounts, emails, leads, tasks
from resolvers.leads import Direction
from resolvers.reads import Listing, Order, Statement, ToMany, ToOne, reads, visibility, visible_to
from resolvers.sql import contains, has_item


class AbmCampaignSortField(StrEnum):
    """By what campaigns for one company can be sorted."""

    CREATED_AT = "CREATED_AT"
    UPDATED_AT = "UPDATED_AT"
    START_DATE = "START_DATE"
    END_DATE = "END_DATE"
    NAME = "NAME"


_SORT_COLUMNS: dict[AbmCampaignSortField, Any] = {
    AbmCampaignSortField.CREATED_AT: AbmCampaign.created_at,
    AbmCampaignSortField.UPDATED_AT: AbmCampaign.updated_at,
    AbmCampaignSortField.START_DATE: AbmCampaign.start_date,
    AbmCampaignSortField.END_DATE: AbmCampaign.end_date,
    AbmCampaignSortField.NAME: AbmCampaign.name,
}


@dataclass(frozen=True, slots=True)
class AbmCampaignSort:
    """The order of campaigns."""

    field: AbmCampaignSortField = AbmCampaignSortField.CREATED_AT
    direction: Direction = Direction.DESC


@dataclass(frozen=True, slots=True)
class AbmCampaignFilter:
    """Which campaigns are wanted; every given condition has to hold, bounds are inclusive."""

    account: str | None = None
    status: CampaignStatus | None = None
    channel: Channel | None = None
    objective: str | None = None
    persona: str | None = None
    search: str | None = None
    created_from: Moment | None = None
    created_to: Moment | None = None
    start_from: Moment | None = None
    start_to: Moment | None = None


@reads(AbmCampaign, Permission.READ_MARKETING)
def visible(viewer: Viewer) -> Statement:
    """Campaigns for one company, of the organization."""
    return visible_to(viewer, AbmCampaign)


@reads(AbmCampaign, Permission.READ_MARKETING)
def search(viewer: Viewer, where: AbmCampaignFilter | None = None, sort: AbmCampaignSort | None = None) -> Listing:
    """Campaigns that match, newest first unless sorted otherwise."""
    sort = sort or AbmCampaignSort()
    statement = visible_to(viewer, AbmCampaign).where(*_conditions(where or AbmCampaignFilter()))
    return Listing(statement, Order(_SORT_COLUMNS[sort.field], sort.direction is Direction.DESC))


def _conditions(where: AbmCampaignFilter) -> list[ColumnElement[bool]]:
    own = AbmCampaign
    equal = ((own.account_id, where.account), (own.status, where.status), (own.objective, where.objective))
    conditions: list[ColumnElement[bool]] = [column == value for column, value in equal if value is not None]
    if where.channel is not None:
        conditions.append(has_item(own.channels, where.channel.value))
    if where.persona is not None:
        meant = select(CampaignPersona.campaign_id).where(CampaignPersona.persona_id == where.persona)
        conditions.append(own.id.in_(meant))
    if where.search and where.search.strip():
        conditions.append(contains(where.search, own.name))
    bounds = (
        (own.created_at, where.created_from, where.created_to),
        (own.start_date, where.start_from, where.start_to),
    )
    for column, low, high in bounds:
        if low is not None:
            conditions.append(column >= start_of(low))
        if high is not None:
            conditions.append(column <= end_of(high))
    return conditions


def webhook_url(viewer: Viewer) -> ColumnElement[Any]:
    """Where CopyCar's receivers are told of engagements: the first address registered for them, if any (CC-06, CC-08).

    Nothing for who may not see webhooks: an address may hold a token.
    """
    if Permission.READ_WEBHOOKS not in viewer.permissions:
        return null()
    told = (
        select(WebhookEndpoint.url)
        .where(*visibility(viewer, WebhookEndpoint))
        .where(WebhookEndpoint.dialect == Dialect.COPYCAR, WebhookEndpoint.status == WebhookStatus.ACTIVE)
        .where(has_item(WebhookEndpoint.events, EventType.ENGAGEMENT_DETECTED.value))
        .order_by(WebhookEndpoint.created_at, WebhookEndpoint.id)
    )
    return told.limit(1).scalar_subquery()


def tracking_pixel_url(public_url: str, id: str) -> str:
    """The picture that counts an opening for the whole campaign, where this server is really reached (CC-09, X-26)."""
    return f"{public_url}/v2/ultimate/track/{id}"


def dashboard_url(public_url: str, id: str) -> str:
    """The page of this server that shows the campaign."""
    return f"{public_url}/campaigns/{id}"


of_account = ToMany(search, AbmCampaign.account_id)
of_persona = ToMany(
    search, CampaignPersona.persona_id, through=(CampaignPersona, CampaignPersona.campaign_id == AbmCampaign.id)
)
of_item = ToOne(visible, ScheduledContent.campaign_id)
of_rule = ToOne(visible, AutomationRule.campaign_id)
of_action = ToOne(visible, TriggeredAction.campaign_id)
of_engagement = ToOne(visible, EngagementEvent.campaign_id)
of_email = ToOne(visible, Email.campaign_id)
of_task = ToOne(visible, Task.campaign_id)
of_lead = ToOne(visible, Lead.campaign_id)
account = ToOne(accounts.visible, AbmCampaign.account_id)
leads_of = ToMany(leads.search, Lead.campaign_id)
emails_of = ToMany(emails.search, Email.campaign_id)
tasks_of = ToMany(tasks.search, Task.campaign_id)
