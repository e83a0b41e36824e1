"""The queue of researches: each gathers its facts, and stores what it found in one transaction."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from domain.errors import Code, DomainError, Kind, Problem
from domain.intelligence.feedback_findings import FeedbackSource, FeedbackText
from domain.intelligence.research import Conclusions, concluded
from domain.intelligence.research_facts import Facts, Source
from domain.research import ResearchStage
from domain.viewer import Viewer
from gateway.database import Database
from gateway.logging import bound, logger
from gateway.research.site import SiteReader
from gateway.settings_research import ResearchSettings
from gateway.work.queue import Job
from resolvers import quotas, research_facts, research_phrasing, research_work
from resolvers.desk import Desk
from resolvers.research_facts import Subject
from resolvers.research_work import Researched
from resolvers.research_writes import QUEUE
from resolvers.unit import Keys, Unit

log = logger(__name__)

_LONGEST_PROBLEM = 1_000
_MOST_LOST = 5
"""How often a research is begun without anybody noting its end: it may be what ends the processes."""
_LATER = frozenset({Kind.UNAVAILABLE, Kind.TIMEOUT, Kind.CONFLICT})
"""What may be otherwise another time."""
PROCESSING_FAILED = "PROCESSING_FAILED"


class ResearchQueue:
    """Researches that were begun and are not over."""

    name = QUEUE

    def __init__(self, database: Database, settings: ResearchSettings, sites: SiteReader) -> None:
        """The queue of a process."""
        self.at_once = settings.at_once
        self._database = database
        self._settings = settings
        self._sites = sites
        self._pauses = [settings.retry_seconds * 2**each for each in range(settings.attempts - 1)]

    async def take(self, most: int) -> Sequence[Job]:
        """Take up what is due now.

        Raises:
            DomainError: UNAVAILABLE when the database is.
        """
        work = partial(research_work.take, now=self._database.clock.now(), lease=self._lease, most=most)
        return [Job(*each) for each in await self._database.store(work)]

    async def next_due(self) -> datetime | None:
        """When a research is due next."""
        found = await self._database.rows(research_work.next_due())
        return found[0][0] if found else None

    async def run(self, job: Job) -> None:
        """Do a research that was taken up, and note what became of it; one that has moved on is left alone.

        Raises:
            DomainError: UNAVAILABLE when the database is, and nothing could be noted.
        """
        with bound(research_id=job.id):
            try:
                await self._work(job)
            except DomainError as error:
                await self._note(job, error.problems[0], final=error.kind not in _LATER)
            except Exception:
                # Noted as any other failure: a research that only raised would be tried for ever.
                log.exception("a research failed")
                await self._note(job, Problem(Code.UNAVAILABLE, "It failed; the server's log says more."), final=False)

    @property
    def _lease(self) -> timedelta:
        return timedelta(seconds=self._database.outside.research.lease_seconds)

    async def _work(self, job: Job) -> None:
        try:
            async with asyncio.timeout(self._settings.seconds):
                found = await self._researched(job)
        except TimeoutError:
            problem = Problem(Code.TIMEOUT, f"It was not done within {self._settings.seconds:g} seconds.")
            raise DomainError((problem,)) from None
        if found is None:
            return

        async def complete(unit: Unit) -> Keys:
            return await research_work.complete(unit, job.id, job.attempt, found)

        await self._database.transact(Viewer.nobody(job.organization_id), complete)

    async def _researched(self, job: Job) -> Researched | None:
        """What is found; None when the research has moved on."""
        begun, now, terms = time.perf_counter(), self._database.clock.now(), self._database.outside.research
        async with self._database.snapshot() as reader:
            rows = await reader.rows(research_facts.subject(job.id, job.attempt))
            if not rows:
                return None
            subject = research_facts.subject_of(rows[0])
            _require_hope(subject)
            facts = await research_facts.gather(reader.rows, subject, now, terms.news_days)
        facts = await self._with_site(job, facts)
        facts = await self._with_sentiments(facts)
        wanted = subject.run
        found = concluded(facts, wanted.depth, competitors=wanted.include_competitors, news=wanted.include_news)
        found, sources, used = await self._phrased(job, subject, facts, found)
        tokens = used + quotas.tokens_of(found.texts())
        return Researched(found, sources, tokens, time.perf_counter() - begun)

    async def _with_site(self, job: Job, facts: Facts) -> Facts:
        """The facts with what the company's own website says, where that may be read."""
        if not self._sites.allowed or not facts.company.website:
            source = self._sites.refused(facts.company.website)
            return replace(facts, sources=(*facts.sources, source))
        await self._progress(job, ResearchStage.WEBSITE)
        page, source = await self._sites.read(facts.company.website)
        facts = replace(facts, site=page, sources=(*facts.sources, source))
        if page is None or not page.technologies:
            return facts
        viewer = Viewer.nobody(job.organization_id)
        known = await research_facts.playbooks_for(self._database.rows, viewer, facts.company, page.technologies)
        return replace(facts, playbooks=tuple(known))

    async def _with_sentiments(self, facts: Facts) -> Facts:
        """The facts with how news sounds."""
        if not facts.news:
            return facts
        texts = [FeedbackText(f"{each.title}. {each.summary}", FeedbackSource.SOCIAL) for each in facts.news]
        said = await self._database.outside.analyst.feedback(texts)
        heard = (replace(each, sentiment=one.sentiment) for each, one in zip(facts.news, said, strict=True))
        return replace(facts, news=tuple(heard))

    async def _phrased(
        self, job: Job, subject: Subject, facts: Facts, found: Conclusions
    ) -> tuple[Conclusions, Sequence[Source], int]:
        """The findings in a language model's words, where one is set up and wanted."""
        viewer = Viewer.nobody(job.organization_id)
        database = self._database
        if not subject.run.include_ai_insights or not await database.outside.writer.available(viewer):
            return found, facts.sources, 0
        await self._progress(job, ResearchStage.WRITING)
        desk = Desk(viewer, database.clock.now(), database.outside, database.rows, database.bulk)
        phrased, source, used = await research_phrasing.phrased(desk, found)
        return phrased, (*facts.sources, source), used

    async def _progress(self, job: Job, stage: ResearchStage) -> None:
        async def tell(unit: Unit) -> Keys:
            return await research_work.progress(unit, job.id, job.attempt, stage, self._lease)

        await self._database.transact(Viewer.nobody(job.organization_id), tell)

    async def _note(self, job: Job, problem: Problem, final: bool) -> None:
        code = problem.code if problem.code in (Code.QUOTA_EXCEEDED, Code.TIMEOUT) else PROCESSING_FAILED
        log.info("research stopped", research=job.id, final=final, reason=problem.message)

        async def note(unit: Unit) -> Keys:
            told = (code, problem.message[:_LONGEST_PROBLEM])
            return await research_work.note_failed(unit, job.id, job.attempt, told, [] if final else self._pauses)

        await self._database.transact(Viewer.nobody(job.organization_id), note)


def _require_hope(subject: Subject) -> None:
    """Let a research pass that does not end every process that begins it.

    Raises:
        DomainError: INVALID, which no further attempt follows.
    """
    lost = subject.run.taken - subject.run.attempts
    if lost > _MOST_LOST:
        why = f"It was begun {lost - 1} times, and each time the process ended before it was done."
        raise DomainError((Problem(Code.INVALID, why),))
