"""The scales that several features share."""

from __future__ import annotations

from enum import StrEnum


class Level(StrEnum):
    """How much of something there is, such as impact or priority, from little to very much."""

    LOW = "LOW"
    MEDIUM = "MEDIUM"
    HIGH = "HIGH"
    CRITICAL = "CRITICAL"


class RiskLevel(StrEnum):
    """How much is at stake."""

    LOW = "LOW"
    MEDIUM = "MEDIUM"
    HIGH = "HIGH"
    CRITICAL = "CRITICAL"


class Basis(StrEnum):
    """What a number stands on: published or assumed values, the organization's own history, or both in part."""

    PRIOR = "PRIOR"
    BLENDED = "BLENDED"
    HISTORY = "HISTORY"
