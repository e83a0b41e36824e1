"""Where an authorization may send people back to: what can be registered as a redirect URI (RFC 6749, RFC 8252)."""

from __future__ import annotations

import re
from ipaddress import ip_address
from urllib.parse import urlsplit

from domain.errors import invalid

LONGEST = 2_000
"""Characters of a redirect URI; browsers and proxies cut longer addresses off."""

_WRITTEN = re.compile(r"[!-~]+")
"""Visible ASCII: whatever else is in an address is written as %XX or in punycode."""
_UNSAFE = re.compile(r'[\\<>"^`{|}]')
"""Characters no URI holds, which some browsers repair and so read differently than we do."""


def redirect_uri(field: str, value: str) -> str:
    """The address, if it can be registered: it is compared character by character, so it is kept as it is.

    Absolute and without a fragment: https anywhere, http on this machine itself only, or a scheme of an application's
    own, which has a dot because it is a domain turned round (RFC 8252, 7.1).

    Raises:
        DomainError: INVALID saying which rule it breaks.
    """
    if not _WRITTEN.fullmatch(value) or _UNSAFE.search(value):
        raise invalid(field, f"{field} must be addresses in visible ASCII characters.")
    if len(value) > LONGEST:
        raise invalid(field, f"{field} must be addresses of at most {LONGEST} characters.")
    if "#" in value:
        raise invalid(field, f"{field} must not have a fragment (#): {value[:80]}")
    try:
        parts = urlsplit(value)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        raise invalid(field, f"{field} must be absolute addresses, not {value[:80]}") from None
    if parts.username is not None or "*" in parts.netloc:
        raise invalid(field, f"{field} must name one host, without a user or a wildcard: {value[:80]}")
    web = parts.scheme == "https" or (parts.scheme == "http" and _loopback(host))
    own = "." in parts.scheme and bool(parts.netloc or parts.path.strip("/"))
    if not (web and host) and not own:
        raise invalid(
            field,
            f"{field} must be https addresses, http on 127.0.0.1, [::1] or localhost, or a scheme of the application's "
            f"own with a dot such as com.example.app:/callback, not {value[:80]}",
        )
    return value


def _loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
