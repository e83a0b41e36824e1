"""Network addresses, as far as they stand for somebody."""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address, ip_network


def network_of(address: str | None) -> str:
    """Whom an address stands for: one machine in IPv4; in IPv6 everybody has a whole network of them."""
    try:
        found = ip_address(address or "")
    except ValueError:
        return address or "?"
    if isinstance(found, IPv6Address) and found.ipv4_mapped:
        found = found.ipv4_mapped
    return str(ip_network((found, 64), strict=False)) if isinstance(found, IPv6Address) else str(found)
