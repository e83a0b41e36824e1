"""Webhooks, deliveries and attempts that are not stored yet."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from domain.events import EventType
from domain.webhooks import WebhookAttempt, WebhookDelivery, WebhookEndpoint


def endpoint_row(organization_id: str, client_id: str, at: datetime, **values: Any) -> WebhookEndpoint:
    """A webhook of a client that is told of new leads, all of them, unless said otherwise."""
    given = {
        "url": "https://example.com/hook",
        "events": [EventType.LEAD_CREATED.value],
        "position": 0,
        "created_at": at,
        "updated_at": at,
    } | values
    return WebhookEndpoint(id=WebhookEndpoint.new_id(), organization_id=organization_id, client_id=client_id, **given)


def delivery_row(organization_id: str, endpoint_id: str, at: datetime, **values: Any) -> WebhookDelivery:
    """A delivery that tells of a new lead and waits."""
    given = {"type": EventType.LEAD_CREATED, "name": "lead.created", "body": "{}", "created_at": at} | values
    return WebhookDelivery(
        id=WebhookDelivery.new_id(), organization_id=organization_id, endpoint_id=endpoint_id, **given
    )


def attempt_row(organization_id: str, delivery_id: str, at: datetime, **values: Any) -> WebhookAttempt:
    """The first attempt at a delivery."""
    given = {"number": 1, "milliseconds": 5, "created_at": at} | values
    return WebhookAttempt(id=WebhookAttempt.new_id(), organization_id=organization_id, delivery_id=delivery_id, **given)
