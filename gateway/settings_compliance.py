"""Settings of what is told of compliance."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, Field

from domain.lifetimes import DAYS_BEFORE
from gateway.settings_sections import Section, split

Days = Annotated[tuple[Annotated[int, Field(ge=0, le=3650)], ...], BeforeValidator(split)]


class ComplianceSettings(Section):
    """Alerts of deadlines."""

    alert_days: Days = Field(
        DAYS_BEFORE,
        description="How many days before its deadline an item is told of, separated by commas; once it is overdue, it "
        "is told of in any case",
    )
    alert_hours: float = Field(
        1, gt=0, le=24, description="How often deadlines that come near are looked for, in hours"
    )
    alerts_at_once: int = Field(
        500, ge=1, description="Most alerts that one look raises in an organization; the next look goes on"
    )
