"""Compliance: legal documents, what was found in them, what has to be done by when, and what was told of it."""

from datetime import date as day
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from resolvers import compliance_alerts, compliance_documents, compliance_items, compliance_places
from schema.compliance_filters import (
    ComplianceAlertFilter,
    ComplianceDocumentFilter,
    ComplianceItemFilter,
    ComplianceItemSort,
)
from schema.engine.forms import attribute, collection, column, connection, link, one
from schema.engine.scalars import Fraction
from schema.enums import (
    AlertType,
    ComplianceStatus,
    DocumentType,
    FindingKind,
    ProcessingStatus,
    RiskLevel,
    TimeUnit,
)
from schema.filters import AccountFilter, LeadFilter, LeadSort
from schema.nodes import Connection, Node
from schema.users import User

if TYPE_CHECKING:
    from schema.accounts import Account
    from schema.ad_campaigns import AdCampaign
    from schema.leads import Lead
    from schema.localizations import Localization

_UNIT = "In what the relative deadline counts."
_TRIGGER = "What the relative deadline runs from, in the words of the text."


@strawberry.type(description="A legal text and what was read from it.")
class ComplianceDocument(Node, read=compliance_documents.visible):
    """A legal text and what was read from it."""

    title: str | None
    content: str = strawberry.field(description="The text taken from the file.")
    file_name: str | None
    file_url: str | None = strawberry.field(description="Where it was fetched from.")
    media_type: str | None
    size: int = strawberry.field(description="Bytes of the file.")
    pages: int | None
    digest: str = strawberry.field(description="SHA-256 of the file, in hex.")
    language: str | None = strawberry.field(description="ISO 639-1 code; null when it is none that is understood.")
    jurisdiction: str
    document_type: DocumentType
    source: str | None
    published_on: day | None
    category: str | None
    version: str | None
    status: ProcessingStatus
    deadlines: list[day] = strawberry.field(description="The dates it names as deadlines, each once.")
    requirements: list[str]
    penalties: list[str]
    entities: list[str]
    compliance_score: Fraction = strawberry.field(description="How well the text can be complied with.")
    risk_level: RiskLevel = strawberry.field(description="What is at stake.")
    reasons: list[str] = strawberry.field(description="Why score and risk are what they are.")
    notes: list[str] = strawberry.field(description="What could not be read or was left out.")
    created_at: datetime
    updated_at: datetime
    findings: Connection["ComplianceFinding"] = collection(
        compliance_documents.findings_of, "What was found, in the order of the text.", kind=FindingKind, search=str
    )
    items: Connection["ComplianceItem"] = collection(
        compliance_items.of_document,
        "What it demands to be done.",
        where=ComplianceItemFilter,
        sort=ComplianceItemSort,
    )


@strawberry.type(description="One thing a document says, with its quote and where that stands.")
class ComplianceFinding(Node, read=compliance_documents.visible_findings):
    """One thing a document says, with its quote and where that stands."""

    kind: FindingKind
    text: str = strawberry.field(description="In short.")
    quote: str
    start: int = strawberry.field(description="Where the quote begins in the content, in characters.")
    end: int = strawberry.field(description="Where the quote ends in the content, in characters.")
    place: str | None = strawberry.field(description="Article or section, if the text says so.")
    date: day | None = attribute("on", "The day of a deadline.")
    count: int | None = strawberry.field(description="How many units of a relative deadline.")
    unit: TimeUnit | None = strawberry.field(description=_UNIT)
    trigger: str | None = strawberry.field(description=_TRIGGER)
    amount: float | None = strawberry.field(description="Money of a penalty.")
    currency: str | None = strawberry.field(description="ISO 4217 code of the money.")
    fraction: float | None = strawberry.field(description="Of a penalty that is a share: 0.04 is 4 percent.")
    base: str | None = strawberry.field(description="What the share is of, such as turnover.")
    per: str | None = strawberry.field(description="What the penalty is due for, such as each violation.")
    bound: str | None = strawberry.field(description="Whom a requirement binds.")
    created_at: datetime
    document: ComplianceDocument = link(compliance_documents.of_finding)


