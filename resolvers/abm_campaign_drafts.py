"""What is sent of a campaign for one company that is to be made, and what it becomes once it is checked."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

from domain.abm_plan import EARLIEST, FURTHEST, STEPS, USUAL_FREQUENCY, USUAL_TYPE, WeekPlan, weeks_of
from domain.abm_rules import TRIGGERS
from domain.accounts import name_key
from domain.channels import Channel
from domain.engagement import EngagementType
from domain.errors import DomainError, Problem, invalid, required
from domain.outside import MarketingTerms
from domain.texts import line, needed, text
from resolvers.drafts import taken

_CONTENT_TYPES = 20
"""Most content types of a week."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetPersona:
    """Somebody a campaign is for; influence is a fraction."""

    name: str
    title: str | None = None
    influence: float | None = None
    email: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """When a campaign runs: from the day of the call on unless said otherwise, weekly."""

    duration_weeks: int
    start_date: date | None = None
    frequency: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekStrategy:
    """What is meant for one week."""

    week: int
    theme: str | None = None
    channels: list[Channel] | None = None
    content_types: list[str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Personalization:
    """How personal the texts are to be."""

    level: str | None = None
    include_ai_insights: bool | None = None
    dynamic_content: bool | None = None
    behavioral_triggers: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Automation:
    """Whether a campaign reacts, and to what; with `ab_testing` its e-mails have two versions."""

    enabled: bool | None = None
    triggers: list[EngagementType] | None = None
    optimization: bool | None = None
    ab_testing: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AbmCampaignDraft:
    """A campaign to be made. Without personas it is for all that are known of the company."""

    campaign_name: str
    account_id: str
    channels: list[Channel]
    timeline: Timeline
    campaign_type: str | None = None
    objective: str | None = None
    target_personas: list[TargetPersona] | None = None
    content_strategy: list[WeekStrategy] | None = None
    personalization: Personalization | None = None
    automation: Automation | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A campaign as it was asked for, checked, and with what nobody said; personas are None when nobody named any."""

    name: str
    account_id: str
    campaign_type: str
    objective: str | None
    channels: list[Channel]
    start: date
    weeks: int
    frequency: str
    plans: list[WeekPlan]
    personas: list[TargetPersona] | None
    personalization: Personalization
    enabled: bool
    triggers: list[EngagementType]
    optimization: bool | None
    ab_testing: bool


def checked(draft: AbmCampaignDraft, terms: MarketingTerms, today: date) -> Asked:
    """The campaign that was asked for (defaults: CC-41).

    Raises:
        DomainError: every problem at once, each naming its field.
    """
    checks: Mapping[str, Callable[[Any], Any]] = {
        "campaign_name": lambda name: needed("campaignName", name).strip(),
        "campaign_type": partial(line, "campaignType"),
        "objective": partial(line, "objective"),
        "channels": _channels,
        "timeline": partial(_timeline, terms, today),
        "target_personas": partial(_personas, terms),
        "personalization": _personalization,
    }
    values = taken(draft, checks)
    start, weeks, frequency = values["timeline"]
    automation = draft.automation or Automation()
    triggers = TRIGGERS if automation.triggers is None else automation.triggers
    enabled = bool(automation.triggers) if automation.enabled is None else automation.enabled
    return Asked(
        name=values["campaign_name"],
        account_id=draft.account_id,
        campaign_type=values["campaign_type"] or USUAL_TYPE,
        objective=values["objective"],
        channels=values["channels"],
        start=start,
        weeks=weeks,
        frequency=frequency,
        plans=_plans(draft.content_strategy or [], weeks, frequency),
        personas=values["target_personas"],
        personalization=values["personalization"],
        enabled=enabled,
        triggers=list(dict.fromkeys(triggers)) if enabled or automation.triggers else [],
        optimization=automation.optimization,
        ab_testing=bool(automation.ab_testing),
    )


def _channels(channels: Sequence[Channel]) -> list[Channel]:
    if not channels:
        raise required("channels", "channels must hold at least one channel.")
    return list(dict.fromkeys(channels))


def _timeline(terms: MarketingTerms, today: date, timeline: Timeline) -> tuple[date, int, str]:
    weeks, start = timeline.duration_weeks, timeline.start_date or today
    frequency = (timeline.frequency or USUAL_FREQUENCY).strip().lower()
    problems: list[Problem] = []
    if not 1 <= weeks <= terms.campaign_weeks:
        why = f"timeline.durationWeeks must be from 1 to {terms.campaign_weeks}."
        problems.extend(invalid("timeline.durationWeeks", why).problems)
    if not EARLIEST <= start <= today + FURTHEST:
        why = f"timeline.startDate must be from {EARLIEST} to {today + FURTHEST}."
        problems.extend(invalid("timeline.startDate", why).problems)
    if frequency not in STEPS:
        why = f"timeline.frequency must be weekly or biweekly, which is every second week; not {frequency[:40]!r}."
        problems.extend(invalid("timeline.frequency", why).problems)
    if problems:
        raise DomainError(problems)
    return start, weeks, frequency


def _personas(terms: MarketingTerms, wanted: Sequence[TargetPersona] | None) -> list[TargetPersona] | None:
    """Each name once, the first time it stands there."""
    if wanted is None:
        return None
    if len(wanted) > terms.campaign_personas:
        raise invalid("targetPersonas", f"targetPersonas must be at most {terms.campaign_personas}, not {len(wanted)}.")
    found: dict[str, TargetPersona] = {}
    for number, each in enumerate(wanted):
        found.setdefault(name_key(needed(f"targetPersonas.{number}.name", each.name)), each)
    return list(found.values())


def _personalization(given: Personalization | None) -> Personalization:
    line("personalization.level", given.level if given else None)
    return given or Personalization()


def _plans(strategy: Sequence[WeekStrategy], weeks: int, frequency: str) -> list[WeekPlan]:
    turns, found = weeks_of(weeks, frequency), dict[int, WeekPlan]()
    for number, each in enumerate(strategy):
        path = f"contentStrategy.{number}"
        if each.week not in turns:
            every = " every second week" if STEPS[frequency] > 1 else ""
            raise invalid(f"{path}.week", f"{path}.week must be from 1 to {turns[-1]}{every}, not {each.week}.")
        if each.week in found:
            raise invalid(f"{path}.week", f"{path}.week is planned twice: {each.week}.")
        found[each.week] = WeekPlan(
            week=each.week,
            theme=line(f"{path}.theme", each.theme),
            channels=None if each.channels is None else tuple(dict.fromkeys(each.channels)),
            content_types=_content_types(f"{path}.contentTypes", each.content_types),
        )
    return [found[week] for week in sorted(found)]


def _content_types(field: str, types: Sequence[str] | None) -> tuple[str, ...] | None:
    if types is None:
        return None
    if len(types) > _CONTENT_TYPES:
        raise invalid(field, f"{field} must be at most {_CONTENT_TYPES} texts.")
    return tuple(text(field, needed(field, each), 100).strip().lower() for each in types)
