"""In which manner a text is written: its tone, its objective, its length, and how soon something is to happen."""

from __future__ import annotations

from dataclasses import dataclass

from domain.intelligence.copy_templates import LENGTHS
from domain.levels import Level

TONES = ("consultative", "technical", "friendly", "formal", "direct")
_ALIKE = {
    "professional": "formal",
    "casual": "friendly",
    "warm": "friendly",
    "advisory": "consultative",
    "concise": "direct",
    "assertive": "direct",
    "expert": "technical",
}
_OBJECTIVES = {
    "demo": "schedule_demo",
    "book_demo": "schedule_demo",
    "request_demo": "schedule_demo",
    "meeting": "schedule_meeting",
    "book_meeting": "schedule_meeting",
    "schedule_call": "schedule_meeting",
    "trial": "start_trial",
    "download": "share_resource",
    "awareness": "build_awareness",
    "brand_awareness": "build_awareness",
    "nurture": "build_awareness",
    "followup": "follow_up",
    "reengage": "re_engage",
    "reactivation": "re_engage",
    "event": "event_invitation",
}
_TIME_FRAMES = {
    None: "in the coming days",
    Level.LOW: "in the coming weeks",
    Level.MEDIUM: "next week",
    Level.HIGH: "this week",
    Level.CRITICAL: "today or tomorrow",
}


@dataclass(frozen=True, slots=True)
class Manner:
    """How everything in a text is said; the length is its place among `LENGTHS`."""

    tone: str
    objective: str
    length: int
    time_frame: str


def manner_of(
    *, tone: str | None, objective: str | None, content_type: str, length: str | None, urgency: Level | None
) -> Manner:
    """The manner that words of a request ask for; words nobody knows ask for the usual one."""
    size, goal = word_of(length), objective_of(objective)
    if not goal and word_of(content_type) == "demo_request_email":
        goal = "schedule_demo"
    place = LENGTHS.index(size) if size in LENGTHS else LENGTHS.index("medium")
    return Manner(tone_of(tone), goal, place, _TIME_FRAMES[urgency])


def tone_of(text: str | None) -> str:
    """The tone a text asks for, such as `technical` for "Technical, consultative"; consultative when it names none."""
    for word in (text or "").lower().replace(",", " ").replace("/", " ").replace("_", " ").split():
        if word in TONES or word in _ALIKE:
            return _ALIKE.get(word, word)
    return TONES[0]


def objective_of(text: str | None) -> str:
    """The objective by the word templates know it by."""
    word = word_of(text)
    return _OBJECTIVES.get(word, word)


def word_of(text: str | None) -> str:
    """A type or an objective as it is compared: `insight_email` for "Insight Email"."""
    return "_".join((text or "").lower().replace("-", " ").replace("_", " ").split())
