"""What can be said about a webhook, and whether it can be taken."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from domain.errors import invalid, required, unavailable
from domain.events import EventType
from domain.ports import WebhookTerms
from domain.receivers import receiver_url, signing_secret
from domain.texts import line, needed
from domain.values import ABSENT, Absent
from domain.viewer import Dialect
from resolvers.drafts import Checks, taken

Flag = bool | Absent | None
Text = str | Absent | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookFields:
    """What of a webhook can be changed later too; absent stays as it is."""

    url: Text = ABSENT
    description: Text = ABSENT
    events: list[EventType] | Absent | None = ABSENT
    query: Text = ABSENT
    strict_order: Flag = ABSENT


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookDraft(WebhookFields):
    """A webhook to be registered. Without a secret one is made; null leaves its deliveries unsigned."""

    url: str
    events: list[EventType]
    dialect: Dialect | Absent | None = ABSENT
    secret: Text = ABSENT


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookPatch(WebhookFields):
    """Changes to a webhook: absent stays, null clears what can be empty."""

    id: str


def checked(sent: WebhookFields, dialect: Dialect | None, terms: WebhookTerms) -> dict[str, Any]:
    """The sent properties, each checked, by the entity's attribute names.

    Raises:
        DomainError: every problem at once, each naming its field.
    """
    checks: Checks = {
        "url": lambda value: receiver_url("url", needed("url", value, len(value or "")), terms.reach),
        "description": lambda value: line("description", value),
        "events": lambda value: _events(value, terms.known(dialect)),
        "query": lambda value: _query(value, terms),
        "strict_order": bool,
        "secret": lambda value: None if value is None else signing_secret("secret", value),
    }
    return taken(sent, checks)


def _events(value: Sequence[EventType] | None, known: Sequence[EventType]) -> list[str]:
    wanted = list(dict.fromkeys(value or ()))
    if not wanted:
        raise required("events", "events must name at least one kind of event.")
    unknown = [each.value for each in wanted if each not in known]
    if unknown:
        told = ", ".join(each.value for each in known)
        raise invalid("events", f"events must be of those the dialect has a name for ({told}), not {unknown[0]}.")
    return [each.value for each in wanted]


def _query(value: str | None, terms: WebhookTerms) -> str | None:
    if value is None:
        return None
    if terms.selections is None:
        raise unavailable("Payloads of one's own cannot be checked here.")
    terms.selections.check(value)
    return value
