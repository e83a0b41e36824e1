"""What operations run in, and what webhooks may be, over a test's database."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from domain.ports import WebhookTerms
from gateway.connections import Connections
from gateway.database import Database
from gateway.doors import Contexts
from gateway.graphql.limits import GraphQLLimits
from gateway.graphql.points import Points
from gateway.limits.limits import Limits
from gateway.operations import Operations
from gateway.settings_webhooks import OutgoingSettings, WebhookSettings
from gateway.webhooks.opening import webhook_terms
from gateway.webhooks.selections import Selections
from schema.context import PageLimits
from schema.graph import plans
from tests.factories.limits import limits_of


def contexts_of(database: Database, limits: Limits | None = None) -> Contexts:
    """Contexts over a database."""
    operations = Operations(database, Connections(database.clock))
    return Contexts(database, limits or limits_of(database), operations, PageLimits())


def selections_of(database: Database, **bounds: Any) -> Selections:
    """Selections within the usual limits of the GraphQL door, or others."""
    return Selections(plans, contexts_of(database).make, GraphQLLimits(**bounds))


def terms_of(database: Database, *, networks: tuple[str, ...] = (), **changed: Any) -> WebhookTerms:
    """What webhooks may be; only public addresses unless networks are allowed."""
    points = Points(limits_of(database), database.clock, 1000)
    outgoing = OutgoingSettings(allowed_networks=networks)
    terms = webhook_terms(database, selections_of(database), points, WebhookSettings(), outgoing)
    return replace(terms, **changed)
