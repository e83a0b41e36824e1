"""What can be done with batches."""

import strawberry
from strawberry import UNSET

from resolvers import job_writes, jobs
from resolvers.reads import ToOne
from schema.compliance_writes import ComplianceDocumentMetadataInput
from schema.engine.forms import change, link
from schema.engine.inputs import mirrors
from schema.enums import DocumentType
from schema.feedback_writes import CollectFeedbackInput
from schema.jobs import Batch
from schema.nodes import Payload

_BATCH = ToOne(jobs.visible, "batch")


@mirrors(job_writes.DocumentEntry)
class DocumentBatchEntryInput:
    """A document to be fetched and read."""

    url: str = strawberry.field(description="An https address of a public host.")
    jurisdiction: str = strawberry.field(description="As law of which place it is read, such as US, EU or DE.")
    document_type: DocumentType
    title: str | None = UNSET
    metadata: ComplianceDocumentMetadataInput | None = UNSET


@mirrors(job_writes.DocumentBatch)
class CreateDocumentBatchInput:
    """Documents to be worked on one by one."""

    documents: list[DocumentBatchEntryInput]
    callback_url: str | None = strawberry.field(
        default=UNSET,
        description="Where the results are sent when all are over, as ClickUp Brain has them: an https address of "
        "a public host.",
    )


@mirrors(job_writes.FeedbackBatch)
class CreateFeedbackBatchInput:
    """Feedback to be taken in together."""

    items: list[CollectFeedbackInput]


@mirrors(job_writes.BatchRetry)
class RetryBatchEntriesInput:
    """Entries of a batch that failed and are to be worked on once more."""

    batch_id: strawberry.ID
    entry_ids: list[strawberry.ID] | None = strawberry.field(
        default=UNSET, description="These; all that failed when nothing is said."
    )


@strawberry.type
class CreateDocumentBatchPayload(Payload):
    """The batch that is on its way."""

    batch: Batch | None = link(_BATCH)


@strawberry.type
class CreateFeedbackBatchPayload(Payload):
    """The batch, which is over."""

    batch: Batch | None = link(_BATCH)


@strawberry.type
class RetryBatchEntriesPayload(Payload):
    """The batch that is worked on once more."""

    batch: Batch | None = link(_BATCH)
    retried: int | None = strawberry.field(description="How many entries.")


@strawberry.type
class BatchMutations:
    """What can be done with batches."""

    create_document_batch: CreateDocumentBatchPayload = change(
        job_writes.create_documents,
        job_writes.check_documents,
        "Have documents fetched, read and kept, each for itself.",
        input=CreateDocumentBatchInput,
    )
    create_feedback_batch: CreateFeedbackBatchPayload = change(
        job_writes.create_feedback,
        job_writes.analyze_feedback,
        "Take in feedback: all of it, analysed at once, or none when one piece cannot be taken.",
        input=CreateFeedbackBatchInput,
    )
    retry_batch_entries: RetryBatchEntriesPayload = change(job_writes.retry, input=RetryBatchEntriesInput)
