"""What the page of a campaign shows, section by section, from what the graph tells."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from gateway.pages.day_chart import chart
from gateway.pages.html import Markup, fill, joined

Facts = Mapping[str, Any]

_COUNTS = (
    ("Messages sent", "emailsSent", None, None),
    ("Delivered", "emailsDelivered", "deliveryRate", "emailsSent"),
    ("Opened", "emailsOpened", "openRate", "emailsDelivered"),
    ("Clicked", "emailsClicked", "clickRate", "emailsDelivered"),
    ("Replied", "emailsReplied", "replyRate", "emailsDelivered"),
    ("Meetings agreed", "meetingsScheduled", "meetingRate", "emailsDelivered"),
    ("Meetings held", "meetingsCompleted", None, None),
    ("Conversions", "conversions", "conversionRate", "emailsDelivered"),
)
"""What is counted: its name, its field, the field of its rate, and of what that is a part."""
_BASES = {"emailsSent": "of those sent", "emailsDelivered": "of those delivered"}
_MEASURES = {"REPLIES": "replies", "CLICKS": "clicks", "OPENS": "openings"}
_LONGEST_SAYING = 160


def campaign_body(found: Facts) -> Markup:
    """Everything about a campaign."""
    performance = found["performance"]
    return joined(
        (
            _head(found),
            _results(performance),
            _days(found, performance),
            _schedule(found["schedule"]["nodes"]),
            _rules(found["automationRules"]["nodes"]),
            _actions(found["triggeredActions"]),
            _versions(found["variantComparisons"]),
        )
    )


def _head(found: Facts) -> Markup:
    facts = [
        ("Company", found["account"]["name"] if found["account"] else "not known"),
        ("Status", _status(found)),
        ("Aim", _words(found["objective"]) if found["objective"] else "not said"),
        ("From", _moment(found["startDate"])),
        ("To", _moment(found["endDate"])),
        ("Plan", f"{_many(found['durationWeeks'], 'week')}, {_words(found['frequency']).lower()}"),
        ("Channels", ", ".join(map(_words, found["channels"])) or "none"),
    ]
    rows = joined(fill("fact", name=name, value=value) for name, value in facts)
    return fill("campaign_head", name=found["name"], facts=rows)


def _status(found: Facts) -> str:
    since = found["completedAt"] or found["pausedAt"]
    return f"{_words(found['status'])}, since {_when(since)}" if since else _words(found["status"])


def _results(performance: Facts) -> Markup:
    rows = [
        (name, f"{performance[count]:,}", _share(performance, rate, base) if rate and base else "")
        for name, count, rate, base in _COUNTS
    ]
    advice = performance["optimizationOpportunities"]
    said = [fill("saying", text=performance["analysisText"]), *(fill("saying", text=each) for each in advice)]
    table = _table("results", ("What", "How often", "Rate"), rows, numeric=(1,))
    return _section("results", "Results", joined((table, *said)))


def _share(performance: Facts, rate: str, base: str) -> str:
    """A rate in words; a part of nothing is not 0 %."""
    return f"{performance[rate]:.1%} {_BASES[base]}" if performance[base] else ""


def _days(found: Facts, performance: Facts) -> Markup:
    points = performance["metrics"]
    if not points:
        return _section("days", "Day by day", fill("saying", text="Nothing has been noticed yet."))
    last = min(found["endDate"][:10], performance["generatedAt"][:10])
    rows = [(each["date"], each["emailsOpened"], each["emailsClicked"], each["emailsReplied"]) for each in points]
    table = _table("days", ("Day", "Opened", "Clicked", "Replied"), rows, numeric=(1, 2, 3))
    drawn = chart(points, min(found["startDate"][:10], points[0]["date"]), max(last, points[-1]["date"]))
    return _section("days", "Day by day", joined((drawn, fill("numbers", table=table))))


def _schedule(pieces: Sequence[Facts]) -> Markup:
    rows = [
        (
            each["week"],
            _moment(each["sendTime"]),
            _words(each["type"]),
            _short(each["subject"] or each["message"] or ""),
            f"{_words(each['status'])}: {each['note']}" if each["note"] else _words(each["status"]),
        )
        for each in pieces
    ]
    headings = ("Week", "When", "What", "Words", "Status")
    return _section("schedule", "Schedule", _table("schedule", headings, rows, numeric=(0,)) if rows else _none())


def _rules(rules: Sequence[Facts]) -> Markup:
    rows = [
        (_words(each["trigger"]), _words(each["action"]), each["delay"], "yes" if each["enabled"] else "no")
        for each in rules
    ]
    headings = ("When somebody does this", "this follows", "after", "Enabled")
    return _section("rules", "Rules", _table("rules", headings, rows) if rows else _none())


def _actions(found: Facts) -> Markup:
    rows = [
        (_moment(each["scheduledTime"]), _words(each["action"]), _person(each["contact"]), _ended(each))
        for each in found["nodes"]
    ]
    if not rows:
        return _section("actions", "What the rules have set off", _none())
    table = _table("actions", ("Due", "What", "For", "Status"), rows)
    more = found["totalCount"] - len(rows)
    rest = [fill("saying", text=f"And {more:,} earlier ones.")] if more > 0 else []
    return _section("actions", "What the rules have set off", joined((table, *rest)))


def _versions(comparisons: Sequence[Facts]) -> Markup:
    if not comparisons:
        return _section("versions", "Versions compared", _none())
    return _section("versions", "Versions compared", joined(_comparison(*each) for each in enumerate(comparisons)))


def _comparison(number: int, found: Facts) -> Markup:
    name = found["localId"] or "All pieces together"
    rates = ("openRate", "clickRate", "replyRate")
    rows = [
        (each["variant"], each["delivered"], *(f"{each[rate]:.1%}" for rate in rates)) for each in found["variants"]
    ]
    headings = ("Version", "Delivered", "Opened", "Clicked", "Replied")
    heading = fill("subheading", id=f"versions-{number}", text=name)
    table = _table(f"versions-{number}", headings, rows, numeric=(1, 2, 3, 4))
    return joined((heading, table, *(fill("saying", text=each) for each in _verdict(found))))


def _verdict(found: Facts) -> Iterable[str]:
    if found["winner"]:
        yield f"Version {found['winner']} is ahead, by {_MEASURES.get(found['measure'], 'what was compared')}."
    for each in found["tests"]:
        measure = _MEASURES.get(each["measure"], each["measure"]).capitalize()
        yield (
            f"{measure}: {each['better']} against {each['other']}, "
            f"{each['difference']:+.1%} (between {each['low']:+.1%} and {each['high']:+.1%}, p = {each['p']:.3f})."
        )
    if found["warning"]:
        yield found["warning"]


def _section(name: str, heading: str, content: Markup) -> Markup:
    return fill("section", id=name, heading=heading, content=content)


def _table(
    name: str, headings: Sequence[str], rows: Iterable[Sequence[str | int]], numeric: Sequence[int] = ()
) -> Markup:
    """A table that scrolls by itself where the page is narrow; its section's heading names it."""

    def cells(values: Sequence[str | int], template: Callable[[int], str]) -> Markup:
        return joined(fill(template(column), text=value) for column, value in enumerate(values))

    head = cells(headings, lambda column: "heading_number" if column in numeric else "heading")
    body = joined(
        fill("row", cells=cells(each, lambda column: "cell_number" if column in numeric else "cell")) for each in rows
    )
    return fill("table", id=name, head=head, rows=body)


def _none() -> Markup:
    return fill("saying", text="None.")


def _words(name: str) -> str:
    """A name of the graph, or a word of a request, as people write it."""
    said = name.replace("_", " ").strip().lower().replace("linkedin", "LinkedIn")
    return said[:1].upper() + said[1:]


def _moment(iso: str) -> Markup:
    day, _, time = _when(iso).partition(" ")
    return fill("moment", iso=iso, day=day, time=time)


def _when(iso: str) -> str:
    return f"{iso[:10]} {iso[11:16]} UTC"


def _many(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def _short(said: str) -> str:
    return said if len(said) <= _LONGEST_SAYING else f"{said[:_LONGEST_SAYING].rstrip()}…"


def _person(contact: Facts | None) -> str:
    return (contact["name"] or contact["email"]) if contact else "nobody any more"


def _ended(action: Facts) -> str:
    return f"{_words(action['status'])}: {action['note']}" if action["note"] else _words(action["status"])
