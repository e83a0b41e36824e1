"""What can be said about an API client, and whether it can be taken."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_network
from typing import Any

from domain.clients import GRANT_TYPES, MONTHLY_TOKENS, SCOPES, TIERS, USUAL_SCOPES, USUAL_TIER, ApiClient, GrantType
from domain.errors import invalid
from domain.permissions import ADMINISTRATIVE, Permission, Role, granted
from domain.redirects import redirect_uri
from domain.texts import needed, storable
from domain.values import ABSENT, Absent, Moment, start_of
from domain.viewer import Dialect, Viewer
from resolvers.drafts import Checks, taken

REDIRECT_URIS = 20
"""Most redirect URIs of one client."""
NETWORKS = 100
"""Most addresses and networks one client may call from."""
_MOST_TOKENS = 2**31 - 1
"""The greatest whole number every GraphQL client reads."""

Flag = bool | Absent | None
Texts = list[str] | Absent | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientFields:
    """What of a client can be changed later too; absent stays as it is, null is the usual."""

    name: str | Absent | None = ABSENT
    tier: str | Absent | None = ABSENT
    scopes: Texts = ABSENT
    redirect_uris: Texts = ABSENT
    allowed_ips: Texts = ABSENT
    legacy: Flag = ABSENT
    demands_secret: Flag = ABSENT
    monthly_tokens: int | Absent | None = ABSENT
    expires_at: Moment | Absent | None = ABSENT


@dataclass(frozen=True, slots=True)
class Kind:
    """What a client is for good: for which product, whether it keeps no secret, whether it sees test data only."""

    dialect: Dialect | None
    public: bool = False
    sandbox: bool = False


def checked(draft: ClientFields, kind: Kind, now: datetime) -> dict[str, Any]:
    """The sent properties, each checked, by the entity's attribute names.

    Raises:
        DomainError: every problem at once, each naming its field.
    """
    return taken(draft, _checks(kind, now))


def check_kind(kind: Kind) -> None:
    """Let a kind of client pass that there can be.

    Raises:
        DomainError: INVALID for a public client of a product that has no use for one.
    """
    if kind.public and GrantType.AUTHORIZATION_CODE not in GRANT_TYPES[kind.dialect]:
        raise invalid("public", "Only clients that people authorize can be public; this product has no such clients.")


def check_end(value: Moment | None, now: datetime) -> datetime | None:
    """When something is to end: never, or a moment to come.

    Raises:
        DomainError: INVALID naming `expiresAt`.
    """
    end = start_of(value) if value else None
    if end and end <= now:
        raise invalid("expiresAt", "expiresAt must be in the future.")
    return end


def check_authority(viewer: Viewer, client: ApiClient) -> None:
    """Who may only manage clients becomes neither mightier through one, nor somebody else.

    `admin` decides over all access anyway. A sandbox holds nothing of anybody's, so reading and writing there is free.

    Raises:
        DomainError: FORBIDDEN for a client that may do what the viewer may not, or that acts for another user.
    """
    if Permission.ADMIN in viewer.permissions:
        return
    if client.user_id not in (None, viewer.user_id):
        viewer.require(Permission.ADMIN)
    reach = granted(Role.ADMIN, client.scopes)
    for permission in sorted(reach & ADMINISTRATIVE if client.sandbox else reach):
        viewer.require(permission)


def _checks(kind: Kind, now: datetime) -> Checks:
    def legacy(value: bool | None) -> bool:
        if value and (kind.dialect is not Dialect.CRM_ULTRA or kind.public):
            raise invalid("legacy", "Only CRM-Ultra's clients that keep a secret can have the old habits.")
        return bool(value)

    def demands_secret(value: bool | None) -> bool:
        if value and kind.public:
            raise invalid("demandsSecret", "A public client keeps no secret.")
        return bool(value)

    return {
        "name": lambda value: needed("name", value).strip(),
        "tier": lambda value: _tier(kind.dialect, value),
        "scopes": lambda value: _scopes(kind.dialect, value),
        "redirect_uris": _redirect_uris,
        "allowed_ips": _networks,
        "legacy": legacy,
        "demands_secret": demands_secret,
        "monthly_tokens": _monthly_tokens,
        "expires_at": lambda value: check_end(value, now),
    }


def _tier(dialect: Dialect | None, value: str | None) -> str:
    known = {name.lower(): name for name in TIERS[dialect]}
    tier = known.get((value or USUAL_TIER[dialect]).strip().lower())
    if tier is None:
        raise invalid("tier", f"tier must be one of {', '.join(TIERS[dialect])}.")
    return tier


def _scopes(dialect: Dialect | None, value: list[str] | None) -> list[str]:
    if value is None:
        return list(USUAL_SCOPES[dialect])
    # CopyCar writes `read` as `ultimate:read`; both are understood.
    spelled = {scope.rpartition(":")[2]: scope for scope in SCOPES[dialect]} if dialect is Dialect.COPYCAR else {}
    wanted = list(dict.fromkeys(spelled.get(scope.strip(), scope.strip()) for scope in value))
    if not wanted or not set(wanted) <= set(SCOPES[dialect]):
        raise invalid("scopes", f"scopes must be one or more of {', '.join(SCOPES[dialect])}.")
    return wanted


def _redirect_uris(value: list[str] | None) -> list[str]:
    if len(value or ()) > REDIRECT_URIS:
        raise invalid("redirectUris", f"redirectUris must be at most {REDIRECT_URIS} addresses.")
    return list(dict.fromkeys(redirect_uri("redirectUris", each) for each in value or ()))


def _networks(value: list[str] | None) -> list[str]:
    if len(value or ()) > NETWORKS:
        raise invalid("allowedIps", f"allowedIps must be at most {NETWORKS} addresses or networks.")
    return list(dict.fromkeys(_network(each.strip()) for each in value or ()))


def _network(value: str) -> str:
    try:
        network = ip_network(value) if storable(value) else None
    except ValueError:
        network = None
    if network is None:
        raise invalid(
            "allowedIps",
            "allowedIps must be addresses such as 203.0.113.7, or networks such as 203.0.113.0/24 whose address is "
            f"their first, not {value[:60]!r}.",
        )
    return value if "/" not in value else str(network)


def _monthly_tokens(value: int | None) -> int:
    if value is None:
        return MONTHLY_TOKENS
    if not 0 <= value <= _MOST_TOKENS:
        raise invalid("monthlyTokens", f"monthlyTokens must be a whole number from 0 to {_MOST_TOKENS}.")
    return value
