"""Making localizations, before anything is stored: what is known is read, what is missing is asked of a writer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from sqlalchemy import func, select

from domain.content import ContentVariant
from domain.errors import Code, DomainError, Problem, invalid, not_found, refuse, required
from domain.intelligence.localizing import Prediction, Term, broken_terms, predict
from domain.intelligence.significance import Share
from domain.localization import GlossaryTerm, LocalizationMethod, TranslationUnit
from domain.marketing import AdCampaign, AdPerformance
from domain.markets import HOLIDAY_DAYS, Market, market_of, season_of
from domain.outside import Locales, MarketDays
from domain.placeholders import Masked
from domain.regions import country_of
from domain.texts import line, needed, storable
from domain.translation_memory import Content, Found, KnownTranslation, content_of, look_up, put_together
from resolvers.ad_campaigns import named
from resolvers.desk import Desk
from resolvers.market_profiles import MarketFacts, facts_of, profiles
from resolvers.reads import visibility
from resolvers.translation_writing import Wanted, written_by_model
from resolvers.translations import language, voice_of

_USUAL_LANGUAGE = "en"
_TERMS = 2_000
"""Most terms of the glossary that are looked at, the latest first."""
_LATELY = timedelta(days=365)
"""How far back what markets bought tells what they will: one round of the seasons, an assumption."""


@dataclass(frozen=True, slots=True)
class LocalizationDraft:
    """A text to be adapted to markets: as it is sent, or that of a variant of a generated one.

    `day` is when it is to be seen, today unless said; `all_or_nothing` refuses the whole when one market is missing.
    """

    markets: list[str]
    content: str | None = None
    variant_id: str | None = None
    source_language: str | None = None
    campaign_type: str | None = None
    brand_voice: str | None = None
    campaign_id: str | None = None
    day: date | None = None
    all_or_nothing: bool = False


@dataclass(frozen=True, slots=True)
class ReadyText:
    """A text for one market, with all that is told of it."""

    facts: MarketFacts
    language: str
    text: str
    method: LocalizationMethod
    season: str
    prediction: Prediction
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReadyLocalization:
    """All texts by the keys of markets, and why there is none for the others."""

    content: str
    source_language: str
    campaign_type: str | None
    brand_voice: str | None
    campaign_id: str | None
    variant_id: str | None
    markets: list[Market]
    texts: dict[str, ReadyText]
    problems: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Chosen:
    """A translation before numbers are written: its parts with placeholders, and where it is from."""

    language: str
    parts: Sequence[tuple[Masked, str, str]]
    method: LocalizationMethod
    notes: tuple[str, ...] = ()


async def prepared(desk: Desk, draft: LocalizationDraft) -> ReadyLocalization:
    """Check what was sent, and find or have written a text for every market.

    Raises:
        DomainError: INVALID for unknown markets; UNAVAILABLE naming the missing ones, if it is to be all or nothing.
    """
    terms = desk.outside.marketing
    text = await _text(desk, draft, terms.content)
    markets = _markets(draft.markets, terms.markets)
    voice, kind = line("brandVoice", draft.brand_voice), line("campaignType", draft.campaign_type)
    campaign_id = await _campaign(desk, draft.campaign_id)
    content = content_of(text)
    known = await _memory(desk, content, markets)
    source = await _source_language(desk, draft.source_language, known, content)
    glossary = await _glossary(desk, source, markets)
    chosen, missing = _choose(content, markets, known, source, voice_of(voice))
    problems: dict[str, str] = {}
    if missing:
        found, problems = await _ask(desk, content, (source, voice, kind), missing, glossary)
        chosen |= found
    if problems and draft.all_or_nothing:
        raise refuse(Code.UNAVAILABLE, " ".join(problems.values()), "markets")
    texts = await _texts(desk, draft.day or desk.now.date(), text, markets, chosen, glossary)
    return ReadyLocalization(text, source, kind, voice, campaign_id, draft.variant_id, markets, texts, problems)


async def _text(desk: Desk, draft: LocalizationDraft, longest: int) -> str:
    """What is to be adapted.

    Raises:
        DomainError: REQUIRED without anything, INVALID for two texts or too long a one, NOT_FOUND for the variant.
    """
    if draft.variant_id is None:
        return needed("content", draft.content, longest).strip()
    if draft.content is not None:
        raise invalid("variantId", "variantId is for a text that is stored: send it or content, not both.")
    own = ContentVariant
    parts = select(own.text, own.connection_request, own.follow_up_message, own.post_content)
    wanted = parts.where(*visibility(desk.viewer, own), own.id == draft.variant_id)
    found = await desk.rows(wanted) if storable(draft.variant_id) else ()
    if not found:
        raise not_found(own.label, draft.variant_id, "variantId")
    return needed("variantId", "\n\n".join(each for each in found[0] if each), longest).strip()


def _markets(asked: Sequence[str], most: int) -> list[Market]:
    """The markets, each once by the name it was asked by.

    Raises:
        DomainError: INVALID naming every unknown one.
    """
    if not asked:
        raise required("markets", "markets must hold at least one country, such as DE.")
    if len(asked) > most:
        raise invalid("markets", f"markets must be at most {most}, not {len(asked)}.")
    found: dict[str, Market] = {}
    problems: list[Problem] = []
    for name in asked:
        market = market_of(name)
        if market is None:
            why = f"markets must be countries such as DE, or locales such as fr-CH; {name[:40]!r} is none."
            problems.extend(invalid("markets", why).problems)
        else:
            found.setdefault(name, market)
    if problems:
        raise DomainError(problems)
    return list(found.values())


async def _campaign(desk: Desk, name: str | None) -> str | None:
    if name is None:
        return None
    rows = await desk.rows(named(desk.viewer, [name]).with_only_columns(AdCampaign.id))
    if not rows:
        raise refuse(Code.UNKNOWN_REFERENCE, f"campaignId {name[:80]!r} does not exist.", "campaignId")
    return str(rows[0][0])


def _languages(markets: Sequence[Market]) -> list[str]:
    return sorted({language for market in markets for language in market.languages})


async def _memory(desk: Desk, content: Content, markets: Sequence[Market]) -> list[KnownTranslation]:
    own = TranslationUnit
    statement = select(own.source_language, own.target_language, own.market, own.voice, own.key, own.target).where(
        *visibility(desk.viewer, own), own.key.in_(content.keys), own.target_language.in_(_languages(markets))
    )
    return [KnownTranslation(*row) for row in await desk.rows(statement)]


async def _source_language(desk: Desk, given: str | None, known: Sequence[KnownTranslation], content: Content) -> str:
    """The language of the text: as told, else that in which the memory has most of it, else as it reads."""
    if given:
        return language("sourceLanguage", given)
    pieces = Counter(source for source, _ in {(each.source_language, each.key) for each in known})
    most = sorted(source for source, count in pieces.items() if count == max(pieces.values()))
    if len(most) == 1:
        return most[0]
    read = await desk.outside.analyst.language(content.text)
    return read if read and (not most or read in most) else (most or [_USUAL_LANGUAGE])[0]


async def _glossary(desk: Desk, source: str, markets: Sequence[Market]) -> list[Term]:
    own = GlossaryTerm
    statement = (
        select(own.target_language, own.term, own.target)
        .where(*visibility(desk.viewer, own), own.source_language == source)
        .where(own.target_language.in_(_languages(markets)))
        .order_by(own.updated_at.desc(), own.id)
        .limit(_TERMS)
    )
    return [Term(*row) for row in await desk.rows(statement)]


def _choose(
    content: Content, markets: Sequence[Market], known: Sequence[KnownTranslation], source: str, voice: str
) -> tuple[dict[str, _Chosen], dict[str, tuple[Market, Found]]]:
    """What needs no writer, by market: the text itself where it is understood, else what the memory has."""
    usable = [each for each in known if each.source_language == source]
    chosen: dict[str, _Chosen] = {}
    missing: dict[str, tuple[Market, Found]] = {}
    for market in markets:
        if source in market.languages:
            parts = [(content.whole, content.whole.text, "")]
            chosen[market.key] = _Chosen(source, parts, LocalizationMethod.ORIGINAL)
            continue
        for known_language in market.languages:
            found = look_up(content, usable, known_language, market.country.code, voice)
            if not found.missing:
                chosen[market.key] = _Chosen(known_language, found.parts, LocalizationMethod.MEMORY)
                break
        else:
            lacking = look_up(content, usable, market.languages[0], market.country.code, voice)
            missing[market.key] = (market, lacking)
    return chosen, missing


async def _ask(
    desk: Desk,
    content: Content,
    manner: tuple[str, str | None, str | None],
    missing: dict[str, tuple[Market, Found]],
    glossary: Sequence[Term],
) -> tuple[dict[str, _Chosen], dict[str, str]]:
    """What a language model writes for the markets the memory lacks, and why there is nothing for the others."""
    problems: dict[str, str] = {}
    for key, (market, found) in missing.items():
        lacking = "; ".join(f"“{each[:80]}”" for each in found.missing[:3])
        name = f"{market.country.name} ({market.country.code})"
        problems[key] = (
            f"No translation into {market.languages[0]!r} for {name}: the translation memory lacks {lacking}"
        )
    if not await desk.outside.writer.available(desk.viewer):
        return {}, {key: f"{why}, and no language model may be asked." for key, why in problems.items()}
    wanted = {key: Wanted(market.languages[0], market.country.name) for key, (market, _) in missing.items()}
    texts, refused = await written_by_model(desk, content.whole.text, manner, wanted, glossary)
    chosen = {
        key: _Chosen(wanted[key].language, [(content.whole, text, "")], LocalizationMethod.WRITER, (note,))
        for key, (text, note) in texts.items()
    }
    return chosen, {key: f"{problems[key]}, and {why}" for key, why in refused.items()}


async def _texts(
    desk: Desk,
    day: date,
    content: str,
    markets: Sequence[Market],
    chosen: dict[str, _Chosen],
    glossary: Sequence[Term],
) -> dict[str, ReadyText]:
    locales, codes = desk.outside.locales, sorted({each.country.code for each in markets if each.key in chosen})
    if not codes:
        return {}
    own = {row[0]: row for row in await desk.rows(profiles(desk.viewer, codes))}
    holidays = await locales.holidays([MarketDays(code, day, HOLIDAY_DAYS) for code in codes])
    coming = dict(zip(codes, holidays, strict=True))
    reached = await _reached(desk)
    everything = Share(sum(each.successes for each in reached.values()), sum(each.trials for each in reached.values()))
    texts: dict[str, ReadyText] = {}
    for key, market in {each.key: each for each in markets if each.key in chosen}.items():
        code = market.country.code
        found, here = chosen[key], reached.get(code, Share(0, 0))
        elsewhere = Share(everything.successes - here.successes, everything.trials - here.trials)
        text = await _written(locales, found, code)
        texts[key] = ReadyText(
            facts=facts_of(market, own.get(code)),
            language=found.language,
            text=text,
            method=found.method,
            season=season_of(code, day, coming[code]),
            prediction=predict(here, elsewhere),
            notes=(*found.notes, *broken_terms(glossary, found.language, content, text)),
        )
    return texts


async def _written(locales: Locales, found: _Chosen, market: str) -> str:
    """The text with its numbers as the market writes them."""
    places = [
        (part, name, token.value)
        for part, (content, _, _) in enumerate(found.parts)
        for name, token in zip(content.names, content.tokens, strict=True)
        if token.value
    ]
    texts = await locales.write(found.language, market, [value for _, _, value in places])
    values: list[dict[str, str]] = [{} for _ in found.parts]
    for (part, name, _), text in zip(places, texts, strict=True):
        values[part][name] = text
    return put_together(found.parts, values)


async def _reached(desk: Desk) -> dict[str, Share]:
    """Conversions per click of the last year by country, as far as the organization's days tell countries."""
    own = AdPerformance
    statement = (
        select(own.region, func.sum(own.conversions), func.sum(own.clicks))
        .where(*visibility(desk.viewer, own), own.region != "", own.day >= desk.now.date() - _LATELY)
        .group_by(own.region)
    )
    found: dict[str, Share] = {}
    for region, conversions, clicks in await desk.rows(statement):
        country = country_of(region)
        if country:
            before = found.get(country.code, Share(0, 0))
            found[country.code] = Share(before.successes + float(conversions), before.trials + float(clicks))
    return found
