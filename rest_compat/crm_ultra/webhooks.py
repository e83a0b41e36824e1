"""Webhooks (documentation, section Webhooks / Setting Up Webhooks).

Only the registration is printed, without an answer; listing and removal are under the same path (CU-37).
"""

from __future__ import annotations

from rest_compat.crm_ultra.lists import PAGING, SIX_FACTS, pages
from rest_compat.engine.answers import page, take
from rest_compat.engine.arguments import body, path
from rest_compat.engine.routes import Route

GROUP = "Webhooks"
WEBHOOK = path("webhook_id", "id", "Id of the webhook.")

ROUTES = (
    Route(
        "POST",
        "/webhooks",
        "RegisterWebhook",
        take("createWebhook.webhook"),
        (
            body("url", "url", note="HTTPS endpoints only."),
            body("events", "events"),
            body("secret", "secret", note="Signs deliveries; without one they are not signed."),
        ),
        status=201,
        title="Register webhook",
        group=GROUP,
        example="webhooks_create",
    ),
    Route(
        "GET",
        "/webhooks",
        "ListWebhooks",
        page("webhooks", PAGING, container="data", beside="pagination", facts=SIX_FACTS),
        pages(default=20),
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
