"""How campaigns for one company do over a period, what that compares with, and where it is likely to end."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from domain.abm import ItemStatus
from domain.channels import Channel
from domain.errors import DomainError, invalid
from domain.intelligence.campaign_opportunities import Piece, opportunities
from domain.intelligence.campaign_performance import (
    NAMES,
    Counts,
    Outlook,
    capped,
    described,
    engaged,
    outlook,
    rate,
    rates,
    total,
    within,
)
from domain.intelligence.campaign_priors import RESPONSE, WON_FROM_MAIL, Prior
from domain.levels import Level
from domain.marketing import CampaignStatus
from domain.permissions import Permission
from domain.values import end_of, start_of
from domain.viewer import Viewer
from resolvers import campaign_numbers as numbers
from resolvers.reads import Run, reckons

GRANULARITY = "daily"


@dataclass(frozen=True, slots=True)
class _Evidence:
    """Everything that is known of one campaign."""

    campaign: numbers.Known
    days: Mapping[date, Counts]
    others: Sequence[Counts]
    pieces: Sequence[Piece]
    readers: int
    first: date
    last: date


@reckons(Permission.READ_MARKETING)
async def performance(
    run: Run,
    viewer: Viewer,
    now: datetime,
    ids: Sequence[str],
    start_date: date | None = None,
    end_date: date | None = None,
) -> dict[str, Any]:
    """How campaigns do from one day to another, by default from their beginning to their end (CC-34).

    What is said of opportunities and of the end counts the whole campaign so far, whatever the period.
    """
    known = await numbers.campaigns(run, viewer, ids)
    days = await numbers.days(run, viewer, ids)
    wholes = await numbers.wholes(run, viewer)
    messages = await numbers.messages(run, viewer, ids)
    pieces = await numbers.pieces(run, viewer, ids, messages)
    readers = await numbers.readers(run, viewer, ids)
    asked = [
        _Evidence(
            each,
            days.get(each.id, {}),
            [whole.counts for whole in wholes if whole.id != each.id],
            pieces.get(each.id, []),
            readers.get(each.id, 0),
            start_date or each.begins,
            end_date or each.ends,
        )
        for each in known
    ]
    # Away from the event loop: a page of campaigns is some work.
    return await asyncio.to_thread(_answers, asked, now, "startDate" if start_date else "endDate")


def _answers(asked: Sequence[_Evidence], now: datetime, said: str) -> dict[str, Any]:
    """Each campaign's answer, or why it has none; `said` is the bound of the period that was given."""
    return {of.campaign.id: _answer(of, now) if of.first <= of.last else _backwards(of, said) for of in asked}


def _backwards(of: _Evidence, said: str) -> DomainError:
    if said == "endDate":
        return invalid(said, f"endDate must not be before the first day, {of.first}.")
    return invalid(said, f"startDate must not be after the last day, {of.last}.")


def _answer(of: _Evidence, now: datetime) -> dict[str, Any]:
    days = within(of.days, of.first, of.last)
    own, so_far = total(days.values()), total(of.days.values())
    expected = outlook(so_far, _remaining(of, so_far), *_priors(of.others))
    return {
        "campaign_id": of.campaign.id,
        "start_date": start_of(of.first),
        "end_date": end_of(of.last),
        "granularity": GRANULARITY,
        **{name: max(0, getattr(own, name)) for name in NAMES},
        **rates(own),
        "average_engagement": own.engagement,
        **_accounts(own),
        "metrics": [_point(day, counts) for day, counts in days.items()],
        "analysis_text": described(own, of.others),
        "optimization_opportunities": opportunities(of.pieces, so_far, of.others),
        "notes": capped(own),
        **_predicted(expected),
        "generated_at": now,
    }


def _point(day: date, counts: Counts) -> dict[str, Any]:
    return {
        "date": day,
        **{name: max(0, getattr(counts, name)) for name in NAMES},
        "engagement_score": counts.engagement,
    }


def _accounts(own: Counts) -> dict[str, int]:
    """How many accounts are how engaged (CC-13): the campaign's own, once mail was sent or anything was noticed."""
    involved = own.emails_sent > 0 or own.engagements > 0
    level = engaged(own.engagement)
    return {
        f"{each.value.lower()}_engagement_accounts": int(involved and each is level)
        for each in (Level.HIGH, Level.MEDIUM, Level.LOW)
    }


def _remaining(of: _Evidence, so_far: Counts) -> float:
    """How many messages are still to be delivered: planned e-mails to as many as were written to so far.

    Before the first e-mail, everybody the campaign is for and who has an address is counted.
    """
    if of.campaign.status is CampaignStatus.COMPLETED:
        return 0.0
    mail = [each for each in of.pieces if each.channel is Channel.EMAIL]
    sent = [each.messages.sent for each in mail if each.status is ItemStatus.SENT]
    each_time = sum(sent) / len(sent) if sent else of.readers
    arrives = rate(so_far.emails_delivered, so_far.emails_sent) if so_far.emails_sent else 1.0
    return sum(1 for each in mail if each.status is ItemStatus.SCHEDULED) * each_time * arrives


def _priors(others: Sequence[Counts]) -> tuple[Prior, Prior]:
    """What is expected of replies and conversions before this campaign, drawn towards the organization's others."""
    whole = total(others)
    base = whole.emails_delivered
    return RESPONSE.shrunk_to(whole.emails_replied, base), WON_FROM_MAIL.shrunk_to(whole.conversions, base)


def _predicted(found: Outlook) -> dict[str, Any]:
    return {
        "predictions": found,
        "expected_final_response_rate": found.final_response_rate.value,
        "expected_final_conversion_rate": found.final_conversion_rate.value,
        "prediction_confidence": found.confidence,
        "basis": found.final_response_rate.basis,
    }
