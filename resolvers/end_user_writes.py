"""What can be done with end users: say what is known of one, say who left and who stayed, forget one."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select

from domain.errors import DomainError, Problem, invalid, not_found, required
from domain.events import EventType
from domain.feedback import ChurnPrediction, EndUser, Feedback
from domain.permissions import Permission
from domain.values import Moment, iso, start_of
from resolvers import end_user_links
from resolvers.end_user_fields import EndUserDraft, apply, said, user_id
from resolvers.end_users import known_as
from resolvers.feedback_erasing import erase_feedback
from resolvers.reads import visibility
from resolvers.unit import Keys, Unit, requires


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """That a user left, or stayed; as of now unless said otherwise."""

    user_id: str
    at: Moment | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChurnOutcome:
    """Whether a user left or is known to have stayed; as of now unless said otherwise."""

    user_id: str
    churned: bool
    at: Moment | None = None


@dataclass(frozen=True, slots=True)
class ChurnOutcomes:
    """What became of many users."""

    outcomes: list[ChurnOutcome]


@requires(Permission.WRITE_FEEDBACK)
async def upsert(unit: Unit, draft: EndUserDraft) -> Keys:
    """Say what is known of an end user, who is made when new; what is left out stays."""
    name, facts = said(draft)
    user, made = await found_or_made(unit, name)
    if apply(unit, user, facts) or made:
        tell(unit, user)
    return {"end_user": user.id}


@requires(Permission.WRITE_FEEDBACK)
async def record_churn(unit: Unit, draft: Outcome) -> Keys:
    """Say that a user has left; the organization's own churn model learns from it."""
    return await _record(unit, draft, churned=True)


@requires(Permission.WRITE_FEEDBACK)
async def record_retention(unit: Unit, draft: Outcome) -> Keys:
    """Say that a user is known to have stayed; the organization's own churn model learns from it."""
    return await _record(unit, draft, churned=False)


@requires(Permission.WRITE_FEEDBACK)
async def record_outcomes(unit: Unit, batch: ChurnOutcomes) -> Keys:
    """Say of many users at once whether they left or stayed; users nobody knows are named and left out."""
    outcomes = batch.outcomes
    if not outcomes:
        raise required("outcomes", "outcomes must hold at least one outcome.")
    if len(outcomes) > unit.bulk:
        raise invalid("outcomes", f"outcomes must hold at most {unit.bulk} outcomes, not {len(outcomes)}.")
    known = await _users(unit, {each.user_id for each in outcomes})
    problems: list[Problem] = []
    for place, each in enumerate(outcomes):
        try:
            moment = _moment(unit, each.at)
        except DomainError as error:
            problems.extend(Problem(one.code, one.message, f"outcomes.{place}.{one.field}") for one in error.problems)
            continue
        if each.user_id in known:
            _take(unit, known[each.user_id], moment, each.churned)
    if problems:
        raise DomainError(problems)
    for user in known.values():
        tell(unit, user)
    unknown = [each.user_id for each in outcomes if each.user_id not in known]
    return {"recorded": len(outcomes) - len(unknown), "unknown": list(dict.fromkeys(unknown))}


@requires(Permission.WRITE_FEEDBACK)
async def erase(unit: Unit, user_id: str) -> Keys:
    """Forget an end user: its feedback with all that was found in it, its predictions, and what was known of it.

    The log keeps that something was there, by our own ids.
    """
    user = await existing(unit, user_id)
    erased = await erase_feedback(unit, Feedback.end_user_id == user.id)
    predictions = delete(ChurnPrediction).where(ChurnPrediction.end_user_id == user.id)
    await unit.session.execute(predictions.execution_options(synchronize_session=False))
    unit.record(EventType.END_USER_ERASED, user, {"id": user.id})
    await unit.session.delete(user)
    return {"erased_id": user.id, "erased_feedback": erased}


async def existing(unit: Unit, name: str) -> EndUser:
    """The end user by the customer's own name, for changing.

    Raises:
        DomainError: NOT_FOUND naming `userId`.
    """
    user = await unit.session.scalar(known_as(unit.viewer, user_id(name)).with_for_update())
    if not isinstance(user, EndUser):
        raise not_found(EndUser.label, name, "userId")
    return user


async def found_or_made(unit: Unit, name: str) -> tuple[EndUser, bool]:
    """The end user by the customer's own name, and whether it is new."""
    statement = known_as(unit.viewer, name).with_for_update()
    user = await unit.session.scalar(statement)
    if isinstance(user, EndUser):
        return user, False
    await end_user_links.find_or_make(unit, [name])
    return (await unit.session.scalars(statement)).one(), True


def tell(unit: Unit, user: EndUser) -> None:
    """Tell that something is known of a user; by our own id alone, so that erasing leaves no name behind."""
    outcome = user.churned_at or user.retained_at
    facts = {"id": user.id, "churned": user.churned_at is not None, "outcomeAt": iso(outcome) if outcome else None}
    unit.record(EventType.END_USER_UPDATED, user, facts)


async def _record(unit: Unit, draft: Outcome, *, churned: bool) -> Keys:
    moment = _moment(unit, draft.at)
    user = await existing(unit, draft.user_id)
    _take(unit, user, moment, churned)
    tell(unit, user)
    return {"end_user": user.id}


def _take(unit: Unit, user: EndUser, moment: datetime, churned: bool) -> None:
    # Who comes back has stayed after all; the last word counts.
    user.churned_at, user.retained_at = (moment, None) if churned else (None, moment)
    user.updated_at = unit.now


def _moment(unit: Unit, at: Moment | None) -> datetime:
    moment = start_of(at) if at is not None else unit.now
    if moment > unit.now:
        raise invalid("at", "at must not be in the future.")
    return moment


async def _users(unit: Unit, names: Collection[str]) -> dict[str, EndUser]:
    statement = select(EndUser).where(*visibility(unit.viewer, EndUser), EndUser.external_id.in_(sorted(names)))
    # Locked in one order, so that nobody waits in a circle.
    locked = statement.order_by(EndUser.id).with_for_update()
    return {user.external_id: user for user in await unit.session.scalars(locked)}
