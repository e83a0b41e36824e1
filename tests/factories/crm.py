"""A whole small CRM in one organization: every relation of the graph has something in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from domain.accounts import Account
from domain.channels import Channel
from domain.clients import USUAL_SCOPES, ApiClient
from domain.contacts import Contact
from domain.credentials import Credential, CredentialKind, new_value
from domain.engagement import EngagementEvent, EngagementType
from domain.event_log import Event
from domain.events import EventType
from domain.feedback import Feedback, FeedbackTheme
from domain.grants import Grant
from domain.localization import Localization
from domain.organizations import Organization
from domain.personas import Persona
from domain.values import new_id
from domain.webhooks import WebhookSecret
from gateway.database import Database
from resolvers.events import last_sequence
from tests.factories.abm_rows import LISTED, abm_rows
from tests.factories.audit import audit_row
from tests.factories.batch_rows import batch_rows
from tests.factories.compliance import compliance_rows
from tests.factories.content import content_rows
from tests.factories.conversion import conversion_model_row
from tests.factories.feedback import feedback_rows
from tests.factories.leads import activity_row, click_row, email_row, lead_row, note_row, task_row, template_row
from tests.factories.marketing import marketing_rows
from tests.factories.models import use_row
from tests.factories.organizations import make_team, make_user, store
from tests.factories.research_rows import research_rows
from tests.factories.webhook_rows import attempt_row, delivery_row, endpoint_row


@dataclass(frozen=True)
class Crm:
    """The ids of one of everything, and of the organization."""

    organization: str
    ids: dict[str, str]


async def make_crm(database: Database, organization: str, leads: int = 1) -> Crm:
    """As many leads as wanted, each with an account, a contact, an assignee, a note, a task, a mail and a call.

    The log tells of each lead's making. The ids are those of the last lead's company, by the names of the types.
    """
    now = database.clock.now()
    team = await make_team(database, organization)
    ids = {"Organization": organization, "Team": team}
    ids["User"] = await make_user(database, organization, team=team)
    template = template_row(organization, now)
    ids["EmailTemplate"] = template.id
    rows: list[Any] = [template]
    first = (await database.rows(last_sequence(organization)))[0][0] + 1
    for number in range(first, first + leads):
        company = _company(organization, now + timedelta(seconds=number), ids["User"], template.id)
        access = _access(organization, now + timedelta(seconds=number), ids["User"])
        hook = _webhook(organization, now + timedelta(seconds=number), access[0].id, ids["User"], number)
        ids |= {row.label: row.id for row in (*company, *access)}
        done = engagement_row(organization, now, ids["Account"], ids["Contact"], ids["Email"])
        ids["EngagementEvent"] = done.id
        outreach = abm_rows(organization, now + timedelta(seconds=number), ids, done)
        ids |= {name: row.id for row in outreach if (name := type(row).__name__) in LISTED}
        advertising = marketing_rows(organization, now + timedelta(seconds=number))
        texts = content_rows(organization, now + timedelta(seconds=number), ids["Account"], ids["Persona"])
        ids |= {type(row).__name__: row.id for row in texts}
        _adapted(advertising, ids["ContentVariant"])
        found = research_rows(company[0], now + timedelta(seconds=number))
        ids |= {type(row).__name__: row.id for row in found}
        use = use_row(organization, now + timedelta(seconds=number))
        opinions = feedback_rows(organization, now + timedelta(seconds=number), ids["Contact"], ids["User"])
        ids |= {type(row).__name__: row.id for row in opinions if not isinstance(row, FeedbackTheme)}
        law = compliance_rows(organization, now + timedelta(seconds=number), ids["User"])
        model = conversion_model_row(organization, now + timedelta(seconds=number))
        ids |= {type(row).__name__: row.id for row in (*hook, *law, *advertising, use, model)}
        document = ids["ComplianceDocument"]
        batch = batch_rows(organization, now + timedelta(seconds=number), access[0].id, ids["User"], document)
        ids |= {"Batch": batch[0].id, "BatchEntry": batch[1].id}
        _in_batch(opinions, batch[0].id)
        rows += [
            *company,
            done,
            *outreach,
            *access,
            *batch,
            *hook,
            *law,
            *advertising,
            *texts,
            *found,
            *opinions,
            use,
            model,
            _created(organization, number, ids["Lead"], ids["User"], now),
        ]
    await store(database, *rows)

    async def number_events(session: AsyncSession) -> None:
        row = await session.get_one(Organization, organization)
        row.event_sequence += leads

    await database.store(number_events)
    return Crm(organization, ids)


def _adapted(advertising: list[Any], variant: str) -> None:
    """Have what was adapted to a market be made from a variant of a text."""
    for row in advertising:
        if isinstance(row, Localization):
            row.variant_id = variant


def _company(organization: str, at: datetime, user: str, template: str) -> list[Any]:
    domain = f"{new_id('d')[2:]}.example.com"
    account = Account(
        id=Account.new_id(),
        organization_id=organization,
        name="Acme",
        name_key="acme",
        domain=domain,
        industry="Software Development",
        technologies=[],
        created_at=at,
        updated_at=at,
    )
    contact = Contact(
        id=Contact.new_id(),
        organization_id=organization,
        email=f"ann@{domain}",
        host=domain,
        name="Ann",
        account_id=account.id,
        created_at=at,
    )
    persona = persona_row(account, contact.id, at)
    lead = lead_row(
        organization,
        at,
        email=contact.email,
        contact_id=contact.id,
        assigned_to_id=user,
        state="NY",
        tags=["vip"],
        custom_fields={"campaignId": "camp_1"},
        score_reasons=[{"points": 15, "reason": "Reachable by e-mail."}],
    )
    message = email_row(lead.id, organization, at, template_id=template, created_by_id=user)
    hanging = [
        note_row(lead.id, organization, at, author=user),
        task_row(lead.id, organization, at, assignee_id=user, created_by_id=user),
        message,
        click_row(message, at),
        activity_row(lead.id, organization, at, created_by_id=user),
    ]
    return [account, contact, persona, lead, *hanging]


def engagement_row(organization: str, at: datetime, account: str, contact: str, email: str) -> EngagementEvent:
    """That somebody has opened a message."""
    return EngagementEvent(
        id=EngagementEvent.new_id(),
        organization_id=organization,
        created_at=at,
        type=EngagementType.EMAIL_OPEN,
        channel=Channel.EMAIL,
        occurred_at=at,
        score=0.3,
        counted=True,
        source_key=f"open:{email}",
        account_id=account,
        contact_id=contact,
        email_id=email,
    )


def persona_row(account: Account, contact: str, at: datetime) -> Persona:
    """Somebody who decides in a company."""
    return Persona(
        id=Persona.new_id(),
        organization_id=account.organization_id,
        created_at=at,
        updated_at=at,
        account_id=account.id,
        contact_id=contact,
        name="Ann",
        name_key="ann",
        pain_points=[],
        preferred_channels=["EMAIL"],
    )


def _access(organization: str, at: datetime, user: str) -> list[Any]:
    """A client with a key, a secret, an authorization, and a call in the audit log."""
    client = ApiClient(
        id=ApiClient.new_id(),
        organization_id=organization,
        created_at=at,
        user_id=user,
        name="Form",
        tier="Professional",
        scopes=list(USUAL_SCOPES[None]),
    )
    keys = []
    for kind in (CredentialKind.SECRET, CredentialKind.KEY):
        key = Credential(
            id=Credential.new_id(), organization_id=organization, client_id=client.id, kind=kind, created_at=at
        )
        key.take(new_value(CredentialKind.SECRET))
        keys.append(key)
    grant = Grant(
        id=Grant.new_id(),
        organization_id=organization,
        client_id=client.id,
        user_id=user,
        scopes=["read"],
        created_at=at,
    )
    entry = audit_row(organization, at, client_id=client.id, user_id=user, credential_id=keys[-1].id)
    return [client, *keys, grant, entry]


def _webhook(organization: str, at: datetime, client: str, user: str, sequence: int) -> list[Any]:
    """A webhook of a client with a secret, and a delivery that was tried once."""
    endpoint = endpoint_row(organization, client, at, user_id=user, scopes=["read"], position=sequence)
    secret = WebhookSecret(
        id=WebhookSecret.new_id(),
        organization_id=organization,
        created_at=at,
        endpoint_id=endpoint.id,
        sealed="-",
        hint="whsec_abcd",
    )
    delivery = delivery_row(organization, endpoint.id, at, sequence=sequence)
    return [endpoint, secret, delivery, attempt_row(organization, delivery.id, at)]


def _in_batch(opinions: list[Any], batch: str) -> None:
    for position, row in enumerate(each for each in opinions if isinstance(each, Feedback)):
        row.batch_id, row.position = batch, position


def _created(organization: str, sequence: int, lead: str, user: str, at: datetime) -> Event:
    return Event(
        organization_id=organization,
        sequence=sequence,
        type=EventType.LEAD_CREATED,
        occurred_at=at,
        actor_id=user,
        client_id="client_1",
        lead_id=lead,
        subject_id=lead,
        audience=None,
        data={"id": lead},
    )
