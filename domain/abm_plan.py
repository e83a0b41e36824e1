"""The plan of a campaign for one company: which piece is due when, and what it is called inside the campaign.

It depends on nothing but what was asked for: the same request always gives the same schedule.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from domain.abm import ItemStatus
from domain.channels import Channel

USUAL_TYPE: Final = "multi_channel_abm"
USUAL_FREQUENCY: Final = "weekly"
STEPS: Final[Mapping[str, int]] = {"weekly": 1, "biweekly": 2}
"""How many weeks lie between those in which something is sent; biweekly is every second week, from the first on."""
EARLIEST: Final = date(2000, 1, 1)
FURTHEST: Final = timedelta(days=3653)
"""How far ahead a campaign may begin: ten years."""
FORGIVEN: Final = timedelta(days=1)
"""How late a piece may leave: one whose time is longer past is left out, so that old mail never leaves in a burst."""

_SEND_TIMES: Final[Mapping[Channel, time]] = {
    Channel.EMAIL: time(10, 30),
    Channel.LINKEDIN: time(14, 0),
    Channel.WEBSITE: time(15, 0),
    Channel.DIRECT_MAIL: time(15, 30),
    Channel.PHONE: time(16, 0),
    Channel.OTHER: time(16, 30),
}
"""Times of day in UTC: of e-mail and LinkedIn as documented (CC-23), of the others in the order they are listed there,
later on the same working day.
"""
_USUAL_TYPES: Final[Mapping[Channel, tuple[str, ...]]] = {
    Channel.EMAIL: ("insight_email", "case_study_email", "personal_story_email", "demo_request_email"),
    Channel.LINKEDIN: ("connection_request", "social_proof_post", "engagement_post", "social_proof_post"),
    Channel.WEBSITE: ("landing_page",),
    Channel.DIRECT_MAIL: ("physical_mail",),
    Channel.PHONE: ("call_script",),
    Channel.OTHER: ("other",),
}
"""What is written for a channel nothing is said about: the first, then those between, in the last week the last."""
_NAMED: Final[Mapping[str, Channel]] = {
    "email": Channel.EMAIL,
    "connection_request": Channel.LINKEDIN,
    "linkedin": Channel.LINKEDIN,
    "landing_page": Channel.WEBSITE,
    "website": Channel.WEBSITE,
    "physical_mail": Channel.DIRECT_MAIL,
    "direct_mail": Channel.DIRECT_MAIL,
    "call_script": Channel.PHONE,
    "phone": Channel.PHONE,
}
_ENDINGS: Final[tuple[tuple[str, Channel], ...]] = (
    ("_email", Channel.EMAIL),
    ("_post", Channel.LINKEDIN),
    ("_page", Channel.WEBSITE),
    ("_mail", Channel.DIRECT_MAIL),
    ("_call", Channel.PHONE),
)


@dataclass(frozen=True, slots=True)
class WeekPlan:
    """What is meant for one week. None for channels and content types is nothing said, empty ones are a quiet week."""

    week: int
    theme: str | None = None
    channels: tuple[Channel, ...] | None = None
    content_types: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class PlannedItem:
    """One piece of a schedule; `position` is that inside the whole campaign, from 1 on."""

    local_id: str
    week: int
    position: int
    date: date
    type: str
    channel: Channel
    content_type: str
    theme: str | None
    send_time: datetime


def channel_of(content_type: str) -> Channel | None:
    """The channel a kind of content belongs to by its name; None when the name does not tell."""
    named = _NAMED.get(content_type)
    return named or next((channel for ending, channel in _ENDINGS if content_type.endswith(ending)), None)


def type_of(content_type: str, channel: Channel) -> str:
    """A kind of content as schedules call it (CC-24): e-mails are `email`, requests `linkedin_connection`."""
    if channel is Channel.EMAIL:
        return "email"
    return "linkedin_connection" if content_type == "connection_request" else content_type


def sent_at(day: date, channel: Channel) -> datetime:
    """When a piece of a channel leaves on a day."""
    return datetime.combine(day, _SEND_TIMES[channel], UTC)


def end_of(start: date, weeks: int) -> datetime:
    """The last second of a campaign (CC-19)."""
    return datetime.combine(start + timedelta(weeks=weeks), time(23, 59, 59), UTC)


def weeks_of(weeks: int, frequency: str) -> range:
    """The weeks in which something is sent."""
    return range(1, weeks + 1, STEPS[frequency])


def schedule(
    start: date, weeks: int, frequency: str, channels: Sequence[Channel], plans: Mapping[int, WeekPlan]
) -> list[PlannedItem]:
    """Every piece of a campaign, week by week, in the order of the week's content types (CC-20, CC-21)."""
    found: list[PlannedItem] = []
    turns = weeks_of(weeks, frequency)
    for turn, week in enumerate(turns):
        plan = plans.get(week) or WeekPlan(week)
        day = start + timedelta(weeks=week - 1)
        taken: Counter[Channel] = Counter()
        for channel, content_type in _pieces(plan, channels, turn, len(turns)):
            taken[channel] += 1
            number = f"_{taken[channel]}" if taken[channel] > 1 else ""
            found.append(
                PlannedItem(
                    local_id=f"cnt_week{week}_{channel.value.lower()}{number}",
                    week=week,
                    position=len(found) + 1,
                    date=day,
                    type=type_of(content_type, channel),
                    channel=channel,
                    content_type=content_type,
                    theme=plan.theme,
                    send_time=sent_at(day, channel),
                )
            )
    return found


def _pieces(plan: WeekPlan, channels: Sequence[Channel], turn: int, turns: int) -> Iterator[tuple[Channel, str]]:
    """The pieces of a week: its content types, then its channels that none of them is for."""
    types = plan.content_types or ()
    # Who names kinds of content alone wants nothing else; who says nothing wants every channel of the campaign.
    wanted = plan.channels if plan.channels is not None else () if plan.content_types is not None else tuple(channels)
    reached: set[Channel] = set()
    for place, content_type in enumerate(types):
        beside = wanted[place] if place < len(wanted) else Channel.OTHER
        channel = channel_of(content_type) or beside
        reached.add(channel)
        yield channel, content_type
    for channel in dict.fromkeys(wanted):
        if channel not in reached:
            yield channel, _usual_type(channel, turn, turns)


def _usual_type(channel: Channel, turn: int, turns: int) -> str:
    usual = _USUAL_TYPES[channel]
    if turn == 0 or len(usual) == 1:
        return usual[0]
    if turn == turns - 1:
        return usual[-1]
    between = usual[1:-1] or usual[1:]
    return between[(turn - 1) % len(between)]


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether a piece still leaves: its status, when it is due, and why not."""

    status: ItemStatus
    due_at: datetime | None
    note: str | None = None


def standing(send_time: datetime, now: datetime) -> Standing:
    """A piece as it is planned at a moment: due at its time, at once if that was lately, never if it was long ago."""
    if now - send_time < FORGIVEN:
        return Standing(ItemStatus.SCHEDULED, send_time)
    return Standing(ItemStatus.SKIPPED, None, "Its time had passed when the campaign was planned.")
