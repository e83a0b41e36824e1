"""The authorization server as an operator has set it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gateway.credential_rows import CredentialRows
from gateway.database import Database
from gateway.limits.limits import Limits
from gateway.oauth.attempts import Attempts
from gateway.oauth.authorization import Authorizations
from gateway.oauth.clients import Clients
from gateway.oauth.copycar import CopyCarTokens
from gateway.oauth.endpoints import Endpoints, Handler
from gateway.oauth.protocol import Protocol
from gateway.oauth.rules import OAuthRules
from gateway.settings import Settings
from rest_compat.copycar.dialect import COPYCAR
from rest_compat.engine.services import DoorSettings


@dataclass(frozen=True)
class OAuth:
    """What the process serves of it: the pages' part, the handlers by path, and CopyCar's own endpoint."""

    authorizations: Authorizations
    everywhere: Mapping[str, Handler]
    copycars: Handler


def open_oauth(settings: Settings, database: Database, limits: Limits) -> OAuth:
    """The authorization server of the settings."""
    own = settings.oauth
    rules = OAuthRules(settings.public_url, own.access_seconds, own.refresh_seconds, own.code_seconds)
    clients = Clients(database)
    attempts = Attempts(limits, database.clock, requests=own.requests_per_minute, failures=own.failures_per_minute)
    protocol = Protocol(database, clients, attempts, rules)
    door = DoorSettings(
        settings.public_url,
        max_body_bytes=own.body_bytes,
        body_timeout_seconds=settings.rest.body_timeout_seconds,
        deprecated_at=settings.copycar.deprecation,
        sunset_at=settings.copycar.sunset,
    )
    site = COPYCAR.site(settings.public_url)
    return OAuth(
        Authorizations(database, clients, rules),
        Endpoints(protocol, door).handlers(),
        CopyCarTokens(protocol, CredentialRows(database), database.clock, door, site),
    )
