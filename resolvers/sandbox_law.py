"""What a sandbox knows of law and of translations: test data, invented but for the phrases the document prints."""

from __future__ import annotations

from datetime import timedelta

from domain.levels import RiskLevel
from resolvers import compliance_item_writes, regulatory_update_writes, translations
from resolvers.compliance_item_writes import ItemDraft
from resolvers.regulatory_update_writes import UpdateDraft
from resolvers.translations import TranslationDraft
from resolvers.unit import Unit

_ITEMS = (
    # title, jurisdiction, days until its deadline, risk, requirement, penalty
    ("Test: data protection", "EU", 180, RiskLevel.HIGH, "Data protection", "€20M or 4% of revenue"),
    ("Test: yearly disclosure", "US", 60, RiskLevel.MEDIUM, "Financial disclosure", "$50,000"),
)
_PHRASES = (
    ("de", "Jetzt kaufen mit {percent:source} Rabatt!"),
    ("fr", "Achetez maintenant avec {percent:source} de réduction !"),
    ("es", "¡Compra ahora con {percent:source} de descuento!"),
)


async def fill(unit: Unit) -> None:
    """Items with deadlines ahead, an update, and the printed phrase in its three languages."""
    today = unit.now.date()
    for title, jurisdiction, days, risk, requirement, penalty in _ITEMS:
        item = ItemDraft(
            title=title,
            jurisdiction=jurisdiction,
            deadline=today + timedelta(days=days),
            risk_level=risk,
            requirements=[requirement],
            penalties=[penalty],
        )
        await compliance_item_writes.create(unit, item)
    update = UpdateDraft(
        title="Test: new disclosure requirements",
        summary="An invented update of the sandbox.",
        jurisdiction="US",
        date=today,
        deadline=today + timedelta(days=120),
        update_type="new_regulation",
        source="sandbox.example",
        affected_industries=["finance", "technology"],
    )
    await regulatory_update_writes.enter(unit, update)
    for language, text in _PHRASES:
        draft = TranslationDraft(source="Buy now for {percent} off!", target=text, target_language=language)
        await translations.create(unit, draft)
