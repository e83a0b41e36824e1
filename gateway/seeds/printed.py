"""The records CRM-Ultra's documentation prints, under their printed ids (X-30).

Where the printed examples contradict each other, one had to give way:

- The lead is printed as new with 65 points (Create Lead) and as qualified with 78 (Get Lead): it stands as Get Lead
  prints it, the later state of the same lead. 65 is what the rule gives, so 78 is a score that was written.
- Get Lead prints `lastActivity` 2024-01-16T09:15:30Z, but activity act_123 is printed with 10:30:00 of that day. No
  document says whose timeline that activity is on, so it is on a second lead of the same John Doe, together with
  the e-mail it names. The note and the task of 10:30:00 are printed with the first lead's id; they are on it, and
  their timeline entries gave way.
- The bodies of note, task, e-mail and template are printed shortened with "..." in answers; note and task stand as
  their requests print them in full (CU-27), the e-mail and the template as printed.
- The company is printed as CopyCar asks for it and as it answers: it stands as answered.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from domain.accounts import Account, name_key
from domain.activities import Activity, ActivityType
from domain.emails import Email, EmailStatus
from domain.entity import Entity
from domain.leads import InsuranceType, Lead
from domain.notes import Note
from domain.organizations import Organization, Team
from domain.permissions import Role
from domain.tasks import Task, TaskPriority, TaskStatus, TaskType
from domain.templates import EmailTemplate
from domain.users import User
from domain.visibility import NoteVisibility, audience_of
from gateway.seeds.rows import new_contact, new_lead

ORGANIZATION = "org_demo"
TEAM = "team_sales"
JANE, SAM, ALEX = "user_abc123", "user_xyz789", "user_demo_admin"
JOHN = "lead_123456789"
JOHN_AGAIN = "lead_987654321"

_SOURCES = ("facebook_ads", "website", "google_ads", "referral", "partner", "phone")
_FOUNDED = datetime(2023, 6, 1, 9, tzinfo=UTC)
_CREATED = datetime(2024, 1, 15, 14, 30, tzinfo=UTC)
_QUALIFIED = datetime(2024, 1, 16, 9, 15, 30, tzinfo=UTC)
_NEXT_DAY = datetime(2024, 1, 16, 10, 30, tzinfo=UTC)


def records() -> list[Entity]:
    """Every printed record, and what it needs to stand on."""
    organization = Organization(
        id=ORGANIZATION, name="Demo Insurance", approved_lead_sources=list(_SOURCES), created_at=_FOUNDED
    )
    team = _owned(Team, TEAM, _FOUNDED, name="Sales")
    return [organization, team, *_staff(), *_techcorp(), *_john(), _template(), *_of_john(), *_of_john_again()]


def _owned(entity: type[Any], id: str, at: datetime, **values: Any) -> Any:
    return entity(id=id, organization_id=ORGANIZATION, created_at=at, **values)


def _staff() -> list[User]:
    jane = datetime(2023, 6, 15, 8, 30, tzinfo=UTC)
    people = [
        (ALEX, _FOUNDED, "Alex Morgan", "alex@company.com", Role.ADMIN),
        (JANE, jane, "Jane Smith", "jane@company.com", Role.SALES_MANAGER),
        (SAM, jane + timedelta(days=18), "Sam Rivera", "sam@company.com", Role.SALES_REP),
        ("user_demo_rep", jane + timedelta(days=40), "Priya Nair", "priya@company.com", Role.SALES_REP),
        ("user_demo_analyst", jane + timedelta(days=90), "Tom Becker", "tom@company.com", Role.ANALYST),
    ]
    return [
        _owned(User, key, at, team_id=TEAM, name=name, email=email, role=role) for key, at, name, email, role in people
    ]


def _techcorp() -> list[Entity]:
    at = datetime(2024, 1, 20, 10, 30, tzinfo=UTC)
    account = _owned(
        Account,
        "acc_123456789",
        at,
        name="TechCorp Solutions",
        domain="techcorp.com",
        industry="Software Development",
        size="350 employees",
        revenue="$25M",
        location="San Francisco, CA",
        founded="2018",
        website="https://techcorp.com",
        name_key=name_key("TechCorp Solutions"),
        technologies=["AWS", "React", "Node.js"],
        research_run_id="res_987654321",
        updated_at=at,
    )
    email = "sarah.johnson@techcorp.com"
    linkedin = "https://linkedin.com/in/sarahjohnson"
    sarah = new_contact(
        "ctc_demo_sarah", ORGANIZATION, at, email, name="Sarah Johnson", linkedin=linkedin, account=account
    )
    # Newer than every other lead here: the graph's first page begins with where the products meet.
    asked = new_lead(
        "lead_demo_techcorp",
        ORGANIZATION,
        datetime(2024, 7, 1, 16, 5, tzinfo=UTC),
        status="qualified",
        source="website",
        email=email,
        phone="+14155550142",
        first_name="Sarah",
        last_name="Johnson",
        city="San Francisco",
        state="CA",
        insurance_type=InsuranceType.COMMERCIAL,
        tags=["high-value"],
        custom_fields={"companySize": 350},
        assigned_to_id=JANE,
        contact=sarah,
    )
    return [account, sarah, asked, *_of_techcorp(asked)]


def _of_techcorp(lead: Lead) -> list[Entity]:
    at, call = lead.created_at, lead.created_at + timedelta(days=1)
    return [
        _activity("act_demo_techcorp_1", lead.id, at, "Lead created from website", source="website"),
        _note("note_demo_techcorp", lead.id, call, "Wants one policy for all offices; decides together with the CFO."),
        _task("task_demo_techcorp", lead.id, call, "Send the commercial quote", None, TaskPriority.HIGH, days=3),
    ]


def _john() -> list[Entity]:
    john = new_contact("ctc_demo_john", ORGANIZATION, _CREATED, "john.doe@example.com", name="John Doe", linkedin=None)
    known: dict[str, Any] = {
        "source": "facebook_ads",
        "email": "john.doe@example.com",
        "phone": "+15551234567",
        "first_name": "John",
        "last_name": "Doe",
        "city": "New York",
        "state": "NY",
        "insurance_type": InsuranceType.AUTO,
        "assigned_to_id": JANE,
        "contact": john,
    }
    first = new_lead(
        JOHN,
        ORGANIZATION,
        _CREATED,
        status="qualified",
        score=78,
        updated_at=_QUALIFIED,
        tags=["high-value", "referral"],
        custom_fields={"campaignId": "camp_001", "landingPage": "summer-promo"},
        **known,
    )
    again = new_lead(JOHN_AGAIN, ORGANIZATION, _NEXT_DAY - timedelta(hours=1), tags=["second-car"], **known)
    return [john, first, again]


def _template() -> EmailTemplate:
    template: EmailTemplate = _owned(
        EmailTemplate,
        "template_quote_followup",
        _FOUNDED,
        name="Quote Follow-up",
        subject="Your Insurance Quote",
        body="Hi {{firstName}}, regarding your quote...",
        variables=["firstName", "lastName", "quoteAmount"],
        updated_at=_FOUNDED,
    )
    return template


def _of_john() -> list[Entity]:
    """Three notes, two tasks and four e-mails, as Get Lead counts them, and the timeline up to its `lastActivity`."""
    comprehensive = (
        "Customer called to discuss auto insurance options. "
        "Interested in comprehensive coverage with roadside assistance."
    )
    follow_up = "Customer requested email with detailed quote. Send by end of day."
    minutes = [(timedelta(minutes=each)) for each in (1, 20, 45, 60, 90, 120, 150)]
    subjects = ("Thank you for your interest", "What we need for your quote", "Comparing coverage", "Shall we talk?")
    mails = [_mail(f"email_demo_john_{n}", JOHN, _CREATED + minutes[n], subject) for n, subject in enumerate(subjects)]
    mails[1].opened_at = _CREATED + minutes[4]
    return [
        _note("note_abc123", JOHN, _NEXT_DAY, comprehensive),
        _note("note_demo_john_1", JOHN, _CREATED + minutes[5], "Drives two cars; asked for a price for both."),
        _note("note_demo_john_2", JOHN, _CREATED + minutes[6], "Insured elsewhere until the end of February."),
        _task("task_xyz789", JOHN, _NEXT_DAY, "Follow up on quote", follow_up, TaskPriority.HIGH),
        _task("task_demo_john_1", JOHN, _CREATED + minutes[3], "Ask for the car's papers", None, TaskPriority.MEDIUM),
        *mails,
        _activity("act_demo_john_1", JOHN, _CREATED, "Lead created from facebook_ads", source="facebook_ads"),
        *(_sent(f"act_demo_john_{n}", mail) for n, mail in enumerate(mails, 2)),
        _entry("act_demo_john_6", JOHN, _CREATED + minutes[4], ActivityType.EMAIL_OPENED, f"Opened: {subjects[1]}"),
        _entry("act_demo_john_7", JOHN, _CREATED + minutes[5], ActivityType.NOTE_ADDED, "Note added"),
        _entry("act_demo_john_8", JOHN, _CREATED + minutes[6], ActivityType.NOTE_ADDED, "Note added"),
        _entry(
            "act_demo_john_9",
            JOHN,
            _QUALIFIED,
            ActivityType.STATUS_CHANGED,
            "Status changed from new to qualified",
            {"from": "new", "to": "qualified"},
        ),
    ]


def _of_john_again() -> list[Entity]:
    mail = _mail("email_456def", JOHN_AGAIN, _NEXT_DAY, "Your Auto Insurance Quote")
    mail.body, mail.template_id = "Hi John, Here's the quote we discussed...", "template_quote_followup"
    details = {"emailId": mail.id, "template": "quote_followup"}
    began = _NEXT_DAY - timedelta(hours=1)
    return [
        mail,
        _activity("act_demo_again_1", JOHN_AGAIN, began, "Lead created from facebook_ads", source="facebook_ads"),
        _entry("act_123", JOHN_AGAIN, _NEXT_DAY, ActivityType.EMAIL_SENT, "Quote follow-up email sent", details),
    ]


def _note(id: str, lead_id: str, at: datetime, content: str) -> Note:
    visibility = NoteVisibility.TEAM
    audience = audience_of(visibility, JANE, TEAM)
    note: Note = _owned(
        Note,
        id,
        at,
        lead_id=lead_id,
        content=content,
        visibility=visibility,
        audience=audience,
        created_by_id=JANE,
    )
    return note


def _task(
    id: str, lead_id: str, at: datetime, title: str, description: str | None, priority: TaskPriority, days: int = 1
) -> Task:
    task: Task = _owned(
        Task,
        id,
        at,
        lead_id=lead_id,
        title=title,
        description=description,
        priority=priority,
        status=TaskStatus.OPEN,
        type=TaskType.FOLLOW_UP,
        due_date=(at + timedelta(days=days)).replace(hour=17, minute=0, second=0),
        assignee_id=JANE,
        created_by_id=JANE,
        updated_at=at,
    )
    return task


def _mail(id: str, lead_id: str, at: datetime, subject: str) -> Email:
    mail: Email = _owned(
        Email,
        id,
        at,
        lead_id=lead_id,
        status=EmailStatus.SENT,
        to=["john.doe@example.com"],
        subject=subject,
        body=f"Hi John,\n\n{subject}.\n\nJane",
        sent_at=at,
        created_by_id=JANE,
    )
    return mail


def _sent(id: str, mail: Email) -> Activity:
    details = {"emailId": mail.id}
    return _entry(id, JOHN, mail.created_at, ActivityType.EMAIL_SENT, f"E-mail sent: {mail.subject}", details)


def _activity(id: str, lead_id: str, at: datetime, description: str, **details: Any) -> Activity:
    return _entry(id, lead_id, at, ActivityType.LEAD_CREATED, description, details)


def _entry(
    id: str,
    lead_id: str,
    at: datetime,
    type: ActivityType,
    description: str,
    details: dict[str, Any] | None = None,
) -> Activity:
    entry: Activity = _owned(
        Activity,
        id,
        at,
        lead_id=lead_id,
        type=type,
        description=description,
        details=details or {},
        created_by_id=JANE,
    )
    return entry
