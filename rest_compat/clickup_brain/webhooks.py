"""Webhooks (documentation, section Webhooks / Webhook Configuration).

Only the registration is printed, without an answer; listing and removal are under the same path (CB-34).
"""

from __future__ import annotations

from collections.abc import Mapping

from domain.receivers import LONGEST_SECRET, SHORTEST_SECRET
from rest_compat.clickup_brain.compliance import ADDRESS
from rest_compat.clickup_brain.telling import NAMES
from rest_compat.engine.answers import record, take
from rest_compat.engine.arguments import body, path
from rest_compat.engine.routes import Route
from rest_compat.engine.spelling import JsonSchema

GROUP = "Webhooks"
_SECRET: JsonSchema = {"minLength": SHORTEST_SECRET, "maxLength": LONGEST_SECRET, "pattern": "^(?!whsec_)"}
WEBHOOK = path("webhook_id", "id", "Id of the webhook.")


def knows(body: Mapping[str, object]) -> bool:
    """Whether a registration names events of this product only; another has the same path and properties (X-03)."""
    events = body.get("events")
    return isinstance(events, list) and bool(events) and all(each in NAMES.values() for each in events)


def contests(path: str) -> bool:
    """Whether a bare path of another product is one of these as well: every route is at `/v1` too (CB-04)."""
    return path == "/v1/webhooks" or path.startswith("/v1/webhooks/")


ROUTES = (
    Route(
        "POST",
        "/webhooks",
        "RegisterWebhook",
        take("createWebhook.webhook"),
        (
            body("url", "url", bounds=ADDRESS),
            body("events", "events", bounds={"minItems": 1}),
            body(
                "secret",
                "secret",
                bounds=_SECRET,
                note="Signs deliveries; without one they are not signed.",
            ),
        ),
        status=201,
        title="Webhook Configuration",
        group=GROUP,
        example="webhooks_create",
    ),
    Route(
        "GET",
        "/webhooks",
        "ListWebhooks",
        record({"webhooks": take("webhooks.nodes"), "total_count": take("webhooks.totalCount")}),
        title="List webhooks",
        group=GROUP,
    ),
    Route(
        "GET",
        "/webhooks/{webhook_id}",
        "GetWebhook",
        take("webhook"),
        (WEBHOOK,),
        title="Get webhook",
        group=GROUP,
    ),
    Route(
        "DELETE",
        "/webhooks/{webhook_id}",
        "DeleteWebhook",
        take("deleteWebhook"),
        (WEBHOOK,),
        title="Delete webhook",
        group=GROUP,
    ),
)
