"""Connecting to addresses that were checked: a name is resolved once, and the connection goes where that led."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from time import monotonic

import httpcore

from domain.addresses import Address, parsed
from domain.receivers import Reach

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""The addresses of a host, as texts.

Raises:
    OSError: when there are none.
"""


class Unreachable(httpcore.ConnectError):
    """A host that is not connected to, and why."""


async def system_resolve(host: str, port: int) -> Sequence[str]:
    """The addresses by the system's own resolver, in the order in which it prefers them."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(each[4][0]) for each in found))


class Connecting(httpcore.AsyncNetworkBackend):
    """The network as outgoing requests see it: hosts within reach.

    Above it nothing changes: TLS and the Host header go by the name, and only the address is fixed here, so that a name
    cannot lead elsewhere between the check and the connection.
    """

    def __init__(self, reach: Reach, *, tls: bool, resolve: Resolve = system_resolve) -> None:
        """Without `tls` only networks that were allowed by name are connected to."""
        self._admits = reach.admits if tls else reach.allows
        self._tls = tls
        self._resolve = resolve
        self._network = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the protocol's
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect to the first checked address that answers; one that is silent leaves the others their share of time.

        Raises:
            Unreachable: the host has no address, or one that is not within reach.
        """
        began = monotonic()
        *others, last = await self._checked(host, port)

        async def connect(address: Address, waiting: int) -> httpcore.AsyncNetworkStream:
            share = None if timeout is None else max(timeout - (monotonic() - began), 0.001) / waiting
            return await self._network.connect_tcp(str(address), port, share, local_address, socket_options)

        for tried, address in enumerate(others):
            with suppress(httpcore.ConnectError, httpcore.ConnectTimeout):
                return await connect(address, len(others) + 1 - tried)
        return await connect(last, 1)

    async def _checked(self, host: str, port: int) -> list[Address]:
        known = parsed(host)
        try:
            texts = [str(known)] if known else await self._resolve(host, port)
        except (OSError, UnicodeError):
            raise Unreachable(f"The name {host} leads nowhere.") from None
        found = [parsed(text) for text in texts]
        addresses = [address for address in found if address and self._admits(address)]
        # One address out of reach is enough: a name that leads to both is not one to be trusted with a request.
        if not addresses or len(addresses) < len(found):
            what = "a public address" if self._tls else "a network where http is allowed; elsewhere it has to be https"
            raise Unreachable(f"{host} does not lead to {what}.")
        return addresses
