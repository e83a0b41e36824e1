"""Which credential opens which door: styles, dialects, addresses, sandboxes."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from domain.errors import Code, DomainError, refuse, unauthenticated
from domain.viewer import Dialect, Viewer
from gateway.presented import WRONG_KEY, WRONG_TOKEN, Presented, is_jwt

_KEY_HEADER = frozenset({Dialect.COPYCAR, Dialect.CRM_ULTRA, None})
_BEARER_KEY = frozenset({Dialect.CLICKUP_BRAIN, Dialect.CRM_ULTRA, None})
_JWT = frozenset({Dialect.CLICKUP_BRAIN, None})
"""Which doors take which style; None is GraphQL, which takes them all (CC-01, CB-05, CU-02)."""


@dataclass(frozen=True, slots=True)
class Door:
    """Where a credential is presented: a dialect's door or GraphQL's (None), and from which address.

    `sandbox` says which credentials the host takes: only those of sandboxes, only others, or, when None, both (CB-45).
    """

    dialect: Dialect | None = None
    address: str | None = None
    sandbox: bool | None = None


@dataclass(frozen=True, slots=True)
class Resolved:
    """What credentials stand for, as far as it depends neither on the door nor on the moment.

    `bearer_key` tells a key sent as a bearer, `lone_key` a key without anything that proves more. `agreed` says whether
    all of them are the same client's; `credential_ids` are all of them.
    """

    viewer: Viewer
    agreed: bool
    credential_ids: frozenset[str]
    allowed_ips: tuple[str, ...]
    sandbox: bool
    demands_secret: bool
    bearer_key: bool
    lone_key: bool

    def in_force(self, now: datetime) -> bool:
        """Whether none of them has ended by itself."""
        return self.viewer.expires_at is None or now < self.viewer.expires_at

    def concerned(self, subjects: Set[str]) -> bool:
        """Whether a change of access of these subjects may be one of these credentials'."""
        return bool(subjects & (self.viewer.subjects | self.credential_ids))


def check_style(given: Presented, dialect: Dialect | None) -> None:
    """Refuse, before anything is looked up, a style that the door does not document.

    Raises:
        DomainError: UNAUTHENTICATED.
    """
    if given.bearer is None and (given.key is None or dialect not in _KEY_HEADER):
        raise unauthenticated(WRONG_KEY)
    if given.bearer and is_jwt(given.bearer) and dialect not in _JWT:
        raise wrong(given)


def check_door(resolved: Resolved, given: Presented, door: Door, now: datetime) -> None:
    """Refuse credentials that are in force, but not here and now.

    Raises:
        DomainError: UNAUTHENTICATED, without a hint that the credential exists; FORBIDDEN for the address.
    """
    dialect = door.dialect
    ended = not resolved.in_force(now)
    foreign = dialect is not None and resolved.viewer.dialect is not dialect
    misplaced = door.sandbox is not None and door.sandbox is not resolved.sandbox
    unprinted = resolved.bearer_key and dialect not in _BEARER_KEY
    unproven = resolved.lone_key and resolved.demands_secret
    if ended or foreign or misplaced or unprinted or unproven:
        raise wrong(given)
    if not resolved.agreed:
        # The first opens this door; what was sent beside it is as wrong as one that nobody has ever seen.
        raise unauthenticated(WRONG_KEY)
    if resolved.allowed_ips and not inside(door.address, resolved.allowed_ips):
        raise refuse(Code.ADDRESS_NOT_ALLOWED, "This credential may not be used from this address.")


def wrong(given: Presented) -> DomainError:
    """What is said of credentials that are not in force, in the words of their style."""
    if given.bearer is not None:
        return unauthenticated(WRONG_TOKEN, Code.INVALID_TOKEN)
    return unauthenticated(WRONG_KEY)


def inside(address: str | None, allowed: tuple[str, ...]) -> bool:
    """Whether an address is one of the allowed ones or in one of the allowed networks."""
    if address is None:
        return False
    try:
        found: IPv4Address | IPv6Address = ip_address(address)
    except ValueError:
        return False
    # A server that listens on both protocols sees IPv4 callers mapped into IPv6.
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return any((mapped or found) in network for network in _networks(allowed))


@lru_cache(maxsize=1024)
def _networks(allowed: tuple[str, ...]) -> tuple[IPv4Network | IPv6Network, ...]:
    return tuple(ip_network(each) for each in allowed)
