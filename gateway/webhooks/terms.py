"""What webhooks may be in this installation, from settings, and in whose words they are told."""

from __future__ import annotations

from domain.ports import WebhookTerms
from gateway.database import Database
from gateway.graphql.points import Points
from gateway.settings_webhooks import OutgoingSettings, WebhookSettings
from gateway.webhooks.bodies import Bodies
from gateway.webhooks.opening import TELLINGS, reach_of
from gateway.webhooks.previews import Previewing
from gateway.webhooks.selections import Selections


def webhook_terms(
    database: Database,
    selections: Selections,
    points: Points,
    settings: WebhookSettings,
    outgoing: OutgoingSettings,
) -> WebhookTerms:
    """What can be registered, and what can be looked at beforehand."""
    return WebhookTerms(
        reach=reach_of(outgoing),
        endpoints=settings.endpoints,
        redelivered=settings.redelivered,
        names={dialect: telling.names for dialect, telling in TELLINGS.items()},
        selections=selections,
        previews=Previewing(database, Bodies(TELLINGS, selections, settings.body_bytes), selections, points),
    )
