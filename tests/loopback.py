"""Keeps tests on this machine: connecting anywhere else fails the test that tried."""

from __future__ import annotations

import ipaddress
import sys
from typing import Any


def _stay(event: str, arguments: tuple[Any, ...]) -> None:
    if event not in ("socket.connect", "socket.sendto"):
        return
    address = arguments[1]
    if isinstance(address, tuple) and not _local(str(address[0])):
        raise AssertionError(f"a test tried to reach {address[0]}")


def _local(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host in ("localhost", "")


def stay_on_loopback() -> None:
    """Refuse every connection that leaves this machine, for the rest of the process."""
    sys.addaudithook(_stay)
