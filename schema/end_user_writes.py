"""What can be done with end users."""

from datetime import date, datetime
from typing import Any, ClassVar

import strawberry
from strawberry import UNSET

from resolvers import end_user_fields, end_user_writes, end_users
from resolvers.reads import ToOne
from schema.end_users import EndUser
from schema.engine.forms import change, link
from schema.engine.inputs import mirrors
from schema.engine.scalars import Fraction
from schema.nodes import Payload

_END_USER = ToOne(end_users.visible, "end_user")


@mirrors(end_user_fields.EndUserDraft)
class UpsertEndUserInput:
    """What is known of an end user: what is left out stays, null clears."""

    user_id: str = strawberry.field(description="The customer's own name for it.")
    signup_date: date | None = UNSET
    last_login: date | None = UNSET
    core_features: Fraction | None = UNSET
    advanced_features: Fraction | None = UNSET
    support_usage: Fraction | None = UNSET
    total_feedback: int | None = strawberry.field(default=UNSET, description="Without it, what was collected counts.")
    positive_feedback: int | None = UNSET
    negative_feedback: int | None = UNSET
    recent_sentiment: Fraction | None = UNSET


@mirrors(end_user_writes.Outcome)
class RecordOutcomeInput:
    """What became of an end user, as of now unless said otherwise."""

    user_id: str
    at: datetime | None = UNSET


@mirrors(end_user_writes.ChurnOutcome)
class ChurnOutcomeInput:
    """Whether an end user left or is known to have stayed."""

    user_id: str
    churned: bool
    at: datetime | None = UNSET


@mirrors(end_user_writes.ChurnOutcomes)
class RecordChurnOutcomesInput:
    """What became of many end users."""

    outcomes: list[ChurnOutcomeInput]


@strawberry.type
class UpsertEndUserPayload(Payload):
    """The end user as it is now."""

    end_user: EndUser | None = link(_END_USER)


@strawberry.type
class RecordChurnPayload(Payload):
    """The end user as it is now."""

    end_user: EndUser | None = link(_END_USER)


@strawberry.type
class RecordRetentionPayload(Payload):
    """The end user as it is now."""

    end_user: EndUser | None = link(_END_USER)


@strawberry.type
class RecordChurnOutcomesPayload(Payload):
    """How many outcomes were recorded, and of which users nothing is known."""

    blank: ClassVar[dict[str, Any]] = {"recorded": 0, "unknown": []}

    recorded: int
    unknown: list[str]


@strawberry.type
class EraseEndUserPayload(Payload):
    """What was forgotten."""

    blank: ClassVar[dict[str, Any]] = {"erased_feedback": 0}

    erased_id: strawberry.ID | None
    erased_feedback: int


@strawberry.type
class EndUserMutations:
    """What can be done with end users."""

    upsert_end_user: UpsertEndUserPayload = change(end_user_writes.upsert, input=UpsertEndUserInput)
    record_churn: RecordChurnPayload = change(end_user_writes.record_churn, input=RecordOutcomeInput)
    record_retention: RecordRetentionPayload = change(end_user_writes.record_retention, input=RecordOutcomeInput)
    record_churn_outcomes: RecordChurnOutcomesPayload = change(
        end_user_writes.record_outcomes, input=RecordChurnOutcomesInput
    )
    erase_end_user: EraseEndUserPayload = change(end_user_writes.erase, user_id=str)
