"""Models of conversion as rows."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from domain.conversion import ConversionModel, ConversionSubject


def conversion_model_row(organization: str, at: datetime, **values: Any) -> ConversionModel:
    """Learnt weights that are not stored yet, of one measure: whether an e-mail address is known."""
    weights = {
        "names": ["intercept", "email known"],
        "centers": [0.0, 0.5],
        "scales": [1.0, 0.5],
        "means": [-1.0, 0.5],
        "covariance": [[0.04, 0.0], [0.0, 0.04]],
        "cases": 300,
    }
    known: dict[str, Any] = {
        "subject": ConversionSubject.LEAD,
        "labels": 300,
        "converted": 90,
        "weights": weights,
        "auc": 0.8,
        "points_auc": 0.7,
        "calibration_error": 0.03,
        "calibration": [{"cases": 300, "predicted": 0.3, "seen": 0.3}],
    }
    return ConversionModel(id=ConversionModel.new_id(), organization_id=organization, created_at=at, **(known | values))
