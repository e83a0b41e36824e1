"""How likely leads and companies are to be won, once an organization's own outcomes can tell."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from domain.entity import Entity, Owned


class ConversionSubject(StrEnum):
    """Of what a model tells how likely it is won."""

    LEAD = "LEAD"
    ACCOUNT = "ACCOUNT"


class ConversionModel(Owned, Entity):
    """Weights learnt from an organization's own outcomes, with what they reach; the newest of a subject is in use.

    `calibration` holds bins of predicted and seen shares on outcomes left out of learning; errors are fractions.
    """

    __tablename__ = "conversion_model"
    __table_args__ = (
        Index("ix_conversion_model_recent", "organization_id", "created_at", "id"),
        Index("ix_conversion_model_subject", "organization_id", "subject", "created_at", "id"),
    )
    prefix, label = "cmodel", "Conversion model"

    subject: Mapped[ConversionSubject]
    labels: Mapped[int]
    converted: Mapped[int]
    weights: Mapped[dict[str, Any]]
    auc: Mapped[float | None]
    points_auc: Mapped[float | None]
    calibration_error: Mapped[float | None]
    calibration: Mapped[list[dict[str, Any]]]