@strawberry.type(description="Something to be done, as a document demands it or somebody has entered it.")
class ComplianceItem(Node, read=compliance_items.visible):
    """Something to be done, as a document demands it or somebody has entered it."""

    title: str
    description: str | None
    place: str | None = strawberry.field(description="Article or section of the document.")
    jurisdiction: str
    deadline: day | None
    count: int | None = strawberry.field(description="How many units of a relative deadline.")
    unit: TimeUnit | None = strawberry.field(description=_UNIT)
    trigger: str | None = strawberry.field(description=_TRIGGER)
    triggered_on: day | None = strawberry.field(description="When that happened.")
    status: ComplianceStatus = column(compliance_items.status, "Where it stands by the calendar.")
    risk_level: RiskLevel
    requirements: list[str]
    penalties: list[str]
    created_at: datetime
    updated_at: datetime
    completed_at: datetime | None
    dropped_at: datetime | None = strawberry.field(description="Since when its document demands it no longer.")
    assigned_to: User | None = link(compliance_items.assignee)
    document: ComplianceDocument | None = link(compliance_documents.of_item, "The document that demands it.")
    alerts: Connection["ComplianceAlert"] = collection(
        compliance_alerts.of_item, "What was told of it, newest first.", where=ComplianceAlertFilter
    )
    leads: Connection[Annotated["Lead", strawberry.lazy("schema.leads")]] = collection(
        compliance_places.leads_of, "Leads in the jurisdiction.", where=LeadFilter, sort=LeadSort
    )
    campaigns: Connection[Annotated["AdCampaign", strawberry.lazy("schema.ad_campaigns")]] = collection(
        compliance_places.campaigns_of, "Campaigns aimed at places that the jurisdiction concerns."
    )
    localizations: Connection[Annotated["Localization", strawberry.lazy("schema.localizations")]] = collection(
        compliance_places.localizations_of, "Texts adapted to markets that the jurisdiction concerns."
    )
    accounts: Connection[Annotated["Account", strawberry.lazy("schema.accounts")]] = collection(
        compliance_places.accounts_of, "Companies in the jurisdiction.", where=AccountFilter
    )


@strawberry.type(description="What was told of an item: its deadline comes near, or has passed.")
class ComplianceAlert(Node, read=compliance_alerts.visible):
    """What was told of an item."""

    type: AlertType
    severity: RiskLevel
    deadline: day
    days: int = strawberry.field(description="How many days or fewer were left; 0 once it had passed.")
    created_at: datetime = strawberry.field(description="When it was raised.")
    acknowledged_at: datetime | None
    acknowledged_by: User | None = link(compliance_alerts.acknowledged_by)
    item: ComplianceItem | None = link(compliance_items.of_alert, "Null when it was deleted.")


@strawberry.type
class ComplianceQueries:
    """Reads of compliance."""

    compliance_document: ComplianceDocument | None = one(compliance_documents.visible, "A legal document.")
    compliance_documents: Connection[ComplianceDocument] = connection(
        compliance_documents.search, "Legal documents, newest first.", where=ComplianceDocumentFilter
    )
    compliance_item: ComplianceItem | None = one(compliance_items.visible, "Something to be done.")
    compliance_items: Connection[ComplianceItem] = connection(
        compliance_items.search,
        "What has to be done, what is due first first unless sorted otherwise.",
        where=ComplianceItemFilter,
        sort=ComplianceItemSort,
    )
    compliance_alert: ComplianceAlert | None = one(compliance_alerts.visible, "An alert.")
    compliance_alerts: Connection[ComplianceAlert] = connection(
        compliance_alerts.search, "Alerts, newest first.", where=ComplianceAlertFilter
    )
