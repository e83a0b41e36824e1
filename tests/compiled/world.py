"""One database with something in every table, asked by viewers of every kind, and what is known of it to ask for."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import String, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from domain.organizations import Organization
from domain.permissions import Permission, Role
from domain.tables import METADATA
from domain.viewer import Dialect, Viewer
from domain.visibility import NoteVisibility
from gateway.database import Database
from gateway.engines import open_engines
from gateway.seeds import demo
from gateway.seeds.printed import JANE, ORGANIZATION, SAM
from tests.clocks import SetClock
from tests.factories.contexts import terms_of
from tests.factories.crm import make_crm
from tests.factories.leads import account_row, contact_row, lead_row, note_row, task_row
from tests.factories.organizations import make_organization, make_team, make_viewer, store
from tests.vaults import VAULT

NOW = datetime(2024, 5, 15, 14, 30, tzinfo=UTC)
"""After most of what the demo tells of has happened, and before some of it."""
ODD = (
    "",
    " ",
    "Zoë O\u2019Neil",
    "日本語 🦊",
    "\u202eright to left\u202c",
    'quote " and \\ backslash',
    "line\nbreak\ttab",
    "%_*?",
    "</script>",
    "\u2028",
    "\x7f",
    "naïve",
)
"""Texts that writers of JSON and readers of patterns go wrong with."""
_LONGEST = 80


@dataclass(frozen=True)
class Known:
    """What is stored, to be asked for: ids by prefix, texts by the name of their column; and viewers by their kind."""

    ids: Mapping[str, Sequence[str]]
    texts: Mapping[str, Sequence[str]]
    viewers: Mapping[str, Viewer | None]


def boundary(url: str) -> Database:
    """A database behind a boundary of its own: what one remembers of totals another does not."""
    engines = open_engines(url, pool_size=5, pool_timeout=10, busy_timeout=5)
    database = Database(engines, SetClock(NOW), VAULT, bulk=500, poll_seconds=0.05, public_url="https://graph.example")
    database.webhooks = terms_of(database)
    return database


async def furnish(database: Database) -> Known:
    """Put in the demo, a small CRM of everything beside it, and oddities; what is known of it.

    There are other organizations, too: one has nothing at all, one is a sandbox.
    """
    await demo.seed(database)
    crm = await make_crm(database, ORGANIZATION, 3)
    other = await make_organization(database, name="Elsewhere")
    await make_crm(database, other, 2)
    sandbox = await make_organization(database, name="Sandbox")
    await make_crm(database, sandbox, 1)
    team = await make_team(database, ORGANIZATION, name="Ünïque")
    reader = await make_viewer(database, ORGANIZATION, role=Role.ADMIN, team=team)
    await store(database, *_odd(team, reader.user_id or ""))

    async def attach(session: AsyncSession) -> None:
        await session.execute(update(Organization).where(Organization.id == sandbox).values(sandbox_of_id=ORGANIZATION))

    await database.store(attach)
    nothing = await make_organization(database, name="Nothing")
    viewers = {
        "reader": reader,
        "jane": replace(reader, user_id=JANE, team_id=crm.ids["Team"]),
        "sam": replace(reader, user_id=SAM, team_id=None),
        "representative": await make_viewer(database, ORGANIZATION, role=Role.SALES_REP, team=team, scopes=("read",)),
        "machine": await make_viewer(database, ORGANIZATION, role=Role.INTEGRATION, user=False),
        "copycar": replace(reader, dialect=Dialect.COPYCAR, user_id=None, team_id=None),
        "nobody": Viewer.nobody(ORGANIZATION),
        "other": await make_viewer(database, other),
        "nothing": await make_viewer(database, nothing),
        "sandbox": replace(
            await make_viewer(database, sandbox, role=Role.INTEGRATION, user=False),
            home_organization_id=ORGANIZATION,
        ),
        "anonymous": None,
    }
    return Known(await _ids(database), await _texts(database), viewers)


def lacking(viewer: Viewer | None, permissions: Sequence[Permission]) -> Viewer | None:
    """The viewer without some permissions."""
    return viewer and replace(viewer, permissions=viewer.permissions - set(permissions))


def _odd(team: str, user: str) -> list[Any]:
    """Rows of texts that are hard to write, of everything that may be null, of notes that few may see."""
    rows: list[Any] = []
    for number, text in enumerate(ODD):
        at = NOW - timedelta(days=number % 4, seconds=number % 3)
        account = account_row(
            ORGANIZATION, at, name=f"{text} {number}", industry=text, location=text, technologies=[text] * (number % 3)
        )
        contact = contact_row(ORGANIZATION, at, f"odd{number}@example.com", name=text, account_id=account.id)
        lead = lead_row(
            ORGANIZATION,
            at,
            status=("new", "WON", "contacted", "some word of theirs")[number % 4],
            source=text or "odd",
            email=contact.email if number % 2 else None,
            first_name=text,
            city=text if number % 3 else None,
            tags=[text, text] if number % 3 else [],
            custom_fields={"text": text, "nested": {"list": [1, 2.5, None, True, text]}, text or "key": number},
            contact_id=contact.id if number % 4 else None,
            assigned_to_id=(user, JANE, None)[number % 3],
            score_reasons=[{"points": number, "reason": text}],
        )
        rows += [account, contact, lead]
        for visibility, author in (
            (NoteVisibility.PRIVATE, user),
            (NoteVisibility.PRIVATE, JANE),
            (NoteVisibility.TEAM, user),
            (NoteVisibility.PUBLIC, None),
        ):
            audience = {"PRIVATE": f"user:{author}", "TEAM": f"team:{team}"}.get(visibility.value)
            note = note_row(lead.id, ORGANIZATION, at, author=author, content=text, visibility=visibility)
            note.audience = audience
            rows.append(note)
        rows.append(task_row(lead.id, ORGANIZATION, at, title=text or "-", assignee_id=None, due_date=None))
    return rows


async def _ids(database: Database) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for table in METADATA.sorted_tables:
        if "id" in table.c and isinstance(table.c.id.type, String):
            for (row_id,) in await database.rows(select(table.c.id).order_by(table.c.id)):
                found[row_id.partition("_")[0]].append(row_id)
    return dict(found)


async def _texts(database: Database) -> dict[str, list[str]]:
    """A few values of every column, by its name."""
    found: dict[str, dict[str, None]] = defaultdict(dict)
    for table in METADATA.sorted_tables:
        rows = await database.rows(select(table).order_by(*table.primary_key.columns).limit(40))
        for row in rows:
            for name, value in row._mapping.items():
                text = value.isoformat() if isinstance(value, date) else value
                if isinstance(text, str) and len(text) <= _LONGEST:
                    found[name][str(text)] = None
    return {name: sorted(values)[:60] for name, values in found.items()}


def snake(name: str) -> str:
    """The name of a column for that of a field."""
    return re.sub(r"([A-Z])", r"_\1", name).lower()


async def empty_tables(database: Database) -> list[str]:
    """The tables that hold nothing."""
    return [t.name for t in METADATA.sorted_tables if not await database.rows(select(*t.primary_key.columns).limit(1))]
