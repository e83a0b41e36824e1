"""Removing feedback for good, with every trace of what it said."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, literal, select, update

from domain.event_log import Event
from domain.events import EventType
from domain.feedback import Feedback, FeedbackTheme
from domain.jobs import JobEntry
from resolvers.reads import visibility
from resolvers.unit import Unit

_FOUND = ("themes", "entities")
"""What the log tells of a text in the text's own words."""


async def erase_feedback(unit: Unit, *which: Any) -> int:
    """Delete feedback with its themes, blank what batches were sent of it, and take its words out of the log; how many.

    The log keeps that there was feedback, and how it was meant, by our own ids: its numbers have no gaps.
    """
    wanted = (*visibility(unit.viewer, Feedback), *which)
    ids = select(Feedback.id).where(*wanted)
    batches = select(Feedback.batch_id).where(*wanted, Feedback.batch_id.is_not(None))
    sent = update(JobEntry).where(JobEntry.job_id.in_(batches), JobEntry.subject_id.in_(ids)).values(request={})
    themes = delete(FeedbackTheme).where(FeedbackTheme.feedback_id.in_(ids))
    for statement in (sent, themes):
        await unit.session.execute(statement.execution_options(synchronize_session=False))
    # By the feedback alone, which is the organization's own, and with the type spelled out: SQLite would else look
    # through all of the organization's log.
    analyzed = Event.type == literal(EventType.FEEDBACK_ANALYZED, Event.type.type, literal_execute=True)
    for event in await unit.session.scalars(select(Event).where(analyzed, Event.subject_id.in_(ids))):
        event.data = _without_words(event.data)
    await unit.flush()
    gone: Any = await unit.session.execute(delete(Feedback).where(*wanted).execution_options(synchronize_session=False))
    return int(gone.rowcount)


def _without_words(data: dict[str, Any]) -> dict[str, Any]:
    analysis = data.get("analysis", {})
    return data | {"analysis": analysis | {name: [] for name in _FOUND if name in analysis}}
