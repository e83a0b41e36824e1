"""One attempt at one delivery: the request, and what its answer means."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cached_property
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from domain.ports import Clock
from gateway.logging import logger
from gateway.outgoing.answers import Answer, Failed
from gateway.outgoing.patience import retry_after
from gateway.settings_webhooks import WebhookSettings
from gateway.spans import trace_headers
from gateway.webhooks.signing import Signed, headers
from resolvers.cursors import place
from resolvers.webhook_deliveries import Outcome, Outgoing

if TYPE_CHECKING:
    from gateway.outgoing.http import Http

log = logger(__name__)

_KEPT = 1024
"""Bytes of an answer that are kept in the list of attempts."""
_GONE = 410
_BUSY = (429, 503)
_REFUSED = "It was answered with {status}."
_REDIRECTED = "It was answered with {status}, a redirect; those are not followed."
_PRODUCT = f"Trigraph-Webhooks/{version('trigraph')}"


class Sender:
    """Sends deliveries, and says what became of each."""

    def __init__(self, open_http: Callable[[], Http], clock: Clock, settings: WebhookSettings) -> None:
        """`open_http` makes the connections, when there is something to send for the first time."""
        self._open_http = open_http
        self._clock = clock
        self._settings = settings

    @cached_property
    def _http(self) -> Http:
        return self._open_http()

    async def send(self, delivery: Outgoing, secrets: Sequence[str], documented: str) -> Outcome:
        """Try once; `documented` names the header of the product's own signature. A failure is an outcome too."""
        body = delivery.body.encode()
        signed = Signed(delivery.id, body, int(self._clock.now().timestamp()))
        told = {**_headers(delivery), **trace_headers(), **headers(signed, secrets, documented)}
        began = time.perf_counter()
        answer, failure = None, None
        try:
            seconds, most_bytes = self._settings.timeout_seconds, self._settings.response_bytes
            answer = await self._http.post(delivery.url, told, body, seconds=seconds, most_bytes=most_bytes)
        except Failed as error:
            failure = str(error)
        except Exception:
            # Noted as any other failure: a delivery that only raised would be tried for ever.
            log.exception("a delivery could not be sent", delivery=delivery.id)
            failure = "The request could not be made; the server's log says more."
        milliseconds = round((time.perf_counter() - began) * 1000)
        return self._outcome(delivery, milliseconds, answer, failure)

    def failed(self, delivery: Outgoing, reason: str, *, final: bool = False) -> Outcome:
        """An attempt that did not even begin."""
        return _about(delivery, self._clock.now(), 0, failure=reason, final=final)

    async def close(self) -> None:
        """Close every connection."""
        if "_http" in self.__dict__:
            await self._http.close()

    def _outcome(self, delivery: Outgoing, milliseconds: int, answer: Answer | None, failure: str | None) -> Outcome:
        now = self._clock.now()
        if answer is None:
            return _about(delivery, now, milliseconds, failure=failure, final=delivery.test)
        status = answer.status
        if not 200 <= status < 300:
            failure = (_REDIRECTED if 300 <= status < 400 else _REFUSED).format(status=status)
        pause = retry_after(answer.headers.get("retry-after", ""), now) if status in _BUSY else 0
        return _about(
            delivery,
            now,
            milliseconds,
            status=status,
            failure=failure,
            response=_kept(answer.body),
            final=delivery.test or status == _GONE,
            pause_seconds=min(pause, self._settings.retry_after_seconds),
            gone=status == _GONE,
        )


def _headers(delivery: Outgoing) -> dict[str, str]:
    told = {
        "User-Agent": _PRODUCT,
        "Content-Type": "application/json; charset=utf-8",
        "Accept": "*/*",
        "Accept-Encoding": "identity",
        "X-Trigraph-Attempt": str(delivery.attempts + 1),
    }
    if delivery.sequence is not None:
        told |= {"X-Trigraph-Sequence": str(delivery.sequence), "X-Trigraph-Cursor": place(delivery.sequence)}
    return told


def _about(delivery: Outgoing, at: datetime, milliseconds: int, **known: Any) -> Outcome:
    return Outcome(
        delivery_id=delivery.id,
        endpoint_id=delivery.endpoint_id,
        organization_id=delivery.organization_id,
        taken=delivery.taken,
        strict=delivery.strict,
        at=at,
        milliseconds=milliseconds,
        **known,
    )


def _kept(body: bytes) -> str | None:
    """The beginning of an answer as a text every database takes."""
    return body[:_KEPT].decode("utf-8", "replace").replace("\x00", "\N{REPLACEMENT CHARACTER}") or None
