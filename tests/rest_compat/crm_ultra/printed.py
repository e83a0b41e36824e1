"""The printed examples of CRM-Ultra and the shapes they stand for."""

from __future__ import annotations

from pathlib import Path

from rest_compat.crm_ultra.dialect import CRM_ULTRA
from tests.rest_compat.printed import Printed, same_form

__all__ = ["EXAMPLES", "SHAPES", "example", "fits", "same_form"]

SHAPES = Path(__file__).parent / "shapes"
EXAMPLES = CRM_ULTRA.folder / "examples"

_PRINTED = Printed(CRM_ULTRA, SHAPES)
example, fits = _PRINTED.example, _PRINTED.fits
