"""What a client may say about a lead, and whether it can be taken."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from domain.errors import Code, refuse
from domain.leads import US_STATES, InsuranceType, LeadStatus, status_of
from domain.organizations import Organization
from domain.texts import LINE, email, json_object, line, needed, phone, text
from domain.values import ABSENT, Absent
from resolvers.drafts import Checks, taken

TAGS = 50
"""Most tags of one lead."""

Text = str | Absent | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadFields:
    """Everything a client may write; absent stays as it is, null clears."""

    source: Text = ABSENT
    email: Text = ABSENT
    phone: Text = ABSENT
    first_name: Text = ABSENT
    last_name: Text = ABSENT
    city: Text = ABSENT
    state: Text = ABSENT
    insurance_type: InsuranceType | Absent | None = ABSENT
    tags: list[str] | Absent | None = ABSENT
    custom_fields: dict[str, Any] | Absent | None = ABSENT
    status: LeadStatus | Absent | None = ABSENT
    status_text: Text = ABSENT
    priority: Text = ABSENT
    score: int | Absent | None = ABSENT
    assigned_to: Text = ABSENT


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadDraft(LeadFields):
    """A lead to be made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadPatch(LeadFields):
    """Changes to a lead."""

    id: str


def checked(draft: LeadFields, organization: Organization) -> dict[str, Any]:
    """The sent properties, each checked, by the entity's attribute names.

    Raises:
        DomainError: every problem at once, each naming its field.
    """
    return taken(draft, _checks(organization))


def _checks(organization: Organization) -> Checks:
    def source(value: str | None) -> str:
        name = needed("source", value).strip()
        if not organization.approves(name):
            known = ", ".join(organization.approved_lead_sources)
            raise refuse(Code.UNKNOWN_SOURCE, f"source must be from the approved list: {known}.", "source")
        return name

    return {
        "source": source,
        "email": lambda value: email("email", value) if (value or "").strip() else None,
        "phone": lambda value: phone("phone", value) if (value or "").strip() else None,
        "first_name": lambda value: line("firstName", value),
        "last_name": lambda value: line("lastName", value),
        "city": lambda value: line("city", value),
        "state": _state,
        "insurance_type": lambda value: value,
        "tags": _tags,
        "custom_fields": _custom_fields,
        "status": _status,
        "status_text": _status_text,
        "priority": lambda value: line("priority", value, 40),
        "score": _score,
        "assigned_to": lambda value: line("assignedTo", value),
    }


def _state(value: str | None) -> str | None:
    code = line("state", value)
    if code is None:
        return None
    if code.upper() not in US_STATES:
        raise refuse(Code.INVALID, "state must be the two-letter code of a US state, such as NY.", "state")
    return code.upper()


def _tags(value: list[str] | None) -> list[str]:
    tags = [text("tags", tag, 100).strip() for tag in value or []]
    if len(tags) > TAGS:
        raise refuse(Code.INVALID, f"tags must be at most {TAGS} texts.", "tags")
    return list(dict.fromkeys(tag for tag in tags if tag))


def _custom_fields(value: object) -> dict[str, Any]:
    custom = json_object("customFields", value) if value is not None else {}
    campaign = custom.get("campaignId")
    if campaign is not None and not (isinstance(campaign, str) and len(campaign) <= LINE):
        raise refuse(Code.INVALID, "customFields.campaignId must be a text.", "customFields.campaignId")
    return custom


def _status(value: LeadStatus | None) -> tuple[LeadStatus, str]:
    if value is None or value is LeadStatus.OTHER:
        raise refuse(
            Code.INVALID, "status must be NEW, QUALIFIED, WON or LOST; statusText takes other words.", "status"
        )
    return status_of(value.value)


def _status_text(value: str | None) -> tuple[LeadStatus, str]:
    return status_of(needed("status", value, 60))


def _score(value: int | None) -> int:
    if value is None or not 0 <= value <= 100:
        raise refuse(Code.INVALID, "score must be a whole number from 0 to 100.", "score")
    return value
