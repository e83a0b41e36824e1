"""E-mail templates, filled by an allow-list of variables and never by an engine that can run code."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from domain.entity import Entity, Owned
from domain.leads import Lead

_PLACE = re.compile(r"\{\{\s*([A-Za-z_][A-Za-z0-9_]*)\s*\}\}")
_NOT_SLUG = re.compile(r"[^a-z0-9]+")


class EmailTemplate(Owned, Entity):
    """Subject and body with `{{variable}}` places; only listed variables are filled."""

    __tablename__ = "email_template"
    __table_args__ = (Index("ix_email_template_recent", "organization_id", "created_at", "id"),)
    prefix, label = "template", "EmailTemplate"

    name: Mapped[str]
    subject: Mapped[str]
    body: Mapped[str]
    variables: Mapped[list[str]]
    updated_at: Mapped[datetime]


def variables_in(*texts: str) -> list[str]:
    """The variable names that texts use, in order of first use."""
    return list(dict.fromkeys(name for text in texts for name in _PLACE.findall(text)))


def fill(text: str, allowed: list[str], values: Mapping[str, str]) -> str:
    """The text with its places filled: an allowed variable by its value, anything else by nothing (CU-31)."""
    return _PLACE.sub(lambda place: values.get(place[1], "") if place[1] in allowed else "", text)


def values_of(lead: Lead) -> dict[str, str]:
    """What a lead offers to templates: its own fields, and plain values among its custom fields."""
    custom = {name: str(value) for name, value in lead.custom_fields.items() if _plain(value)}
    own = {
        "firstName": lead.first_name,
        "lastName": lead.last_name,
        "email": lead.email,
        "phone": lead.phone,
        "city": lead.city,
        "state": lead.state,
        "insuranceType": lead.insurance_type,
    }
    return custom | {name: str(value) for name, value in own.items() if value is not None}


def slug_of(name: str) -> str:
    """A name as it may stand in an identifier."""
    return _NOT_SLUG.sub("_", name.lower()).strip("_")[:40] or "template"


def _plain(value: Any) -> bool:
    return isinstance(value, str | int | float) and not isinstance(value, bool)
