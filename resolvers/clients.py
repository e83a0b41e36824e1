"""Reads of API clients and of what hangs on them: keys, secrets, authorizations. Never a hash, never what is sealed."""

from __future__ import annotations

from sqlalchemy import and_, not_, or_

from domain.clients import ApiClient
from domain.credentials import Credential, CredentialKind
from domain.grants import Grant
from domain.permissions import Permission
from domain.viewer import Dialect, Viewer
from resolvers import users
from resolvers.reads import Listing, Statement, ToMany, ToOne, newest_first, reads, visible_to
from resolvers.sql import now


@reads(ApiClient, Permission.READ_CLIENTS)
def visible(viewer: Viewer) -> Statement:
    """Clients of the organization."""
    return visible_to(viewer, ApiClient)


@reads(ApiClient, Permission.READ_CLIENTS)
def search(
    viewer: Viewer, search: str | None = None, dialect: Dialect | None = None, active: bool | None = None
) -> Listing:
    """Clients, newest first; `active` is neither revoked nor past its end."""
    statement = visible_to(viewer, ApiClient)
    if search:
        statement = statement.where(ApiClient.name.icontains(search, autoescape=True))
    if dialect:
        statement = statement.where(ApiClient.dialect == dialect)
    if active is not None:
        lasting = or_(ApiClient.expires_at.is_(None), ApiClient.expires_at > now())
        working = and_(ApiClient.revoked_at.is_(None), lasting)
        statement = statement.where(working if active else not_(working))
    return Listing(statement, newest_first(ApiClient), told=active is None)


@reads(Credential, Permission.READ_CLIENTS)
def visible_keys(viewer: Viewer) -> Statement:
    """Keys and secrets; tokens and codes are nobody's to look at."""
    shown = Credential.kind.in_([CredentialKind.KEY, CredentialKind.SECRET])
    return visible_to(viewer, Credential).where(shown)


@reads(Credential, Permission.READ_CLIENTS)
def search_keys(viewer: Viewer) -> Listing:
    """Keys, newest first."""
    own = visible_to(viewer, Credential).where(Credential.kind == CredentialKind.KEY)
    return Listing(own, newest_first(Credential))


@reads(Credential, Permission.READ_CLIENTS)
def search_secrets(viewer: Viewer) -> Listing:
    """Secrets, newest first."""
    own = visible_to(viewer, Credential).where(Credential.kind == CredentialKind.SECRET)
    return Listing(own, newest_first(Credential))


@reads(Grant, Permission.READ_CLIENTS)
def visible_grants(viewer: Viewer) -> Statement:
    """Authorizations of the organization's clients."""
    return visible_to(viewer, Grant)


@reads(Grant, Permission.READ_CLIENTS)
def search_grants(viewer: Viewer) -> Listing:
    """Authorizations, newest first."""
    return Listing(visible_to(viewer, Grant), newest_first(Grant))


keys = ToMany(search_keys, Credential.client_id)
secrets = ToMany(search_secrets, Credential.client_id)
grants = ToMany(search_grants, Grant.client_id)
user = ToOne(users.visible, ApiClient.user_id)
of_key = ToOne(visible, Credential.client_id)
of_grant = ToOne(visible, Grant.client_id)
user_of_grant = ToOne(users.visible, Grant.user_id)
