"""Settings of compiled operations."""

from __future__ import annotations

from pydantic import Field

from gateway.settings_sections import Section


class CompiledSettings(Section):
    """How operations that can be compiled are run; the others, and all where it is off, are run by graphql-core."""

    enabled: bool = Field(True, description="Whether operations are compiled; answers are the same without")
    inline_milliseconds: float = Field(
        3,
        ge=0,
        description="How long the statements of one operation may keep the event loop on SQLite, before they are begun "
        "anew in a thread; with 0 all are run in threads",
    )
    kept: int = Field(2_000, ge=1, description="Statements of compiled operations kept in memory")
    shadow_share: float = Field(
        0,
        ge=0,
        le=1,
        description="Share of compiled queries that graphql-core runs as well, beside the request; answers that differ "
        "are logged and counted",
    )
    explain: bool = Field(
        False,
        description="Tell in `extensions.plan` of every answer which statements were run, or why graphql-core ran it",
    )
