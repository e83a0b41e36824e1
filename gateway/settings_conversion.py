"""Settings of conversion: from how many outcomes, and how often, models are learnt."""

from __future__ import annotations

from pydantic import Field

from gateway.settings_sections import Section


class ConversionSettings(Section):
    """How likely leads and companies are to be won."""

    labels: int = Field(
        300,
        ge=50,
        description="From how many outcomes (leads won or lost; companies won, or with all leads lost) an "
        "organization's own model is learnt; twenty of each kind are needed besides",
    )
    growth: float = Field(
        0.1, ge=0, description="By which part the outcomes must have grown before the model is learnt anew"
    )
    hours: float = Field(24, gt=0, description="How often it is looked whether conversion models should be learnt")
