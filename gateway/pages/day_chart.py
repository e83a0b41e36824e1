"""What was opened, clicked and answered by day, drawn here: the browser gets a picture and runs nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from gateway.pages.html import Markup, fill, joined

_LEFT, _TOP, _WIDTH, _HEIGHT = 36, 12, 592, 160
_SERIES = (
    ("emailsOpened", "opened", "Opened"),
    ("emailsClicked", "clicked", "Clicked"),
    ("emailsReplied", "replied", "Replied"),
)
_STEPS = (1, 2, 5)
_MOST_MARKS = 62
"""Days up to which every day of a line has a mark of its own."""


def chart(points: Sequence[Mapping[str, Any]], first: str, last: str) -> Markup:
    """The lines from the first to the last day; days of which nothing is told are days without anything."""
    begin, days = date.fromisoformat(first), (date.fromisoformat(last) - date.fromisoformat(first)).days + 1
    known = {(date.fromisoformat(each["date"]) - begin).days: each for each in points}
    most = max(1, *(each[name] for each in points for name, _, _ in _SERIES))
    top = _round_up(most)
    lines = joined(_line(name, kind, known, days, top) for name, kind, _ in _SERIES)
    totals = ", ".join(f"{sum(each[name] for each in points):,} {kind}" for name, kind, _ in _SERIES)
    return fill(
        "chart",
        text=f"By day from {first} to {last}: {totals}; at most {most:,} a day.",
        lines=lines,
        axes=_axes(first, last, top),
        legend=joined(fill("legend", kind=kind, name=name) for _, kind, name in _SERIES),
    )


def _line(name: str, kind: str, known: Mapping[int, Mapping[str, Any]], days: int, top: int) -> Markup:
    places = [(_x(day, days), _y(known[day][name] if day in known else 0, top)) for day in range(days)]
    marks = (fill("mark", kind=kind, x=x, y=y) for x, y in places if days <= _MOST_MARKS)
    return joined((fill("line", kind=kind, points=" ".join(f"{x},{y}" for x, y in places)), *marks))


def _axes(first: str, last: str, top: int) -> Markup:
    bottom = _TOP + _HEIGHT
    labels = (
        fill("axis_label", x=_LEFT - 6, y=_TOP + 4, anchor="end", text=f"{top:,}"),
        fill("axis_label", x=_LEFT - 6, y=bottom + 4, anchor="end", text="0"),
        fill("axis_label", x=_LEFT, y=bottom + 18, anchor="start", text=first),
        *([fill("axis_label", x=_LEFT + _WIDTH, y=bottom + 18, anchor="end", text=last)] if last != first else []),
    )
    lines = (fill("grid_line", left=_LEFT, right=_LEFT + _WIDTH, y=y) for y in (_TOP, _TOP + _HEIGHT // 2, bottom))
    return joined((*lines, *labels))


def _x(day: int, days: int) -> str:
    share = day / (days - 1) if days > 1 else 0.5
    return f"{_LEFT + share * _WIDTH:.1f}"


def _y(value: int, top: int) -> str:
    return f"{_TOP + _HEIGHT - value / top * _HEIGHT:.1f}"


def _round_up(most: int) -> int:
    """The next number that reads easily."""
    scale: int = 10 ** max(0, len(str(most)) - 1)
    return next(step * scale for step in (*_STEPS, 10) if step * scale >= most)
