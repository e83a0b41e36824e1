"""What can be done about compliance."""

from datetime import date as day
from datetime import datetime
from typing import Any, ClassVar

import strawberry
from strawberry import UNSET

from resolvers import (
    compliance_alerts,
    compliance_documents,
    compliance_item_writes,
    compliance_items,
    compliance_uploads,
)
from resolvers.reads import ToOne
from schema.compliance import ComplianceAlert, ComplianceDocument, ComplianceItem
from schema.engine.forms import change, link
from schema.engine.inputs import mirrors
from schema.engine.scalars import Upload
from schema.enums import ComplianceStatus, DocumentType, RiskLevel
from schema.nodes import Payload

_DOCUMENT = ToOne(compliance_documents.visible, "compliance_document")
_ITEM = ToOne(compliance_items.visible, "compliance_item")
_CODE = "A code such as EU, DE or US-CA, or a name; any other text is a jurisdiction of its own."


@mirrors(compliance_uploads.DocumentMetadata)
class ComplianceDocumentMetadataInput:
    """What is said of a document."""

    source: str | None = UNSET
    date: day | None = strawberry.field(default=UNSET, description="When it was published.")
    category: str | None = UNSET
    version: str | None = UNSET


@mirrors(compliance_uploads.DocumentUpload)
class UploadComplianceDocumentInput:
    """A document to be read, by one of `file`, `base64`, `text` and `url`; with a title alone nothing is read."""

    jurisdiction: str = strawberry.field(description=_CODE)
    document_type: DocumentType
    document_id: strawberry.ID | None = strawberry.field(
        default=UNSET, description="A known document to be processed again: with what is sent, or as it is."
    )
    title: str | None = strawberry.field(default=UNSET, description="Without one, that of the text or of the file.")
    file: Upload | None = strawberry.field(default=UNSET, description="PDF, DOCX, HTML or text.")
    base64: str | None = strawberry.field(default=UNSET, description="The same in base64, also as a data: address.")
    text: str | None = UNSET
    url: str | None = strawberry.field(default=UNSET, description="Where the server fetches it from.")
    metadata: ComplianceDocumentMetadataInput | None = UNSET


@mirrors(compliance_uploads.ProcessingWanted)
class ProcessComplianceDocumentInput:
    """A known document to be analysed again; what is not said stays as it is."""

    id: strawberry.ID
    jurisdiction: str | None = strawberry.field(default=UNSET, description=_CODE)
    document_type: DocumentType | None = UNSET


@mirrors(compliance_uploads.DocumentPatch)
class UpdateComplianceDocumentInput:
    """Changes to what is said of a document: what is left out stays, null clears."""

    id: strawberry.ID
    title: str | None = UNSET
    metadata: ComplianceDocumentMetadataInput | None = UNSET


@mirrors(compliance_uploads.DocumentRemoval)
class DeleteComplianceDocumentInput:
    """A document to be deleted."""

    id: strawberry.ID
    with_items: bool = strawberry.field(default=False, description="Whether the items it demanded go too.")


@mirrors(compliance_item_writes.ItemDraft)
class CreateComplianceItemInput:
    """An item to be made by hand."""

    title: str
    jurisdiction: str = strawberry.field(description=_CODE)
    description: str | None = UNSET
    place: str | None = strawberry.field(default=UNSET, description="Article or section.")
    deadline: day | None = UNSET
    risk_level: RiskLevel | None = strawberry.field(default=UNSET, description="MEDIUM unless said.")
    requirements: list[str] | None = UNSET
    penalties: list[str] | None = UNSET
    status: ComplianceStatus | None = UNSET
    assigned_to: strawberry.ID | None = UNSET


@mirrors(compliance_item_writes.ItemPatch)
class UpdateComplianceItemInput:
    """Changes to an item: what is left out stays, null clears; what is written stays when documents are processed."""

    id: strawberry.ID
    title: str | None = UNSET
    jurisdiction: str | None = strawberry.field(default=UNSET, description=_CODE)
    description: str | None = UNSET
    place: str | None = UNSET
    deadline: day | None = UNSET
    risk_level: RiskLevel | None = UNSET
    requirements: list[str] | None = UNSET
    penalties: list[str] | None = UNSET


