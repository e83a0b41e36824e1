"""Generating texts, before anything is stored: facts are read, texts written, each of them judged."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import perf_counter
from typing import Any

from sqlalchemy import func, select

from domain.abm import CampaignDay
from domain.channels import Channel
from domain.engagement import EngagementEvent, EngagementType
from domain.intelligence import copy_advice
from domain.intelligence.copy import CopyWanted, Draft, write
from domain.intelligence.copy_facts import CopyFacts, CopyPersona
from domain.intelligence.copy_scores import Appraisal, MailHistory, appraise, known_share, personalization
from resolvers import quotas
from resolvers.content_drafts import Asked, GenerateDraft, checked
from resolvers.content_facts import facts_of
from resolvers.content_writing import Texts, rewritten
from resolvers.desk import Desk
from resolvers.reads import visibility

_LATELY = timedelta(days=180)
"""How far back engagement tells when a company's people are reached."""
_MOMENTS = 1_000
_CHOICE = 6
"""How many more drafts are written than are kept where the most promising ones are wanted."""
_NO_SIGN = (EngagementType.BOUNCE, EngagementType.CONVERSION)
"""What happens at a time its reader has not chosen."""


@dataclass(frozen=True, slots=True)
class ReadyVariant:
    """A version that can be stored, with what is told of it."""

    channel: Channel
    draft: Draft
    appraisal: Appraisal
    timing: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReadyContent:
    """Texts that can be stored; `tokens` are those of all that was written for them."""

    asked: Asked
    variants: tuple[ReadyVariant, ...]
    best: int
    follow_up: str
    optimizations: list[str]
    generated_by: str
    confidence: float
    tokens: int
    seconds: float

    @property
    def facts(self) -> list[dict[str, Any]]:
        """The facts that were merged into any of them, each with its source."""
        used = dict.fromkeys(fact for variant in self.variants for fact in variant.draft.facts)
        return [
            {
                "variable": each.variable,
                "value": each.value,
                "kind": each.kind.value,
                "source": each.source,
                "assumed": each.assumed,
            }
            for each in used
        ]


async def prepared(desk: Desk, draft: GenerateDraft) -> ReadyContent:
    """Write and judge what is wanted.

    Raises:
        DomainError: NOT_FOUND naming `accountId`, INVALID naming a field, QUOTA_EXCEEDED when nothing is left.
    """
    began = perf_counter()
    asked = checked(draft, desk.outside.marketing.content_variants)
    quotas.require_left(await desk.rows(quotas.usage(desk.viewer, desk.now)), desk.now)
    person = draft.target_persona
    reader = CopyPersona(person.name, person.title, person.role)
    facts = await facts_of(desk.rows, desk.viewer, draft.account_id, reader)
    texts, generated_by, extra = await rewritten(desk, asked, await asyncio.to_thread(written, asked, facts))
    variants = await _judged(desk, asked, facts, texts)
    appraisals = [each.appraisal for each in variants]
    return ReadyContent(
        asked=asked,
        variants=variants,
        best=copy_advice.best(appraisals),
        follow_up=copy_advice.follow_up(asked.channels),
        optimizations=copy_advice.optimizations(appraisals),
        generated_by=generated_by,
        confidence=known_share(facts),
        tokens=quotas.tokens_of(each.draft.words for each in variants) + extra,
        seconds=round(perf_counter() - began, 3),
    )


async def _judged(desk: Desk, asked: Asked, facts: CopyFacts, texts: Texts) -> tuple[ReadyVariant, ...]:
    """The texts with what is to be expected of each, and when it is best sent."""
    history, moments = await mail_history(desk), await _moments(desk, asked.draft.account_id)
    return tuple(
        ReadyVariant(
            channel,
            draft,
            appraise(draft, asked.wanted[channel], history),
            copy_advice.timing(channel, moments, facts.preferred_timing),
            notes,
        )
        for channel, (draft, notes) in texts
    )


def written(asked: Asked, facts: CopyFacts) -> list[tuple[Channel, Draft]]:
    """A draft for every variant, all of one channel different from each other."""
    drafts = {channel: iter(_best(asked, wanted, facts)) for channel, wanted in asked.wanted.items()}
    found = ((channel, next(drafts[channel], None)) for channel in asked.order)
    return [(channel, draft) for channel, draft in found if draft is not None]


def _best(asked: Asked, wanted: CopyWanted, facts: CopyFacts) -> list[Draft]:
    """As many drafts as the channel has variants; where conversion is to be optimized, the most personal of more.

    What is more personal has the higher chance of a response (`predict`).
    """
    count = asked.order.count(wanted.channel)
    if not asked.enhancement.optimize_for_conversion:
        return write(wanted, facts, count)
    return sorted(write(wanted, facts, count + _CHOICE), key=lambda each: -personalization(each.facts))[:count]


async def mail_history(desk: Desk) -> MailHistory:
    """What the organization's campaigns for companies have reached by e-mail so far."""
    own = CampaignDay
    sums = select(func.coalesce(func.sum(own.emails_delivered), 0), func.coalesce(func.sum(own.emails_replied), 0))
    delivered, replied = (await desk.rows(sums.where(*visibility(desk.viewer, own))))[0]
    return MailHistory(int(delivered), int(replied))


async def _moments(desk: Desk, account_id: str) -> list[datetime]:
    """When people of the company did something of late, in UTC."""
    own = EngagementEvent
    lately = (
        select(own.occurred_at)
        .where(*visibility(desk.viewer, own), own.account_id == account_id)
        .where(own.occurred_at > desk.now - _LATELY, own.counted, own.type.not_in(_NO_SIGN))
        .order_by(own.occurred_at.desc(), own.id.desc())
        .limit(_MOMENTS)
    )
    return [row[0] for row in await desk.rows(lately)]
