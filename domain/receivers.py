"""Where webhooks may lead, and what they may be signed with."""

from __future__ import annotations

import base64
import binascii
import re
import secrets
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address
from urllib.parse import urlsplit

from domain.addresses import Address, Network, inside, is_public, parsed
from domain.errors import invalid
from domain.texts import storable

LONGEST_URL = 2_048
SHORTEST_SECRET, LONGEST_SECRET = 8, 512
"""Characters of a secret that is brought along; the shortest documented one has 19."""
STANDARD = "whsec_"
"""How secrets of the Standard Webhooks begin: base64 of 24 to 64 bytes follows."""
_SHORTEST_BYTES, _LONGEST_BYTES, _OWN_BYTES = 24, 64, 32

_WRITTEN = re.compile(r"[!-~]+")
_UNSAFE = re.compile(r'[\\<>"^`{|}]')
_NAME = re.compile(
    r"(?=.{1,253}\.?$)([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9])?)(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9])?)*\.?"
)
_BRACKETED = re.compile(r"\[[0-9a-fA-F:.]+\](:[0-9]*)?")
_NUMERIC = re.compile(r"[0-9]+|0x[0-9a-f]*")
_LOCAL = ("localhost", "localdomain", "local", "internal", "intranet", "private", "lan", "home", "corp", "home.arpa")
"""Names that lead to this machine or into the network around it (RFC 6761, RFC 8375, ICANN)."""
_LOOPBACK: tuple[Address, ...] = (ip_address("127.0.0.1"), ip_address("::1"))


@dataclass(frozen=True, slots=True)
class Reach:
    """Where this installation may call: public addresses, and the networks its operator has allowed besides."""

    networks: tuple[Network, ...] = ()

    def admits(self, address: Address) -> bool:
        """Whether an address may be called."""
        return is_public(address) or self.allows(address)

    def allows(self, address: Address) -> bool:
        """Whether an address is in a network that was allowed by name, where http will do too."""
        return inside(address, self.networks)


def receiver_url(field: str, value: str, reach: Reach, sample: str = "https://example.com/webhook") -> str:
    """The address of a receiver, if it can be one, or of a file; what its name resolves to is looked at by whoever
    calls it. `sample` is what errors show of such addresses.

    Raises:
        DomainError: INVALID saying which rule it breaks.
    """
    if len(value) > LONGEST_URL:
        raise invalid(field, f"{field} must have at most {LONGEST_URL} characters.")
    if not _WRITTEN.fullmatch(value) or _UNSAFE.search(value):
        raise invalid(field, f"{field} must be an address in visible ASCII characters; others are written as %XX.")
    if "#" in value:
        raise invalid(field, f"{field} must not have a fragment (#).")
    try:
        parts = urlsplit(value)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError:
        raise invalid(field, f"{field} must be an address such as {sample}.") from None
    if parts.scheme not in ("https", "http") or not host or port == 0:
        raise invalid(field, f"{field} must be an address such as {sample}.")
    if "@" in parts.netloc:
        raise invalid(field, f"{field} must not have a user name or a password.")
    address = parsed(host)
    if "[" in parts.netloc and not (isinstance(address, IPv6Address) and _BRACKETED.fullmatch(parts.netloc)):
        raise invalid(field, f"{field} must name a host such as example.com, or an address in full.")
    if address is None:
        _check_name(field, host, reach)
    elif not reach.admits(address):
        raise invalid(field, f"{field} must lead to a public address; {address} is none.")
    allowed = reach.allows(address) if address else _may_be_allowed(host, reach)
    if parts.scheme == "http" and not allowed:
        raise invalid(field, f"{field} must be an https address.")
    return value


def _check_name(field: str, host: str, reach: Reach) -> None:
    if not _NAME.fullmatch(host) or _NUMERIC.fullmatch(host.rstrip(".").rpartition(".")[2]):
        # Resolvers take 127.1, 0x7f.0.0.1 and 2130706433 for addresses; nobody writes those but to hide them.
        raise invalid(field, f"{field} must name a host such as example.com, or an address in full.")
    if not _may_be_allowed(host, reach) and _is_local(host):
        raise invalid(field, f"{field} must lead to a public address; the name {host[:80]} is a local one.")


def _may_be_allowed(name: str, reach: Reach) -> bool:
    """Whether a name may lead into a network that was allowed."""
    if _ends_with(name.rstrip("."), "localhost"):
        return any(reach.allows(each) for each in _LOOPBACK)
    return bool(reach.networks)


def _is_local(host: str) -> bool:
    name = host.rstrip(".")
    return "." not in name or any(_ends_with(name, each) for each in _LOCAL)


def _ends_with(name: str, suffix: str) -> bool:
    return name == suffix or name.endswith(f".{suffix}")


def signing_secret(field: str, value: str) -> str:
    """A secret that its receiver has chosen, as it is.

    Raises:
        DomainError: INVALID when it is too short, too long, or begins as a Standard Webhooks secret and is none.
    """
    if not SHORTEST_SECRET <= len(value) <= LONGEST_SECRET or not storable(value):
        raise invalid(field, f"{field} must have {SHORTEST_SECRET} to {LONGEST_SECRET} characters.")
    if value.startswith(STANDARD) and not _SHORTEST_BYTES <= len(_decoded(value)) <= _LONGEST_BYTES:
        raise invalid(
            field,
            f"{field} must have base64 of {_SHORTEST_BYTES} to {_LONGEST_BYTES} bytes after {STANDARD}, or begin "
            "otherwise.",
        )
    return value


def _decoded(value: str) -> bytes:
    try:
        return base64.b64decode(value.removeprefix(STANDARD), validate=True)
    except (binascii.Error, ValueError):
        return b""


def new_secret() -> str:
    """A fresh secret as the Standard Webhooks write it."""
    return STANDARD + base64.b64encode(secrets.token_bytes(_OWN_BYTES)).decode()


def hint_of(secret: str) -> str:
    """How a secret begins, as much of it as lists may show: of a short one little is enough to know it by."""
    known = STANDARD if secret.startswith(STANDARD) else ""
    rest = secret[len(known) :]
    return known + rest[: min(4, len(rest) // 4)]
