"""Settings of campaigns for one company: how they run, and what their mail says."""

from __future__ import annotations

from pydantic import Field, field_validator

from domain.lifetimes import ATTRIBUTION_DAYS, READER_DAYS
from gateway.settings_sections import Mailbox, Section


class CampaignSettings(Section):
    """How campaigns run."""

    at_once: int = Field(
        4, ge=1, description="Planned pieces and reactions that a process works on at the same time; others wait"
    )
    lease_seconds: float = Field(
        300, gt=0, description="How long a process may work on one of them before another takes it up"
    )
    attribution_days: int = Field(
        ATTRIBUTION_DAYS,
        ge=0,
        description="How many days after a campaign's mail a won lead counts as won by it, where the lead names no "
        "campaign; 0 counts only those that name one",
    )
    reader_days: int = Field(
        READER_DAYS,
        ge=0,
        description="How many days the addresses and programs of readers are kept with what they opened and followed, "
        "in the event log too; 0 keeps none at all",
    )
    sender: Mailbox | None = Field(
        None,
        description="`From` of campaigns' mail",
        json_schema_extra={"default": "`TRIGRAPH_MAIL_SENDER`"},
    )
    unsubscribe_text: str = Field(
        "If you would rather not receive such e-mails any more, you can unsubscribe here:",
        min_length=1,
        max_length=500,
        description="What stands before the link by which readers of campaigns' mail stop it",
    )

    @field_validator("unsubscribe_text")
    @classmethod
    def _line(cls, value: str) -> str:
        if not value.isprintable():
            raise ValueError("should be one line of text")
        return value.strip()
