"""What has happened around a company across all products, in one order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from domain.permissions import Permission
from domain.timeline import COUNTED, PAGED, PERMISSION_OF, SHOWN, TimelineEntry, TimelineKind
from domain.values import Moment, end_of, start_of
from domain.viewer import Viewer
from resolvers.reads import Listing, Order, Parts, Statement, ToMany, reads, visible_to

_WORDS = {
    TimelineKind.LEAD: "Lead",
    TimelineKind.EMAIL: "E-mail",
    TimelineKind.TASK: "Task",
    TimelineKind.FEEDBACK: "Feedback",
    TimelineKind.COMPLIANCE_ITEM: "Compliance",
    TimelineKind.CAMPAIGN: "Campaign",
    TimelineKind.RESEARCH: "Research",
}


@dataclass(frozen=True, slots=True)
class TimelineFilter:
    """Which entries are wanted; bounds are inclusive."""

    kinds: Sequence[TimelineKind] | None = None
    occurred_from: Moment | None = None
    occurred_to: Moment | None = None


@reads(TimelineEntry, Permission.READ_ACCOUNTS)
def search(viewer: Viewer, where: TimelineFilter | None = None) -> Listing:
    """Entries of the kinds a viewer may read, newest first; what has been deleted is in none."""
    wanted = where or TimelineFilter()
    asked = TimelineKind if wanted.kinds is None else wanted.kinds
    kinds = [kind for kind in TimelineKind if kind in asked and PERMISSION_OF[kind] in viewer.permissions]

    def found(entry: type[Any]) -> Statement:
        statement = visible_to(viewer, entry).where(entry.kind.in_(kinds))
        if wanted.occurred_from:
            statement = statement.where(entry.occurred_at >= start_of(wanted.occurred_from))
        if wanted.occurred_to:
            statement = statement.where(entry.occurred_at <= end_of(wanted.occurred_to))
        return statement

    return Listing(found(TimelineEntry), Order(TimelineEntry.occurred_at), parts=Parts(found, PAGED, COUNTED))


def title(kind: TimelineKind, words: str | None, detail: str | None) -> str:
    """One line that says what an entry is about, such as `E-mail: Your quote` or `Link click: https://example.com`."""
    said = " ".join((words or "").split())
    said = said if len(said) <= SHOWN else f"{said[: SHOWN - 1].rstrip()}…"
    if kind is TimelineKind.ENGAGEMENT:
        begin, note = _spoken(detail), None
    else:
        begin, note = _WORDS[kind], detail if kind is TimelineKind.COMPLIANCE_ITEM else _spoken(detail).lower()
    line = f"{begin}: {said}" if said else begin
    return f"{line} ({note})" if note else line


def _spoken(word: str | None) -> str:
    """A value of an enumeration as people write it: `Link click` for LINK_CLICK."""
    return (word or "").replace("_", " ").capitalize()


of_account = ToMany(search, TimelineEntry.account_id)
