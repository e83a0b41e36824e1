"""Versions of planned e-mails against each other, in each piece and in the whole campaign."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from domain.intelligence.campaign_opportunities import by_variant
from domain.intelligence.variant_tests import VariantFinding, compared
from domain.permissions import Permission
from domain.viewer import Viewer
from resolvers import campaign_numbers as numbers
from resolvers import scheduled_content
from resolvers.reads import Run, ToOne, reckons


@reckons(Permission.READ_MARKETING)
async def comparisons(run: Run, viewer: Viewer, now: datetime, ids: Sequence[str]) -> dict[str, Any]:
    """How versions compare: the whole campaign first, then every piece that has several, in the order of sending."""
    messages = await numbers.messages(run, viewer, ids)
    pieces = await numbers.pieces(run, viewer, ids, messages)
    answers: dict[str, Any] = {}
    for id_, own in pieces.items():
        varied = [piece for piece in own if len(piece.variants) > 1]
        found = [_told(None, None, compared(by_variant(varied)))] if varied else []
        answers[id_] = found + [_told(piece.id, piece.local_id, compared(piece.variants)) for piece in varied]
    return answers


def _told(item_id: str | None, local_id: str | None, found: VariantFinding) -> dict[str, Any]:
    """A comparison as it is answered; without a piece it is of the whole campaign."""
    return {
        "item_id": item_id,
        "local_id": local_id,
        "variants": [asdict(each) for each in found.variants],
        "tests": [asdict(each) for each in found.tests],
        "winner": found.winner,
        "measure": found.measure,
        "warning": found.warning,
    }


item = ToOne(scheduled_content.visible, "item_id")
