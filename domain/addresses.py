"""Which network addresses are everybody's, and which only mean something here."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import TypeAlias

Address: TypeAlias = IPv4Address | IPv6Address
Network: TypeAlias = IPv4Network | IPv6Network

_UNICAST = IPv6Network("2000::/3")
"""What of IPv6 is given out to the internet (RFC 4291, section 2.4)."""
_TRANSLATED = IPv6Network("64:ff9b::/96")
"""IPv4 as hosts that have only IPv6 write it (RFC 6052): the last four bytes are the address that is meant."""
_RELAYED = IPv6Network("2002::/16")
"""6to4 (RFC 3056) carries an IPv4 address inside, and nobody relays it any more."""
_DOCUMENTS = IPv6Network("3fff::/20")
_RELAYS = IPv4Network("192.88.99.0/24")


def plain(address: Address) -> Address:
    """The address that is meant: IPv4 written inside IPv6 is IPv4."""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped:
            return address.ipv4_mapped
        if address in _TRANSLATED:
            return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address


def is_public(address: Address) -> bool:
    """Whether an address is one of the internet's: no private, local, shared, reserved or multicast one."""
    meant = plain(address)
    if not meant.is_global or meant.is_multicast or meant.is_reserved:
        return False
    if isinstance(meant, IPv4Address):
        return meant not in _RELAYS
    return meant in _UNICAST and meant not in _RELAYED and meant not in _DOCUMENTS


def inside(address: Address, networks: tuple[Network, ...]) -> bool:
    """Whether an address, or the one that it means, lies in one of the networks."""
    return any(each in network for each in {address, plain(address)} for network in networks)


def parsed(text: str) -> Address | None:
    """The address a text writes in full, IPv6 with or without brackets; None when it is something else."""
    bare = text[1:-1] if text.startswith("[") and text.endswith("]") else text
    try:
        found = ip_address(bare)
    except ValueError:
        return None
    # An address with a zone (fe80::1%eth0) is meant for one machine only.
    return None if isinstance(found, IPv6Address) and found.scope_id else found
