"""What can be done with companies: make and change them, and find or make those that callers name."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import and_, delete, or_, update

from domain.accounts import Account, AccountPlace, domain_name, name_key, website_address
from domain.contacts import Contact
from domain.errors import conflict, invalid
from domain.events import EventType
from domain.jurisdictions import law_at
from domain.permissions import Permission
from domain.texts import TEXT, line, needed, text
from domain.values import ABSENT, Absent
from resolvers.drafts import taken
from resolvers.reads import visible_to
from resolvers.sql import one_at_a_time
from resolvers.unit import Keys, Unit, requires

_TECHNOLOGIES = 100
"""Most technologies of a company."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountDraft:
    """A company as somebody describes it."""

    name: str | Absent | None = ABSENT
    domain: str | Absent | None = ABSENT
    industry: str | Absent | None = ABSENT
    size: str | Absent | None = ABSENT
    revenue: str | Absent | None = ABSENT
    location: str | Absent | None = ABSENT
    founded: str | Absent | None = ABSENT
    website: str | Absent | None = ABSENT
    description: str | Absent | None = ABSENT
    technologies: list[str] | Absent | None = ABSENT


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountPatch(AccountDraft):
    """Changes to a company: what is absent stays, null clears."""

    id: str


@requires(Permission.WRITE_ACCOUNTS)
async def create(unit: Unit, draft: AccountDraft) -> Keys:
    """Make a company."""
    values = checked(draft)
    known = await _named(unit, values)
    if known is not None:
        field = "domain" if known.domain and known.domain == values.get("domain") else "name"
        raise conflict(f"{field} is that of another company, {known.id}.", field)
    return {"account": (await _make(unit, values)).id}


@requires(Permission.WRITE_ACCOUNTS)
async def change(unit: Unit, patch: AccountPatch) -> Keys:
    """Merge changes into a company."""
    account = await unit.load(Account, patch.id)
    values = {"name": account.name} | checked(patch, needs_name=not isinstance(patch.name, Absent))
    await _free(unit, account, values)
    await _take(unit, account, values)
    return {"account": account.id}


async def find_or_make(unit: Unit, draft: AccountDraft, prefix: str = "") -> Account:
    """The one company with this domain, else with this name; what was not known of it is filled in (CC-47).

    `prefix` stands before the names of fields that are refused, such as `company.`.
    """
    values = checked(draft, prefix=prefix)
    known = await _named(unit, values)
    if known is None:
        return await _make(unit, values)
    new = {name: value for name, value in values.items() if value and not getattr(known, name)}
    # Technologies add up: nobody lists all of them at once.
    together = _distinct([*known.technologies, *values.get("technologies", [])])[:_TECHNOLOGIES]
    await _take(unit, known, new | {"technologies": together})
    return known


def facts(account: Account) -> dict[str, Any]:
    """The company as events tell it."""
    return {"id": account.id, "name": account.name, "domain": account.domain, "industry": account.industry}


def checked(draft: AccountDraft, *, needs_name: bool = True, prefix: str = "") -> dict[str, Any]:
    """What was sent of a company, by the entity's attribute names.

    Raises:
        DomainError: every problem at once, each naming its field.
    """
    checks: Mapping[str, Callable[[Any], Any]] = {
        "domain": partial(_domain, f"{prefix}domain"),
        "industry": partial(line, f"{prefix}industry"),
        "size": partial(line, f"{prefix}size"),
        "revenue": partial(line, f"{prefix}revenue"),
        "location": partial(line, f"{prefix}location"),
        "founded": partial(line, f"{prefix}founded"),
        "website": partial(_website, f"{prefix}website"),
        "description": partial(line, f"{prefix}description", longest=TEXT),
        "technologies": partial(_technologies, f"{prefix}technologies"),
    }
    if needs_name:
        name = needed(f"{prefix}name", draft.name)
        return {"name": " ".join(name.split())} | taken(draft, checks)
    return taken(draft, checks)


def _domain(field: str, value: str | None) -> str | None:
    return domain_name(field, value) if value and value.strip() else None


