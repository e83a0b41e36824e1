"""Companies and leads around the printed ones, so that lists, filters and reports have something to show."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from domain.accounts import Account, name_key
from domain.activities import Activity, ActivityType
from domain.contacts import Contact
from domain.entity import Entity
from domain.leads import InsuranceType, Lead, LeadStatus
from domain.notes import Note
from domain.tasks import Task, TaskPriority, TaskStatus, TaskType
from domain.visibility import NoteVisibility
from gateway.seeds.printed import JANE, ORGANIZATION, SAM
from gateway.seeds.rows import new_contact, new_lead

_COMPANIES = (
    # Newest first in lists is TechCorp; these came before it.
    ("Harbor Freightways", "harborfreightways.example", "Logistics", "800 employees", "Oakland, CA"),
    ("Bluebird Bakeries", "bluebirdbakeries.example", "Food production", "120 employees", "Portland, OR"),
    ("Northside Dental Group", "northsidedental.example", "Health care", "45 employees", "Chicago, IL"),
    ("Cedar & Stone Builders", "cedarstone.example", "Construction", "260 employees", "Denver, CO"),
    ("Lakeshore Hotels", "lakeshorehotels.example", "Hospitality", "1,400 employees", "Milwaukee, WI"),
    ("Pinnacle Analytics", "pinnacleanalytics.example", "Software", "90 employees", "Austin, TX"),
    ("Green Valley Farms", "greenvalleyfarms.example", "Agriculture", "70 employees", "Fresno, CA"),
    ("Summit Legal Partners", "summitlegal.example", "Legal services", "35 employees", "Boston, MA"),
    ("Ironworks Fitness", "ironworksfitness.example", "Sports", "150 employees", "Phoenix, AZ"),
    ("Coastal Marine Supply", "coastalmarine.example", "Retail", "55 employees", "Tampa, FL"),
    ("Brightside Schools", "brightsideschools.example", "Education", "310 employees", "Columbus, OH"),
    ("Redwood Robotics", "redwoodrobotics.example", "Manufacturing", "210 employees", "San Jose, CA"),
)

_PEOPLE = (
    # first name, last name, city, state, kind of insurance, source, status, company or None for a private address
    ("Maria", "Garcia", "Oakland", "CA", "COMMERCIAL", "website", "WON", 0),
    ("David", "Chen", "Oakland", "CA", "COMMERCIAL", "referral", "qualified", 0),
    ("Emily", "Novak", "Portland", "OR", "COMMERCIAL", "google_ads", "new", 1),
    ("Marcus", "Bell", "Seattle", "WA", "AUTO", "facebook_ads", "new", None),
    ("Aisha", "Rahman", "Chicago", "IL", "HEALTH", "website", "qualified", 2),
    ("Peter", "Olsen", "Minneapolis", "MN", "HOME", "facebook_ads", "LOST", None),
    ("Grace", "Kim", "Los Angeles", "CA", "AUTO", "facebook_ads", "WON", None),
    ("Victor", "Santos", "Denver", "CO", "BUNDLE", "referral", "WON", 3),
    ("Hannah", "Weiss", "Denver", "CO", "COMMERCIAL", "partner", "new", 3),
    ("Tyler", "Brooks", "Nashville", "TN", "AUTO", "google_ads", "new", None),
    ("Olivia", "Martin", "Milwaukee", "WI", "COMMERCIAL", "website", "qualified", 4),
    ("Samuel", "Okafor", "Houston", "TX", "LIFE", "phone", "contacted", None),
    ("Nina", "Petrova", "Austin", "TX", "BUNDLE", "website", "WON", 5),
    ("Carlos", "Mendez", "San Antonio", "TX", "AUTO", "facebook_ads", "LOST", None),
    ("Laura", "Fischer", "Austin", "TX", "HEALTH", "google_ads", "new", 5),
    ("George", "Adams", "Fresno", "CA", "COMMERCIAL", "phone", "qualified", 6),
    ("Yuki", "Tanaka", "San Francisco", "CA", "HOME", "website", "new", None),
    ("Rachel", "Green", "Boston", "MA", "LIFE", "referral", "WON", 7),
    ("Andre", "Dubois", "Boston", "MA", "COMMERCIAL", "website", "new", 7),
    ("Kevin", "Murphy", "Philadelphia", "PA", "AUTO", "facebook_ads", "new", None),
    ("Sofia", "Rossi", "Phoenix", "AZ", "HEALTH", "google_ads", "qualified", 8),
    ("James", "Walker", "Tucson", "AZ", "HOME", "facebook_ads", "LOST", None),
    ("Fatima", "Hassan", "Detroit", "MI", "AUTO", "website", "new", None),
    ("Brian", "Kelly", "Tampa", "FL", "COMMERCIAL", "partner", "WON", 9),
    ("Isabel", "Cruz", "Miami", "FL", "HOME", "facebook_ads", "contacted", None),
    ("Noah", "Schmidt", "Columbus", "OH", "BUNDLE", "website", "qualified", 10),
    ("Chloe", "Anderson", "Columbus", "OH", "HEALTH", "referral", "new", 10),
    ("Diego", "Ramirez", "El Paso", "TX", "AUTO", "facebook_ads", "new", None),
    ("Megan", "Price", "Charlotte", "NC", "LIFE", "google_ads", "LOST", None),
    ("Ethan", "Wright", "San Jose", "CA", "COMMERCIAL", "website", "qualified", 11),
    ("Leah", "Cohen", "New York", "NY", "HOME", "facebook_ads", "WON", None),
    ("Omar", "Farouk", "San Jose", "CA", "COMMERCIAL", "partner", "new", 11),
    ("Julia", "Nowak", "Buffalo", "NY", "AUTO", "website", "new", None),
    ("Henry", "Scott", "Albany", "NY", "AUTO", "facebook_ads", "qualified", None),
    ("Priya", "Patel", "Edison", "NJ", "BUNDLE", "referral", "new", None),
    ("Liam", "Byrne", "Savannah", "GA", "HOME", "google_ads", "contacted", None),
    ("Anna", "Larsen", "Salt Lake City", "UT", "LIFE", "website", "new", None),
    ("Jordan", "Reed", "Oakland", "CA", "COMMERCIAL", "website", "new", 0),
    ("Clara", "Hoffman", "Chicago", "IL", "COMMERCIAL", "google_ads", "new", 2),
    ("Walter", "Quinn", "Milwaukee", "WI", "COMMERCIAL", "referral", "WON", 4),
)

_FIRST_LEAD = datetime(2024, 1, 22, 15, 10, tzinfo=UTC)
_BETWEEN_LEADS = timedelta(days=3, hours=21, minutes=7)
_COMPANIES_SINCE = datetime(2023, 9, 4, 10, tzinfo=UTC)
_CALLS = ("Asked for an offer by e-mail.", "Will decide after the holidays.", "Compares us with two others.")


def around() -> list[Entity]:
    """Companies, people, and their leads with what hangs on them; the same on every call."""
    companies = [_company(number, *each) for number, each in enumerate(_COMPANIES)]
    return [*companies, *(row for number in range(len(_PEOPLE)) for row in _person(number, companies))]


def _company(number: int, name: str, domain: str, industry: str, size: str, location: str) -> Account:
    return Account(
        id=f"acc_demo_{number:02}",
        organization_id=ORGANIZATION,
        created_at=_COMPANIES_SINCE + timedelta(days=9 * number),
        updated_at=_COMPANIES_SINCE + timedelta(days=9 * number),
        name=name,
        name_key=name_key(name),
        technologies=[],
        domain=domain,
        industry=industry,
        size=size,
        location=location,
        website=f"https://{domain}",
    )


def _person(number: int, companies: list[Account]) -> Iterator[Entity]:
    first, last, city, state, insurance, source, status, company = _PEOPLE[number]
    at = _FIRST_LEAD + number * _BETWEEN_LEADS
    account = companies[company] if company is not None else None
    email = f"{first}.{last}@{account.domain if account else 'mail.example'}".lower()
    contact = new_contact(
        f"ctc_demo_{number:02}", ORGANIZATION, at, email, name=f"{first} {last}", linkedin=None, account=account
    )
    lead = new_lead(
        f"lead_demo_{number:02}",
        ORGANIZATION,
        at,
        updated_at=at if status == "new" else at + timedelta(days=2 + number % 9, hours=3),
        status=status,
        source=source,
        email=email,
        phone=f"+1555010{number:04}",
        first_name=first,
        last_name=last,
        city=city,
        state=state,
        insurance_type=InsuranceType(insurance),
        tags=_tags(number, source),
        custom_fields={"campaignId": "camp_001"} if source == "facebook_ads" else {},
        assigned_to_id=(JANE, SAM, None)[number % 3] if status == "new" else (JANE, SAM)[number % 2],
        contact=contact,
    )
    yield from (contact, lead, *_history(number, lead))


def _tags(number: int, source: str) -> list[str]:
    return [tag for tag, holds in (("referral", source == "referral"), ("high-value", number % 5 == 0)) if holds]


def _history(number: int, lead: Lead) -> Iterator[Activity | Contact | Note | Task]:
    """The timeline a lead got on its way: created, noted, planned, moved."""
    made = lead.created_at
    yield _entry(number, 0, lead, made, ActivityType.LEAD_CREATED, f"Lead created from {lead.source}")
    if number % 2:
        yield _note(number, lead)
        yield _entry(number, 1, lead, made + timedelta(hours=2), ActivityType.NOTE_ADDED, "Note added")
    if number % 3 == 0:
        yield _task(number, lead)
        yield _entry(number, 2, lead, made + timedelta(hours=4), ActivityType.TASK_CREATED, "Task created: Call back")
    if lead.status is not LeadStatus.NEW:
        text = f"Status changed from new to {lead.status_text}"
        yield _entry(number, 3, lead, lead.updated_at, ActivityType.STATUS_CHANGED, text)
    if lead.status in (LeadStatus.WON, LeadStatus.LOST):
        outcome = ActivityType(lead.status.value)
        yield _entry(number, 4, lead, lead.updated_at, outcome, f"Lead {lead.status.value.lower()}")


def _entry(number: int, step: int, lead: Lead, at: datetime, type: ActivityType, description: str) -> Activity:
    return Activity(
        id=f"act_demo_{number:02}_{step}",
        organization_id=ORGANIZATION,
        created_at=at,
        lead_id=lead.id,
        type=type,
        description=description,
        details={"from": "new", "to": lead.status_text} if type is ActivityType.STATUS_CHANGED else {},
        created_by_id=None if type is ActivityType.LEAD_CREATED else lead.assigned_to_id or JANE,
    )


def _note(number: int, lead: Lead) -> Note:
    return Note(
        id=f"note_demo_{number:02}",
        organization_id=ORGANIZATION,
        created_at=lead.created_at + timedelta(hours=2),
        lead_id=lead.id,
        content=_CALLS[number % len(_CALLS)],
        visibility=NoteVisibility.PUBLIC,
        created_by_id=lead.assigned_to_id or JANE,
    )


def _task(number: int, lead: Lead) -> Task:
    at = lead.created_at + timedelta(hours=4)
    final = lead.status in (LeadStatus.WON, LeadStatus.LOST)
    return Task(
        id=f"task_demo_{number:02}",
        organization_id=ORGANIZATION,
        created_at=at,
        lead_id=lead.id,
        title="Call back",
        priority=(TaskPriority.MEDIUM, TaskPriority.URGENT)[number % 2],
        status=TaskStatus.COMPLETED if final else TaskStatus.OPEN,
        type=TaskType.CALL,
        due_date=at + timedelta(days=2),
        assignee_id=lead.assigned_to_id or JANE,
        created_by_id=JANE,
        updated_at=lead.updated_at if final else at,
        completed_at=lead.updated_at if final else None,
    )
