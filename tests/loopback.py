"""Keeps every test on this machine: connections and look-ups beyond loopback fail, whoever makes them."""

from __future__ import annotations

import sys
from ipaddress import ip_address
from typing import Any


class BeyondLoopback(RuntimeError):
    """A test tried to leave this machine."""


def _local(host: object) -> bool:
    """Whether a host is this machine. None and the empty name mean the local side of a socket."""
    name = host.decode() if isinstance(host, bytes) else host
    if not name or name == "localhost":
        return True
    try:
        address = ip_address(str(name).partition("%")[0])
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def _guard(event: str, arguments: tuple[Any, ...]) -> None:
    if event in {"socket.connect", "socket.sendto"}:
        address = arguments[1]
        if isinstance(address, tuple) and not _local(address[0]):
            raise BeyondLoopback(f"{event} to {address!r}")
    elif event == "socket.getaddrinfo" and not _local(arguments[0]):
        raise BeyondLoopback(f"look-up of {arguments[0]!r}")


def stay_on_loopback() -> None:
    """Set the guard for the rest of the process; an audit hook cannot be taken back."""
    sys.addaudithook(_guard)
