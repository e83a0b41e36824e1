"""Planning a campaign for one company before its transaction: its schedule, its texts, and what is expected of it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from domain.abm import CampaignDay
from domain.abm_plan import PlannedItem, schedule
from domain.abm_texts import for_any_reader, written
from domain.errors import invalid
from domain.intelligence.campaign_expectations import Expectations, Reached, expect
from domain.intelligence.copy_facts import CopyPersona
from domain.outside import MarketingTerms
from domain.personas import Persona
from domain.texts import storable
from resolvers import content_facts, personas, quotas
from resolvers.abm_campaign_drafts import AbmCampaignDraft, Asked, TargetPersona, checked
from resolvers.desk import Desk
from resolvers.reads import visibility


@dataclass(frozen=True, slots=True)
class ReadyCampaign:
    """A campaign that can be stored: what was asked for, for whom it is, its pieces with the versions of their texts.

    `known` are the ids of the personas it is for where the request names none.
    """

    asked: Asked
    known: list[str]
    first_reader: str | None
    pieces: list[tuple[PlannedItem, list[dict[str, Any]]]]
    expected: Expectations
    tokens: int


async def prepared(desk: Desk, draft: AbmCampaignDraft) -> ReadyCampaign:
    """Check what was sent, plan the schedule, and write its texts.

    Raises:
        DomainError: naming every field that cannot be accepted; NOT_FOUND for an unknown company; QUOTA_EXCEEDED when
            nothing is left of the month.
    """
    terms = desk.outside.marketing
    asked = checked(draft, terms, desk.now.date())
    items = _schedule(asked, terms)
    quotas.require_left(await desk.rows(quotas.usage(desk.viewer, desk.now)), desk.now)
    known = await _known(desk, asked, terms)
    readers = [_reader(each) for each in asked.personas] if asked.personas is not None else [each[1] for each in known]
    first = _first(asked, readers)
    facts = await content_facts.facts_of(desk.rows, desk.viewer, asked.account_id, first or CopyPersona())
    common = for_any_reader(facts, len(readers))
    texts = await asyncio.to_thread(written, items, common, asked.objective, compared=asked.ab_testing)
    tokens = quotas.tokens_of(each[part] for versions in texts for each in versions for part in ("subject", "text"))
    return ReadyCampaign(
        asked=asked,
        known=[each[0] for each in known],
        first_reader=first.name if first else None,
        pieces=list(zip(items, texts, strict=True)),
        expected=expect(await _reached(desk)),
        tokens=tokens,
    )


def _schedule(asked: Asked, terms: MarketingTerms) -> list[PlannedItem]:
    plans = {each.week: each for each in asked.plans}
    items = schedule(asked.start, asked.weeks, asked.frequency, asked.channels, plans)
    if len(items) > terms.campaign_items:
        why = f"A campaign plans at most {terms.campaign_items} pieces; these are {len(items)}."
        raise invalid("timeline.durationWeeks", why)
    return items


async def _known(desk: Desk, asked: Asked, terms: MarketingTerms) -> list[tuple[str, CopyPersona]]:
    """The personas that are known of the company, the most influential first, where the request names none."""
    if asked.personas is not None or not storable(asked.account_id):
        return []
    own = personas.visible.build(desk.viewer).where(Persona.account_id == asked.account_id)
    columns = own.with_only_columns(Persona.id, Persona.name, Persona.title, Persona.role)
    ordered = columns.order_by(func.coalesce(Persona.influence, 0).desc(), Persona.created_at, Persona.id)
    rows = await desk.rows(ordered.limit(terms.campaign_personas))
    return [(row.id, CopyPersona(row.name, row.title, row.role)) for row in rows]


def _reader(persona: TargetPersona) -> CopyPersona:
    return CopyPersona(persona.name, persona.title, None)


def _first(asked: Asked, readers: Sequence[CopyPersona]) -> CopyPersona | None:
    """For whom texts are shown before they leave: the most influential, the first of equals."""
    if not readers:
        return None
    influence = [each.influence or 0.0 for each in asked.personas or ()]
    return readers[influence.index(max(influence))] if influence else readers[0]


async def _reached(desk: Desk) -> Reached:
    """What the organization's campaigns for companies have reached in all."""
    day = CampaignDay
    sums = [
        func.coalesce(func.sum(each), 0) for each in (day.emails_delivered, day.emails_replied, day.meetings_scheduled)
    ]
    ((delivered, replied, meetings),) = await desk.rows(select(*sums).where(*visibility(desk.viewer, day)))
    return Reached(int(delivered), int(replied), int(meetings))