def _website(field: str, value: str | None) -> str | None:
    return website_address(field, value) if value and value.strip() else None


def _technologies(field: str, value: list[str] | None) -> list[str]:
    wanted = [" ".join(text(field, needed(field, each)).split()) for each in value or []]
    if len(wanted) > _TECHNOLOGIES:
        raise invalid(field, f"{field} must be at most {_TECHNOLOGIES} texts.")
    return _distinct(wanted)


def _distinct(technologies: Sequence[str]) -> list[str]:
    """Each once, in its first spelling and place."""
    found: dict[str, str] = {}
    for each in technologies:
        found.setdefault(each.casefold(), each)
    return list(found.values())


async def _named(unit: Unit, values: Mapping[str, Any]) -> Account | None:
    """The company that is meant, found while nobody else can make one of the same name."""
    own = visible_to(unit.viewer, Account)
    key, domain = name_key(values["name"]), values.get("domain")
    await one_at_a_time(unit.session, f"account {unit.viewer.organization_id} {key}")
    named, oldest = Account.name_key == key, (Account.created_at, Account.id)
    if domain:
        # Whoever has the same name and another domain is another company.
        meant = or_(Account.domain == domain, and_(Account.domain.is_(None), named))
        wanted = own.where(meant).order_by(Account.domain.is_(None), *oldest)
    else:
        wanted = own.where(named).order_by(*oldest)
    found: Account | None = await unit.find(wanted.with_for_update())
    return found


async def _make(unit: Unit, values: dict[str, Any]) -> Account:
    domain = values.get("domain")
    account = Account(
        id=Account.new_id(),
        organization_id=unit.viewer.organization_id,
        created_at=unit.now,
        updated_at=unit.now,
        name_key=name_key(values["name"]),
        **{"technologies": [], "website": f"https://{domain}" if domain else None} | values,
    )
    unit.add(account)
    await unit.flush()
    await _follow(unit, account, new=True)
    unit.record(EventType.ACCOUNT_CREATED, account, facts(account))
    return account


async def _take(unit: Unit, account: Account, values: dict[str, Any]) -> None:
    values = {name: value for name, value in values.items() if getattr(account, name) != value}
    if not values:
        return
    for name, value in values.items():
        setattr(account, name, value)
    account.name_key = name_key(account.name)
    account.updated_at = unit.now
    await unit.flush()
    if values.keys() & {"domain", "location"}:
        await _follow(unit, account)
    unit.record(EventType.ACCOUNT_UPDATED, account, facts(account))


async def _free(unit: Unit, account: Account, values: Mapping[str, Any]) -> None:
    """Let a domain, or without one a name, pass that no other company has."""
    others = visible_to(unit.viewer, Account).where(Account.id != account.id)
    domain = values.get("domain", account.domain)
    if domain:
        field, same = "domain", others.where(Account.domain == domain)
    else:
        field, same = "name", others.where(Account.domain.is_(None), Account.name_key == name_key(values["name"]))
    other = await unit.find(same)
    if other is not None:
        raise conflict(f"{field} is that of another company, {other.id}.", field)


async def _follow(unit: Unit, account: Account, *, new: bool = False) -> None:
    """Link the people whose address has the company's domain, and note whose law holds where the company is."""
    if account.domain:
        theirs = (Contact.organization_id == account.organization_id, Contact.host == account.domain)
        linked = update(Contact).where(*theirs, Contact.account_id.is_(None)).values(account_id=account.id)
        await unit.session.execute(linked.execution_options(synchronize_session=False))
    if not new:
        gone = delete(AccountPlace).where(AccountPlace.account_id == account.id)
        await unit.session.execute(gone.execution_options(synchronize_session=False))
    for jurisdiction in law_at(account.location or ""):
        unit.add(
            AccountPlace(
                id=AccountPlace.new_id(),
                organization_id=account.organization_id,
                created_at=unit.now,
                account_id=account.id,
                jurisdiction=jurisdiction,
            )
        )
