"""Connections to other people's servers, as set; known without loading what makes them."""

from __future__ import annotations

from importlib import import_module
from ipaddress import ip_network
from typing import TYPE_CHECKING

from domain.receivers import Reach
from gateway.settings_webhooks import OutgoingSettings

if TYPE_CHECKING:
    from gateway.outgoing.http import Http


def reach_of(settings: OutgoingSettings) -> Reach:
    """Where requests of this installation may go."""
    return Reach(tuple(map(ip_network, settings.allowed_networks)))


def open_http(settings: OutgoingSettings) -> Http:
    """Connections to other people's servers.

    It takes 4 MiB, and certificates are read, which only those pay who send something.
    """
    made: Http = import_module("gateway.outgoing.http").Http(
        reach_of(settings),
        connections=settings.connections,
        idle_connections=settings.idle_connections,
        ca_file=settings.ca_file,
    )
    return made
