"""What can be done with generated texts: generate them, and change a variant by hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

from domain.accounts import Account
from domain.content import Content, ContentVariant
from domain.emails import is_html
from domain.errors import invalid
from domain.events import EventType
from domain.intelligence.copy import Draft, finished_html, preview_of
from domain.intelligence.copy_checks import reading_ease, spam_words, words_of
from domain.intelligence.copy_templates import PARTS
from domain.permissions import Permission
from domain.personas import Persona
from domain.texts import TEXT, needed, text
from domain.values import ABSENT, Absent
from resolvers import quotas
from resolvers.content_generating import ReadyContent, ReadyVariant
from resolvers.drafts import taken
from resolvers.persona_writes import PersonaDraft, find_or_make
from resolvers.unit import Keys, Unit, requires

_MENTIONS = (
    "include_company_insights",
    "include_industry_context",
    "include_competitor_mentions",
    "include_social_proof",
)
_HTML = 200_000
"""Most characters of HTML."""


@requires(Permission.WRITE_MARKETING)
async def generate(unit: Unit, ready: ReadyContent) -> Keys:
    """Generate texts for somebody of a company: at least one variant for each channel, each with what to expect of it.

    Only what the graph knows is said, and every fact is listed with its source; what nobody knows is left out.
    """
    asked, person = ready.asked, ready.asked.draft.target_persona
    account = await unit.load(Account, asked.draft.account_id, "accountId")
    said = {name: value for name in ("title", "role", "influence") if (value := getattr(person, name)) is not None}
    persona = await find_or_make(unit, account.id, PersonaDraft(name=person.name, **said), "targetPersona.")
    await quotas.spend(unit, ready.tokens, unit.viewer.client_id)
    content = _content(unit, ready, account, persona)
    unit.add(content)
    await unit.flush()
    for position, variant in enumerate(ready.variants):
        unit.add(_variant(unit, content, position, variant))
    unit.record(EventType.CONTENT_GENERATED, content, facts(content))
    return {"content": content.id}


def facts(content: Content) -> dict[str, Any]:
    """The text as events tell it."""
    return {
        "id": content.id,
        "accountId": content.account_id,
        "personaId": content.persona_id,
        "contentType": content.content_type,
        "channels": content.channels,
        "bestVariantId": content.best_variant_id,
    }


def _content(unit: Unit, ready: ReadyContent, account: Account, persona: Persona) -> Content:
    asked = ready.asked
    manner, may = asked.manner, asked.drawing_on
    return Content(
        id=Content.new_id(),
        organization_id=unit.viewer.organization_id,
        created_at=unit.now,
        account_id=account.id,
        persona_id=persona.id,
        content_type=asked.content_type,
        channels=[each.value for each in asked.channels],
        objective=manner.objective,
        urgency=manner.urgency,
        tone=manner.tone,
        length=manner.length,
        personalization_level=may.level,
        **{name: getattr(may, name) for name in _MENTIONS},
        **asdict(asked.enhancement),
        best_variant_id=f"var_{ready.best + 1}",
        optimal_timing=ready.variants[ready.best].timing,
        follow_up_strategy=ready.follow_up,
        content_optimizations=ready.optimizations,
        facts=ready.facts,
        generated_by=ready.generated_by,
        generated_at=unit.now,
        processing_seconds=ready.seconds,
        confidence=ready.confidence,
        tokens_used=ready.tokens,
        client_id=unit.viewer.client_id or None,
        created_by_id=unit.viewer.user_id,
    )


def _variant(unit: Unit, content: Content, position: int, ready: ReadyVariant) -> ContentVariant:
    draft, told = ready.draft, ready.appraisal
    return ContentVariant(
        id=ContentVariant.new_id(),
        organization_id=content.organization_id,
        created_at=unit.now,
        content_id=content.id,
        position=position,
        variant_id=f"var_{position + 1}",
        channel=ready.channel,
        subject=draft.subject,
        html=draft.html,
        text=draft.text,
        preview=draft.preview,
        connection_request=draft.connection_request,
        follow_up_message=draft.follow_up_message,
        post_content=draft.post_content,
        personalization=told.personalization,
        conversion_prediction=told.prediction.value,
        conversion_low=told.prediction.low,
        conversion_high=told.prediction.high,
        conversion_basis=told.prediction.basis,
        conversion_cases=told.prediction.cases,
        strengths=list(told.strengths),
        optimizations=[*told.optimizations, *ready.notes],
        recommended_timing=ready.timing,
        reading_ease=told.reading_ease,
        words=told.words,
        spam_words=list(told.spam_words),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class VariantPatch:
    """Changes to a variant: what is absent stays. Only the parts its channel has can be changed.

    Without HTML of its own, a changed text makes its HTML anew. HTML that is sent is kept as it is, and is sent to its
    readers as it is; it has to begin as HTML, and text that says the same should be sent with it.
    """

    id: str
    subject: str | Absent | None = ABSENT
    text: str | Absent | None = ABSENT
    html: str | Absent | None = ABSENT
    connection_request: str | Absent | None = ABSENT
    follow_up_message: str | Absent | None = ABSENT
    post_content: str | Absent | None = ABSENT


@requires(Permission.WRITE_MARKETING)
async def change_variant(unit: Unit, patch: VariantPatch) -> Keys:
    """Change a variant by hand. How easily it is read is measured anew; what was expected of it stays as it was."""
    variant = await unit.load(ContentVariant, patch.id)
    checks: Mapping[str, Callable[[Any], Any]] = {
        "subject": partial(_line, "subject"),
        "text": partial(_text, "text"),
        "html": _html,
        "connection_request": partial(_text, "connectionRequest"),
        "follow_up_message": partial(_text, "followUpMessage"),
        "post_content": partial(_text, "postContent"),
    }
    values = taken(patch, checks)
    known = {*PARTS[variant.channel], *(("html",) if variant.html is not None else ())}
    for name in values:
        if name not in known:
            field = "".join(part.title() if place else part for place, part in enumerate(name.split("_")))
            raise invalid(field, f"{field} is no part of a text for {variant.channel.value}.")
    changed = {name: value for name, value in values.items() if getattr(variant, name) != value}
    for name, value in changed.items():
        setattr(variant, name, value)
    if changed:
        _measured(variant, "html" in values)
        content = await unit.load(Content, variant.content_id)
        unit.record(EventType.CONTENT_UPDATED, content, facts(content) | {"variantId": variant.variant_id})
    return {"variant": variant.id}


def _measured(variant: ContentVariant, own_html: bool) -> None:
    draft = Draft(
        template="",
        facts=(),
        subject=variant.subject,
        text=variant.text,
        preview=preview_of(variant.text) if variant.preview is not None and variant.text else None,
        connection_request=variant.connection_request,
        follow_up_message=variant.follow_up_message,
        post_content=variant.post_content,
    )
    variant.preview = draft.preview
    if not own_html:
        variant.html = finished_html(draft)
    said = draft.words
    variant.reading_ease, variant.words, variant.spam_words = reading_ease(said), len(words_of(said)), spam_words(said)


def _line(field: str, value: str | None) -> str:
    return " ".join(needed(field, value).split())


def _text(field: str, value: str | None) -> str:
    return needed(field, value, TEXT).replace("\r\n", "\n").strip()


def _html(value: str | None) -> str:
    html = text("html", needed("html", value, _HTML), _HTML)
    if not is_html(html):
        raise invalid("html", "html must begin as HTML does, such as with <!doctype html> or <p>.")
    return html
