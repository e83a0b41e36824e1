"""Settings of research: how long it may take, and where it looks besides the graph."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from gateway.settings_sections import Names, Section


def _feeds(values: tuple[str, ...]) -> tuple[str, ...]:
    """The values, each an address."""
    if not all(value.startswith(("https://", "http://")) for value in values):
        raise ValueError("should be addresses such as https://example.com/feed.xml, separated by commas")
    return values


class ResearchSettings(Section):
    """Research of companies, and the news it reads."""

    at_once: int = Field(8, ge=1, description="Researches one process works on at the same time")
    seconds: float = Field(60, gt=0, description="Time an attempt at a research may take")
    attempts: int = Field(3, ge=1, description="How often a research is tried before it has failed")
    retry_seconds: float = Field(
        15, gt=0, description="Pause before a research is tried again; twice as long each time"
    )
    website: bool = Field(
        False,
        description="Whether a company's own website is read: its first page, from public addresses, if its "
        "`robots.txt` allows it",
    )
    website_seconds: float = Field(8, gt=0, description="Time reading `robots.txt` and the first page may take each")
    website_bytes: int = Field(512 * 1024, ge=1024, description="Largest first page that is read")
    user_agent: Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[\x21-\x7e]+(?: [\x21-\x7e]+)*$")] = (
        Field(
            "Trigraph",
            description="By which name websites and feeds are asked; its first word is looked for in `robots.txt`",
        )
    )
    news_feeds: Annotated[Names, AfterValidator(_feeds)] = Field(
        (),
        description="Addresses of RSS or Atom feeds with news, separated by commas; every organization with companies "
        "has their entries",
    )
    news_hours: float = Field(1, gt=0, le=168, description="How often the feeds are read, in hours")
    news_days: int = Field(180, ge=1, description="For how many days after its publication news is looked at")
    news_kept_days: int = Field(365, ge=0, description="How many days news is kept; 0 for ever")
