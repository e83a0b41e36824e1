"""What CRM-Ultra tells its receivers (documentation, section Webhooks; CU-38).

Lead events have the keys of the printed `lead.created`; notes, tasks and e-mails are told as their routes answer them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from domain.event_log import Event
from domain.events import EventType
from rest_compat.engine.telling import Body, Telling, printed

NAMES: Mapping[EventType, str] = {
    EventType.LEAD_CREATED: "lead.created",
    EventType.LEAD_UPDATED: "lead.updated",
    EventType.LEAD_ASSIGNED: "lead.assigned",
    EventType.LEAD_CONVERTED: "lead.converted",
    EventType.NOTE_CREATED: "note.created",
    EventType.TASK_CREATED: "task.created",
    EventType.TASK_COMPLETED: "task.completed",
    EventType.EMAIL_SENT: "email.sent",
    EventType.EMAIL_OPENED: "email.opened",
}

Facts = Mapping[str, Any]

_LEAD = ("id", "status", "source", "email", "firstName", "lastName", "insuranceType")
_NOTE = ("id", "content", "visibility", "createdAt", "createdBy", "leadId")
_TASK = ("id", "title", "description", "priority", "status", "dueDate", "assignee", "createdAt", "leadId")
_EMAIL = ("id", "status", "to", "subject", "sentAt", "opened", "openedAt", "leadId")


def tell(event: Event) -> Body | None:
    """The data of an event; None for one of no lead, or from before its facts told the names that are printed."""
    data = _WRITERS[event.type](event.data)
    return data and {"data": data}


def _lead(facts: Facts) -> Body:
    return {key: facts[key] for key in _LEAD}


def _assigned_lead(facts: Facts) -> Body | None:
    return _with_person(_lead(facts) | {"assignedTo": facts["assignedTo"]}, facts, "assignedTo", "name", "email")


def _note(facts: Facts) -> Body | None:
    return _with_person({key: facts[key] for key in _NOTE}, facts, "createdBy", "name", "email")


def _task(facts: Facts) -> Body | None:
    """What is told of tasks; of one without a lead this product knows nothing (decision 0028)."""
    if not facts["leadId"]:
        return None
    return _with_person({key: facts[key] for key in _TASK}, facts, "assignee", "name")


def _email(facts: Facts) -> Body | None:
    """What is told of e-mail; of mail without a lead this product knows nothing (decision 0028)."""
    return {key: facts[key] for key in _EMAIL} if facts["leadId"] else None


def _with_person(told: Body, facts: Facts, key: str, *printed_keys: str) -> Body | None:
    """The object with a member of staff, whom the facts tell by id and `<key>Name`, as an object; null is nobody."""
    if told[key] is None:
        return told
    person = {each: facts.get(f"{key}{each.capitalize()}") for each in printed_keys}
    return None if None in person.values() else told | {key: {"id": told[key], **person}}


_WRITERS: Mapping[EventType, Callable[[Facts], Body | None]] = {
    EventType.LEAD_CREATED: _lead,
    EventType.LEAD_UPDATED: _lead,
    EventType.LEAD_ASSIGNED: _assigned_lead,
    EventType.LEAD_CONVERTED: _lead,
    EventType.NOTE_CREATED: _note,
    EventType.TASK_CREATED: _task,
    EventType.TASK_COMPLETED: _task,
    EventType.EMAIL_SENT: _email,
    EventType.EMAIL_OPENED: _email,
}

TELLING = Telling(
    names=NAMES,
    tell=tell,
    signature_header="X-CRM-Ultra-Signature",
    sample=printed(Path(__file__).parent / "examples" / "webhooks", NAMES),
)
