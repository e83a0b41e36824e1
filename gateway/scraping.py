"""`/metrics`, and who may read it."""

from __future__ import annotations

import asyncio
import secrets
from importlib import import_module
from ipaddress import ip_address, ip_network
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from gateway.depths import DepthGauge
from gateway.figures import Sources
from gateway.settings_operations import MetricsSettings

METRICS_PATH = "/metrics"
_FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip", "via")
"""What proxies say of themselves. One of them on this machine comes from its own address with strangers' requests."""
_HEADERS = {"Cache-Control": "no-store", "Cross-Origin-Resource-Policy": "same-origin"}
_REFUSAL = {
    "error": {"code": "forbidden", "message": "Metrics are told to the networks and to the token of the settings only."}
}


class Scraping:
    """Answers scrapes of those who may read metrics."""

    def __init__(self, sources: Sources, depths: DepthGauge, settings: MetricsSettings) -> None:
        self._sources = sources
        self._depths = depths
        self._networks = [ip_network(each) for each in settings.networks]
        self._token = settings.token.get_secret_value().encode() if settings.token else None
        self._metrics: Any = None

    async def answer(self, request: Request) -> Response:
        """All metrics, or a refusal that is the same for everybody."""
        if not (self._knows_token(request) or self._is_near(request)):
            return JSONResponse(_REFUSAL, 403, headers=_HEADERS)
        if self._metrics is None:
            # Its library takes 1 MiB and 30 ms to load, which only those pay who are scraped.
            self._metrics = await asyncio.to_thread(import_module, "gateway.metrics")
        listened = self._sources.database.feeds.positions()
        gathered = self._metrics.gather(self._sources, await self._depths.look(listened))
        # In a thread, for a few thousand lines keep the others waiting for milliseconds.
        text = await asyncio.to_thread(self._metrics.render, gathered)
        return Response(text, headers=_HEADERS | {"Content-Type": self._metrics.CONTENT_TYPE})

    def _knows_token(self, request: Request) -> bool:
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        known = self._token is not None and scheme.lower() == "bearer"
        return known and secrets.compare_digest(given.strip().encode("utf-8", "replace"), self._token or b"")

    def _is_near(self, request: Request) -> bool:
        """Whether the request comes straight from one of the networks."""
        if request.client is None or any(name in request.headers for name in _FORWARDED):
            return False
        try:
            address = ip_address(request.client.host.partition("%")[0])
        except ValueError:
            return False
        mapped = getattr(address, "ipv4_mapped", None)
        return any((mapped or address) in network for network in self._networks)
