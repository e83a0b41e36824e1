"""Settings of what is worked on beside the doors, and of what is forgotten."""

from __future__ import annotations

from pydantic import Field

from gateway.settings_sections import Section


class WorkSettings(Section):
    """Durable and periodic work."""

    inside: bool = Field(
        True,
        description="Whether `trigraph serve` works on what is due beside its doors; `false` leaves that to "
        "`trigraph work`, on PostgreSQL only",
    )
    poll_seconds: float = Field(
        5, gt=0, description="How often due work is looked for even when nothing said that there is some"
    )
    wait_seconds: float = Field(
        25,
        ge=0,
        description="How long a request waits for work that it began itself, such as the research of a company; that "
        "goes on afterwards",
    )
    stop_seconds: float = Field(
        5, ge=0, description="How long a process that stops waits for work under way; the rest is taken up again later"
    )


class EventSettings(Section):
    """The event log, and how long it is kept."""

    days: int = Field(
        30,
        ge=0,
        description="How many days events are kept; 0 keeps them for ever. What a webhook was not considered for yet "
        "stays twice as long",
    )
    delivery_days: int = Field(
        30,
        ge=0,
        description="How many days deliveries of webhooks that are over are kept, with their attempts; 0 for ever",
    )
