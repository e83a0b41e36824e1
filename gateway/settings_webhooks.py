"""Settings of what leaves by HTTP: where it may go, and how webhooks are delivered."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field

from domain.lifetimes import SCHEDULE
from gateway.settings_sections import Networks, Section, split


def pauses(seconds: tuple[float, ...]) -> tuple[float, ...]:
    """The pauses before each attempt, at least one.

    Raises:
        ValueError: saying what they should be.
    """
    if not seconds or min(seconds) < 0:
        raise ValueError("should be at least one number of seconds, none below 0, separated by commas")
    return seconds


class OutgoingSettings(Section):
    """Requests that the server makes to addresses which clients have chosen."""

    allowed_networks: Networks = Field(
        (),
        description="Networks or addresses that may be reached although they are not public, separated by commas; "
        "there, http:// will do as well",
    )
    connections: int = Field(100, ge=1, description="Connections that are open at once")
    idle_connections: int = Field(20, ge=0, description="Connections that are kept for a next request")
    ca_file: Path | None = Field(
        None, description="File with certificates (PEM) that are trusted besides the usual ones"
    )


class WebhookSettings(Section):
    """Deliveries of webhooks."""

    timeout_seconds: float = Field(
        5, gt=0, description="Time a receiver has for its answer, connecting included; the products document 5"
    )
    schedule: Annotated[tuple[float, ...], BeforeValidator(split), AfterValidator(pauses)] = Field(
        SCHEDULE,
        description="Seconds to wait before each attempt, separated by commas: the first from the event, each further "
        "one from the failure before; as many as there are, so often a delivery is tried",
        json_schema_extra={"default": ",".join(f"{each:g}" for each in SCHEDULE)},
    )
    jitter: float = Field(
        0.1, ge=0, le=1, description="By which part, at most, a pause is lengthened at random: not all come at once"
    )
    retry_after_seconds: float = Field(
        3600, ge=0, description="Longest pause that a receiver may ask for by `Retry-After` with 429 or 503"
    )
    breaker_failures: int = Field(
        20, ge=1, description="Failed attempts in a row after which an endpoint is left alone for a while"
    )
    breaker_seconds: float = Field(
        60, gt=0, description="How long it is left alone; then one delivery at a time is tried until one succeeds"
    )
    body_bytes: int = Field(256 * 1024, ge=1024, description="Largest body that is sent; a larger one counts as failed")
    response_bytes: int = Field(64 * 1024, ge=0, description="Most bytes that are read of an answer")
    at_once: int = Field(50, ge=1, description="Deliveries one process has under way at the same time")
    at_once_per_endpoint: int = Field(
        10, ge=1, description="Deliveries to one endpoint that are under way at once, in all processes together"
    )
    endpoints: int = Field(100, ge=0, description="Webhooks an organization may have")
    redelivered: int = Field(
        1000, ge=1, le=10_000, description="Deliveries that one `redeliverWebhooks` puts on their way again"
    )
    page: int = Field(200, ge=1, le=1000, description="Events that are made into deliveries in one transaction")
    gather_seconds: float = Field(
        0.03, ge=0, le=5, description="How long commits are gathered before their events are made into deliveries"
    )
    poll_seconds: float = Field(
        5, gt=0, description="How often the log is looked at for endpoints even when nothing was said of it"
    )
