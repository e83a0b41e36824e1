"""The demo's feedback: the printed piece of the printed user, and what people of the demo have said.

`feedback.json` holds the texts with what the light models found in them (`tools/demo_feedback.py` finds it anew), so
that a demo starts without loading them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from domain.contacts import Contact
from domain.entity import Entity
from domain.feedback import ChurnPrediction, EndUser, Feedback, FeedbackTheme
from domain.intelligence.churn import predict
from domain.intelligence.churn_weights import PRIOR_WEIGHTS, UserFacts
from domain.intelligence.feedback_advice import Advice, FeedbackTerms, Voices, advise
from domain.intelligence.feedback_findings import (
    FeedbackCategory,
    FeedbackFindings,
    FeedbackPriority,
    FeedbackSource,
    Sentiment,
)
from domain.levels import Level
from gateway.seeds.people import around
from gateway.seeds.printed import ORGANIZATION, records
from resolvers.churn import told_advice
from resolvers.feedback_writes import COUNTED_BY, VOICES, analysed

_TEXTS = Path(__file__).with_name("feedback.json")
_PRINTED = "documentation"
"""Who has analysed the printed piece."""
_USER = "user_123"
_PRINTED_FACTS = UserFacts(
    signup_date=date(2023, 6, 15),
    last_login=date(2024, 1, 10),
    core_features=0.85,
    advanced_features=0.25,
    support_usage=0.1,
    total_feedback=5,
    negative_feedback=2,
    recent_sentiment=0.4,
)


def opinions() -> list[Entity]:
    """Every author, piece of feedback and theme, and the printed user's prediction as this server makes it."""
    pieces = json.loads(_TEXTS.read_text("utf-8"))
    contacts = {each.id: each for each in (*records(), *around()) if isinstance(each, Contact)}
    authors = {name: _author(name, pieces, contacts) for name in {piece["author"] for piece in pieces}}
    found: list[Entity] = [*authors.values()]
    for number, piece in enumerate(pieces):
        found += _piece(piece, authors[piece["author"]], _voices(pieces, number))
    return [*found, _prediction(authors[_USER])]


def _author(name: str, pieces: Sequence[Any], contacts: dict[str, Contact]) -> EndUser:
    """The author of some pieces: the printed user, or a contact by its address."""
    moments = [_moment(piece) for piece in pieces if piece["author"] == name]
    contact = contacts.get(name)
    known = {} if contact else {key: value for key, value in asdict(_PRINTED_FACTS).items() if value is not None}
    return EndUser(
        id=f"{EndUser.prefix}_demo_{name}",
        organization_id=ORGANIZATION,
        created_at=min(moments),
        updated_at=max(moments),
        external_id=contact.email if contact else name,
        email=contact.email if contact else None,
        contact_id=contact.id if contact else None,
        churn_order=-1.0,
        **known,
    )


def _piece(piece: Any, author: EndUser, voices: Voices) -> Iterator[Entity]:
    found = _findings(piece["findings"])
    at = _moment(piece)
    row = Feedback(
        id=piece["id"],
        organization_id=ORGANIZATION,
        created_at=at,
        source=FeedbackSource(piece["source"]),
        content=piece["content"],
        rating=piece.get("rating"),
        version=piece.get("version"),
        platform=piece.get("platform"),
        language=piece.get("language"),
        details=piece.get("metadata", {}),
        recommendations=[each.as_json() for each in _advice(piece, found, voices)],
        analyzed_by=piece["analyzed_by"],
        end_user_id=author.id,
        **analysed(found),
    )
    yield row
    for place, theme in enumerate(found.themes):
        yield FeedbackTheme(
            id=f"{FeedbackTheme.prefix}_{piece['id']}_{place}",
            organization_id=ORGANIZATION,
            created_at=at,
            feedback_id=row.id,
            theme=theme,
            **{name: getattr(row, name) for name in COUNTED_BY},
        )


def _advice(piece: Any, found: FeedbackFindings, voices: Voices) -> list[Advice]:
    advice = advise(FeedbackSource(piece["source"]), found, voices, True, FeedbackTerms())
    if piece["analyzed_by"] == _PRINTED:
        return [replace(each, estimated_effort="2 weeks", expected_impact=Level.HIGH) for each in advice]
    return advice


def _voices(pieces: Sequence[Any], number: int) -> Voices:
    """Of a piece's themes the one that most others named before it in the same category."""
    own, at = pieces[number]["findings"], _moment(pieces[number])
    others = [
        each["findings"]["themes"]
        for each in pieces
        if at - VOICES <= _moment(each) < at and each["findings"]["category"] == own["category"]
    ]
    counts = {theme: sum(theme in themes for themes in others) for theme in own["themes"]}
    theme = max(counts, key=lambda each: counts[each], default=None)
    return Voices(theme, counts[theme] if theme else 0, VOICES.days)


def _findings(stored: Any) -> FeedbackFindings:
    return FeedbackFindings(
        **stored
        | {
            "sentiment": Sentiment(stored["sentiment"]),
            "category": FeedbackCategory(stored["category"]),
            "categories": tuple(map(FeedbackCategory, stored["categories"])),
            "priority": FeedbackPriority(stored["priority"]),
            **{name: tuple(stored[name]) for name in ("priority_reasons", "themes", "entities")},
        }
    )


def _prediction(user: EndUser) -> ChurnPrediction:
    at = user.updated_at + timedelta(minutes=5)
    found = predict(PRIOR_WEIGHTS, _PRINTED_FACTS, at.date())
    user.churn_order = found.probability
    facts = asdict(_PRINTED_FACTS).items()
    return ChurnPrediction(
        id=f"{ChurnPrediction.prefix}_demo_{_USER}",
        organization_id=ORGANIZATION,
        created_at=at,
        end_user_id=user.id,
        probability=found.probability,
        low=found.low,
        high=found.high,
        basis=found.basis,
        risk_level=found.level,
        risk_factors=[asdict(each) for each in found.factors],
        recommendations=[told_advice(each) for each in found.advice],
        inputs={name: value.isoformat() if isinstance(value, date) else value for name, value in facts},
    )


def _moment(piece: Any) -> datetime:
    return datetime.fromisoformat(piece["at"])
