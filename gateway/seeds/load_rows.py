"""Making the rows of a load, one kind after the other, each kind from what the earlier ones left."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any, TypeVar

from domain.accounts import Account, name_key
from domain.activities import Activity, ActivityType
from domain.contacts import Contact, domain_of
from domain.leads import Lead, LeadStatus
from domain.notes import Note
from domain.tasks import Task, TaskStatus
from domain.visibility import audience_of
from gateway.seeds import words
from gateway.seeds.rows import new_lead, values_of

T = TypeVar("T")
Row = dict[str, Any]

_SPAN = timedelta(days=730)
_LONGEST_WORK = timedelta(days=45)


@dataclass(frozen=True, slots=True)
class Base:
    """What rows stand on: the organization, the moment, its staff with their teams, the next free numbers."""

    organization_id: str
    now: datetime
    users: list[tuple[str, str | None]]
    first_account: int
    first_contact: int


@dataclass(frozen=True, slots=True)
class _Person:
    """A contact as leads need it."""

    id: str
    email: str
    first_name: str
    last_name: str


@dataclass(frozen=True, slots=True)
class _Made:
    """A lead as what hangs on it needs it."""

    id: str
    created_at: datetime
    updated_at: datetime
    status: LeadStatus
    word: str
    source: str
    user: int


class _Dice:
    """Choices by share, ready to be drawn fast."""

    def __init__(self, random: Random, shares: Mapping[T, int]) -> None:
        self._random = random
        self._faces = [value for value, share in shares.items() for _ in range(share)]

    def roll(self) -> Any:
        """One value, each as often as its share says."""
        return self._faces[int(self._random.random() * len(self._faces))]


class Maker:
    """Makes rows from a base; the same base makes the same choices."""

    def __init__(self, base: Base) -> None:
        self._base = base
        # Not for secrets: the same numbers should come again.
        self._random = Random(base.first_contact)  # noqa: S311
        self._domains: list[tuple[str, str]] = []
        self._people: list[_Person] = []
        self._leads: list[_Made] = []

    def accounts(self, count: int) -> Iterator[Row]:
        """Companies, made before their people."""
        for number in range(self._base.first_account, self._base.first_account + count):
            beginning, ending = self._one(words.COMPANY_BEGINNINGS), self._one(words.COMPANY_ENDINGS)
            city, state = self._one(words.CITIES)
            name, at = f"{beginning} {ending}", self._moment(number - self._base.first_account, count)
            row = values_of(
                Account(
                    **self._owned(Account.new_id(), at),
                    updated_at=at,
                    name=name,
                    name_key=name_key(name),
                    technologies=[],
                    domain=f"{beginning}-{ending}-{number}.example".lower(),
                    industry=self._one(words.INDUSTRIES),
                    size=f"{self._random.randrange(10, 2000)} employees",
                    location=f"{city}, {state}",
                )
            )
            self._domains.append((row["id"], row["domain"]))
            yield row

    def contacts(self, count: int) -> Iterator[Row]:
        """People: about every second one at a company, the others with a private address."""
        for number in range(count):
            first, last = self._one(words.FIRST_NAMES), self._one(words.LAST_NAMES)
            account, domain = None, self._one(words.PRIVATE_MAIL)
            if self._domains and self._random.random() < 0.5:
                account, domain = self._one(self._domains)
            email = f"{first}.{last}.{self._base.first_contact + number}@{domain}".lower()
            row = values_of(
                Contact(
                    **self._owned(Contact.new_id(), self._moment(number, count)),
                    email=email,
                    host=domain_of(email),
                    name=f"{first} {last}",
                    account_id=account,
                )
            )
            self._people.append(_Person(row["id"], row["email"], first, last))
            yield row

    def leads(self, count: int) -> Iterator[Row]:
        """Leads over two years, oldest first; where there are no people, reachable by telephone only."""
        sources, statuses = self._dice(words.SOURCES), self._dice(words.STATUSES)
        insurance = self._dice(words.INSURANCE)
        for number in range(count):
            lead, user = self._lead(number, count, sources.roll(), statuses.roll(), insurance.roll())
            self._leads.append(
                _Made(lead.id, lead.created_at, lead.updated_at, lead.status, lead.status_text, lead.source, user)
            )
            yield values_of(lead)

    def notes(self, count: int) -> Iterator[Row]:
        """Notes, spread evenly over the leads."""
        visibilities = self._dice(words.VISIBILITIES)
        for lead, _ in self._each(count):
            author, team = self._base.users[lead.user]
            visibility = visibilities.roll()
            yield values_of(
                Note(
                    **self._owned(Note.new_id(), self._after(lead)),
                    lead_id=lead.id,
                    content=self._one(words.NOTES),
                    visibility=visibility,
                    audience=audience_of(visibility, author, team),
                    created_by_id=author,
                )
            )

    def tasks(self, count: int) -> Iterator[Row]:
        """Tasks, spread evenly over the leads; completed ones say when."""
        statuses, types = self._dice(words.TASK_STATUSES), self._dice(words.TASK_TYPES)
        priorities = self._dice(words.PRIORITIES)
        for lead, _ in self._each(count):
            at, status = self._after(lead), statuses.roll()
            changed = at if status is TaskStatus.OPEN else min(at + timedelta(hours=30), self._base.now)
            author = self._base.users[lead.user][0]
            yield values_of(
                Task(
                    **self._owned(Task.new_id(), at),
                    lead_id=lead.id,
                    title=self._one(words.TITLES),
                    priority=priorities.roll(),
                    status=status,
                    type=types.roll(),
                    due_date=(at + timedelta(days=1 + self._below(9))).replace(hour=17, minute=0, second=0),
                    assignee_id=author,
                    created_by_id=author,
                    updated_at=changed,
                    completed_at=changed if status is TaskStatus.COMPLETED else None,
                )
            )

    def activities(self, count: int) -> Iterator[Row]:
        """Timelines: how each lead began, then how it moved, then what was reported."""
        reported = self._dice({kind: share for kind, (_, share) in words.REPORTED.items()})
        for lead, place in self._each(count):
            kind, at, details = reported.roll(), self._after(lead), {}
            description = words.REPORTED[kind][0]
            if place == 0:
                kind, at, details = ActivityType.LEAD_CREATED, lead.created_at, {"source": lead.source}
                description = f"Lead created from {lead.source}"
            elif place == 1 and lead.status is not LeadStatus.NEW:
                kind, at, details = ActivityType.STATUS_CHANGED, lead.updated_at, {"from": "new", "to": lead.word}
                description = f"Status changed from new to {lead.word}"
            yield values_of(
                Activity(
                    **self._owned(Activity.new_id(), at),
                    lead_id=lead.id,
                    type=kind,
                    description=description,
                    details=details,
                    created_by_id=self._base.users[lead.user][0] if place else None,
                )
            )

    def _lead(self, number: int, count: int, source: str, status: str, insurance: Any) -> tuple[Lead, int]:
        at = self._moment(number, count)
        user = self._below(len(self._base.users))
        city, state = self._one(words.CITIES)
        phone = not self._people or self._random.random() < 0.8
        person = self._people[self._below(len(self._people))] if self._people else None
        lead = new_lead(
            Lead.new_id(),
            self._base.organization_id,
            at,
            updated_at=at if status == "new" else self._between(at, min(at + _LONGEST_WORK, self._base.now)),
            status=status,
            source=source,
            email=person.email if person else None,
            phone=f"+1555{number % 10_000_000:07}" if phone else None,
            first_name=person.first_name if person else self._one(words.FIRST_NAMES),
            last_name=person.last_name if person else self._one(words.LAST_NAMES),
            city=city,
            state=state,
            insurance_type=insurance,
            tags=[self._one(words.TAGS)] if self._random.random() < 0.4 else [],
            custom_fields={"campaignId": f"camp_{1 + self._below(40):03}"} if source == "facebook_ads" else {},
            assigned_to_id=self._base.users[user][0] if status != "new" or self._random.random() < 0.5 else None,
            contact=person,
        )
        return lead, user

    def _each(self, count: int) -> Iterator[tuple[_Made, int]]:
        """Leads round and round, with how often each has come before; none when there are no leads."""
        for number in range(count if self._leads else 0):
            yield self._leads[number % len(self._leads)], number // len(self._leads)

    def _owned(self, id: str, at: datetime) -> Row:
        return {"id": id, "organization_id": self._base.organization_id, "created_at": at}

    def _dice(self, shares: Mapping[Any, int]) -> _Dice:
        return _Dice(self._random, shares)

    def _below(self, bound: int) -> int:
        return int(self._random.random() * bound)

    def _one(self, values: Any) -> Any:
        return values[int(self._random.random() * len(values))]

    def _moment(self, number: int, count: int) -> datetime:
        """A moment within two years: later numbers come later."""
        share = (number + self._random.random()) / max(1, count)
        return (self._base.now - _SPAN * (1 - share)).replace(microsecond=0)

    def _after(self, lead: _Made) -> datetime:
        return self._between(lead.created_at, min(lead.created_at + _LONGEST_WORK, self._base.now))

    def _between(self, low: datetime, high: datetime) -> datetime:
        return (low + (high - low) * self._random.random()).replace(microsecond=0)