@mirrors(compliance_item_writes.ItemAssignment)
class AssignComplianceItemInput:
    """Who is to see to an item; nobody when there is no user."""

    item_id: strawberry.ID
    user_id: strawberry.ID | None = UNSET


@mirrors(compliance_item_writes.ItemStatusChange)
class ChangeComplianceItemStatusInput:
    """Where an item stands from now on: PENDING, IN_PROGRESS or COMPLETED."""

    item_id: strawberry.ID
    status: ComplianceStatus


@mirrors(compliance_item_writes.TriggerDate)
class TriggerComplianceItemInput:
    """When that happened which a relative deadline runs from."""

    item_id: strawberry.ID
    triggered_at: datetime


@strawberry.type
class UploadComplianceDocumentPayload(Payload):
    """The document, with what was found in it."""

    compliance_document: ComplianceDocument | None = link(_DOCUMENT)


@strawberry.type
class ProcessComplianceDocumentPayload(Payload):
    """The document as it is now."""

    compliance_document: ComplianceDocument | None = link(_DOCUMENT)


@strawberry.type
class UpdateComplianceDocumentPayload(Payload):
    """The document as it is now."""

    compliance_document: ComplianceDocument | None = link(_DOCUMENT)


@strawberry.type
class DeleteComplianceDocumentPayload(Payload):
    """What was deleted, and when."""

    blank: ClassVar[dict[str, Any]] = {"deleted": False}

    deleted_id: strawberry.ID | None
    deleted: bool
    deleted_at: datetime | None


@strawberry.type
class ComplianceItemPayload(Payload):
    """The item as it is now."""

    compliance_item: ComplianceItem | None = link(_ITEM)


@strawberry.type
class DeleteComplianceItemPayload(Payload):
    """What was deleted, and when."""

    blank: ClassVar[dict[str, Any]] = {"deleted": False}

    deleted_id: strawberry.ID | None
    deleted: bool
    deleted_at: datetime | None


@strawberry.type
class AcknowledgeComplianceAlertPayload(Payload):
    """The alert as it is now."""

    compliance_alert: ComplianceAlert | None = link(ToOne(compliance_alerts.visible, "compliance_alert"))


@strawberry.type
class ComplianceMutations:
    """What can be done about compliance."""

    upload_compliance_document: UploadComplianceDocumentPayload = change(
        compliance_uploads.keep, compliance_uploads.read_sent, input=UploadComplianceDocumentInput
    )
    process_compliance_document: ProcessComplianceDocumentPayload = change(
        compliance_documents.store_again, compliance_uploads.read_again, input=ProcessComplianceDocumentInput
    )
    update_compliance_document: UpdateComplianceDocumentPayload = change(
        compliance_uploads.change, input=UpdateComplianceDocumentInput
    )
    delete_compliance_document: DeleteComplianceDocumentPayload = change(
        compliance_uploads.delete, input=DeleteComplianceDocumentInput
    )
    create_compliance_item: ComplianceItemPayload = change(
        compliance_item_writes.create, input=CreateComplianceItemInput
    )
    update_compliance_item: ComplianceItemPayload = change(
        compliance_item_writes.change, input=UpdateComplianceItemInput
    )
    assign_compliance_item: ComplianceItemPayload = change(
        compliance_item_writes.assign, input=AssignComplianceItemInput
    )
    change_compliance_item_status: ComplianceItemPayload = change(
        compliance_item_writes.change_status, input=ChangeComplianceItemStatusInput
    )
    trigger_compliance_item: ComplianceItemPayload = change(
        compliance_item_writes.trigger, input=TriggerComplianceItemInput
    )
    delete_compliance_item: DeleteComplianceItemPayload = change(compliance_item_writes.delete, id=strawberry.ID)
    acknowledge_compliance_alert: AcknowledgeComplianceAlertPayload = change(
        compliance_alerts.acknowledge, id=strawberry.ID
    )
