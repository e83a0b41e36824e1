"""Analyse the demo's feedback anew and write the findings beside its texts: `python tools/demo_feedback.py`."""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path
from typing import Any

from domain.intelligence.feedback import analyse, version
from domain.intelligence.feedback_findings import FeedbackFindings, FeedbackSource, FeedbackText

_FILE = Path(__file__).parents[1] / "gateway" / "seeds" / "feedback.json"
_DIGITS = 4


def main() -> None:
    """Findings of every text but the printed one, whose analysis is printed too."""
    pieces: list[dict[str, Any]] = json.loads(_FILE.read_text("utf-8"))
    own = [each for each in pieces if each.get("analyzed_by") != "documentation"]
    texts = [FeedbackText(p["content"], FeedbackSource(p["source"]), p.get("rating"), p.get("language")) for p in own]
    for piece, found in zip(own, analyse(texts), strict=True):
        piece["findings"], piece["analyzed_by"] = _plain(found), version()
    _FILE.write_text(json.dumps(pieces, ensure_ascii=False, indent=1) + "\n", "utf-8")


def _plain(found: FeedbackFindings) -> dict[str, Any]:
    values = {each.name: getattr(found, each.name) for each in fields(found)}
    return {name: round(value, _DIGITS) if isinstance(value, float) else value for name, value in values.items()}


if __name__ == "__main__":
    main()
