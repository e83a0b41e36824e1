"""What can be done with feedback."""

from datetime import datetime

import strawberry
from strawberry import UNSET

from resolvers import feedback, feedback_changes, feedback_fields, feedback_writes
from resolvers.reads import ToOne
from schema.engine.forms import change, link
from schema.engine.inputs import mirrors
from schema.engine.scalars import JSONObject
from schema.enums import FeedbackCategory, FeedbackPriority, FeedbackSource, Sentiment
from schema.feedback import Feedback
from schema.nodes import Payload

_FEEDBACK = ToOne(feedback.visible, "feedback")


@mirrors(feedback_fields.FeedbackDraft)
class CollectFeedbackInput:
    """Feedback to be taken in; its analysis is part of the answer."""

    source: FeedbackSource
    content: str
    user_id: str | None = strawberry.field(
        default=UNSET,
        description="The author, by the customer's own name for it; an e-mail address, or the id of a contact or lead, "
        "links it to that person.",
    )
    rating: int | None = strawberry.field(default=UNSET, description="1 to 5 stars.")
    version: str | None = UNSET
    platform: str | None = UNSET
    language: str | None = strawberry.field(default=UNSET, description="Code of the language it is in, such as en.")
    metadata: JSONObject | None = strawberry.field(
        default=UNSET, description="Anything else; rating, version, platform and language are taken out of it."
    )
    given_at: datetime | None = strawberry.field(default=UNSET, description="When it was said, if that is past.")


@mirrors(feedback_changes.FeedbackCorrection)
class CorrectFeedbackInput:
    """What a person says that feedback means; what is left out stays as it is."""

    id: strawberry.ID
    sentiment: Sentiment | None = UNSET
    category: FeedbackCategory | None = UNSET
    priority: FeedbackPriority | None = UNSET


@strawberry.type
class CollectFeedbackPayload(Payload):
    """The feedback and what it says."""

    feedback: Feedback | None = link(_FEEDBACK)


@strawberry.type
class CorrectFeedbackPayload(Payload):
    """The feedback as it is now."""

    feedback: Feedback | None = link(_FEEDBACK)


@strawberry.type
class DeleteFeedbackPayload(Payload):
    """What was deleted."""

    deleted_id: strawberry.ID | None


@strawberry.type
class FeedbackMutations:
    """What can be done with feedback."""

    collect_feedback: CollectFeedbackPayload = change(
        feedback_writes.collect, feedback_writes.prepare_one, input=CollectFeedbackInput
    )
    correct_feedback: CorrectFeedbackPayload = change(feedback_changes.correct, input=CorrectFeedbackInput)
    delete_feedback: DeleteFeedbackPayload = change(feedback_changes.delete_one, id=strawberry.ID)
