"""What use cases have done for them before their transaction, put together once."""

from __future__ import annotations

from domain.intelligence.feedback_advice import FeedbackTerms
from domain.jobs import BatchTerms
from domain.outside import MarketingTerms, Outside, ResearchTerms, Writer
from gateway.analyst import TextAnalyst
from gateway.locales import LocaleTables
from gateway.reading.opening import Reading
from gateway.settings import Settings
from gateway.settings_feedback import FeedbackSettings
from gateway.settings_marketing import MarketingSettings
from gateway.settings_research import ResearchSettings
from gateway.work.line import Line
from gateway.writing.writer import NoWriter
from resolvers import research_writes

_LEASE_MARGIN_SECONDS = 30.0


def open_outside(
    writer: Writer,
    reading: Reading,
    batches: BatchTerms,
    marketing: MarketingSettings,
    feedback: FeedbackSettings,
    research: ResearchSettings,
) -> Outside:
    """Every part that the settings ask for; nothing is loaded or connected yet."""
    return Outside(
        reading.reader,
        reading.fetcher,
        TextAnalyst(feedback.embeddings),
        writer,
        batches=batches,
        locales=LocaleTables(),
        marketing=_terms(marketing),
        feedback=_feedback_terms(feedback),
        research=_research_terms(research),
        # While some are worked on, others are stored.
        lines={research_writes.QUEUE: Line(2 * research.at_once)},
    )


def open_light(settings: Settings) -> Outside:
    """What the command line needs for its imports: texts are analysed, nothing is fetched, read or written."""
    return Outside(
        analyst=TextAnalyst(settings.feedback.embeddings),
        writer=NoWriter(),
        feedback=_feedback_terms(settings.feedback),
    )


def _feedback_terms(settings: FeedbackSettings) -> FeedbackTerms:
    efforts = (each.partition("=") for each in settings.efforts)
    known = {action.strip(): effort.strip() for action, _, effort in efforts}
    return FeedbackTerms(settings.unsure_below, settings.written, known)


def _research_terms(settings: ResearchSettings) -> ResearchTerms:
    return ResearchTerms(settings.seconds + _LEASE_MARGIN_SECONDS, settings.news_days)


def _terms(settings: MarketingSettings) -> MarketingTerms:
    return MarketingTerms(
        plan_campaigns=settings.plan_campaigns,
        import_rows=settings.import_rows,
        import_bytes=settings.import_bytes,
        markets=settings.localized_markets,
        content=settings.localized_characters,
        fewest_clicks=settings.fewest_clicks,
        most_change=settings.most_change,
        campaign_weeks=settings.campaign_weeks,
        campaign_personas=settings.campaign_personas,
        campaign_items=settings.campaign_items,
        content_variants=settings.content_variants,
    )
