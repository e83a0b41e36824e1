"""The process around dialects over a real database, and dialects served by it."""

from __future__ import annotations

from datetime import timedelta

from gateway.database import Database
from gateway.doors import RestServices
from gateway.limits.limits import Limits
from gateway.replays import Replays
from rest_compat.engine.app import DialectApp
from rest_compat.engine.dialect import Dialect
from rest_compat.engine.services import DoorSettings
from schema.graph import graphql_schema
from tests.factories.contexts import contexts_of
from tests.factories.credentials import credentials_of
from tests.factories.limits import limits_of
from tests.rest_compat.twofold import Twofold

SETTINGS = DoorSettings("https://graph.example")


def rest_services(database: Database, limits: Limits | None = None) -> RestServices:
    """What the process hands to its dialects."""
    limits = limits or limits_of(database)
    contexts = contexts_of(database, limits)
    replays = Replays(database, timedelta(hours=24))
    return RestServices(credentials_of(database), limits, contexts, replays, database)


def served(dialect: Dialect, database: Database, limits: Limits | None = None) -> DialectApp:
    """A dialect over a real database, which answers what it reads only where both ways of running it say the same."""
    app = DialectApp(dialect, graphql_schema, rest_services(database, limits), SETTINGS)
    app.ways = Twofold(database)
    return app
