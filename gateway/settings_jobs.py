"""Settings of batches: how large they may be, and how they are worked on."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field

from gateway.settings_sections import Section, split
from gateway.settings_webhooks import pauses

_ENTRIES = (0.0, 5.0, 30.0)
"""A batch is over when its last document is: whoever waits for it is not kept by an address that leads nowhere."""


class JobSettings(Section):
    """Batches, whose entries are worked on one by one."""

    documents: int = Field(100, ge=1, le=10_000, description="Most documents of one batch")
    feedback: int = Field(500, ge=1, le=10_000, description="Most pieces of feedback of one batch")
    at_once: int = Field(2, ge=1, description="Documents of batches that one process works on at the same time")
    schedule: Annotated[tuple[float, ...], BeforeValidator(split), AfterValidator(pauses)] = Field(
        _ENTRIES,
        description="Seconds to wait before each attempt at a document that could not be had or read just then, "
        "separated by commas; as many as there are, so often it is tried",
        json_schema_extra={"default": ",".join(f"{each:g}" for each in _ENTRIES)},
    )
    callbacks_at_once: int = Field(
        10,
        ge=1,
        description="Results of batches that one process sends at the same time; they are tried as often as "
        "deliveries of webhooks, by the same schedule",
    )
    callback_bytes: int = Field(
        16 * 1024 * 1024, ge=1024, description="Largest body of results that is sent; larger ones stay in the graph"
    )
    days: int = Field(
        90, ge=0, description="How many days batches that are over are kept with their entries; 0 for ever"
    )
