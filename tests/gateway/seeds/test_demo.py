"""The demo organization, compared with what the documents print."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

import rest_compat.crm_ultra
from domain.errors import DomainError, Kind
from domain.leads import Lead
from domain.organizations import Organization
from gateway.app import create_app
from gateway.database import Database
from gateway.engines import open_engines
from gateway.seeds import demo
from gateway.seeds.demo_keys import Known, ensure_access
from gateway.settings import load
from tests.clocks import SetClock
from tests.factories.credentials import resolve
from tests.factories.leads import lead_row
from tests.factories.organizations import make_organization, make_viewer, store
from tests.graphs import Graph
from tests.vaults import VAULT

_EXAMPLES = Path(rest_compat.crm_ultra.__file__).parent / "examples"


@pytest.fixture
async def seeded(database: Database) -> Database:
    """A database with the demo in it."""
    await demo.seed(database)
    return database


@pytest.fixture
async def crm_ultra(seeded: Database, database_url: str, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """CRM-Ultra's door, asked with the demo's key."""
    app = create_app(load(env_file=None, data_dir=tmp_path, database_url=database_url))
    key = (await ensure_access(seeded, Known())).keys["crm_ultra"]
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://demo/v1", headers={"X-API-Key": key}) as client:
        yield client
    await app.state.parts.database.engines.dispose()


def _printed(name: str) -> Any:
    return json.loads((_EXAMPLES / name / "response.json").read_text())


@pytest.mark.parametrize(
    ("path", "example"),
    [
        ("/leads/lead_123456789", "leads_get"),
        ("/users/me", "users_me"),
        ("/emails/templates", "email_templates_list"),
    ],
)
async def test_printed_record_comes_out_as_printed(crm_ultra: httpx.AsyncClient, path: str, example: str):
    assert (await crm_ultra.get(path)).json() == _printed(example)


async def test_printed_activity_is_on_a_timeline_of_john_doe(crm_ultra: httpx.AsyncClient):
    timeline = (await crm_ultra.get("/leads/lead_987654321/activities")).json()["activities"]

    assert timeline[0] == _printed("activities_list")["activities"][0]


async def test_printed_note_is_on_its_lead_in_full(crm_ultra: httpx.AsyncClient):
    notes = (await crm_ultra.get("/leads/lead_123456789/notes")).json()["data"]

    printed = _printed("notes_create")
    note = next(each for each in notes if each["id"] == printed["id"])
    assert note["content"].startswith(printed["content"].removesuffix("..."))
    assert note | {"content": printed["content"]} == printed


async def test_printed_task_and_email_and_company_are_in_the_graph(seeded: Database):
    key = (await ensure_access(seeded, Known())).keys["graphql_admin"]
    admin = await resolve(seeded, {"x-api-key": key})
    assert admin is not None

    answer = await Graph(seeded, admin)(
        """{
          task(id: "task_xyz789") { title priority status dueDate assignee { name } lead { id } }
          email: node(id: "email_456def") { ... on Email { status to subject sentAt opened template { name } } }
          account(id: "acc_123456789") { name domain contacts(first: 1) { nodes { email } }
            leads(first: 1) { nodes { assignedTo { name } } } }
          leads(first: 1) { nodes { account { id } } totalCount }
        }"""
    )

    assert answer.errors == []
    assert answer.data["task"] == {
        "title": "Follow up on quote",
        "priority": "HIGH",
        "status": "OPEN",
        "dueDate": "2024-01-17T17:00:00Z",
        "assignee": {"name": "Jane Smith"},
        "lead": {"id": "lead_123456789"},
    }
    assert answer.data["email"] == {
        "status": "SENT",
        "to": ["john.doe@example.com"],
        "subject": "Your Auto Insurance Quote",
        "sentAt": "2024-01-16T10:30:00Z",
        "opened": False,
        "template": {"name": "Quote Follow-up"},
    }
    assert answer.data["account"] == {
        "name": "TechCorp Solutions",
        "domain": "techcorp.com",
        "contacts": {"nodes": [{"email": "sarah.johnson@techcorp.com"}]},
        "leads": {"nodes": [{"assignedTo": {"name": "Jane Smith"}}]},
    }
    assert answer.data["leads"]["nodes"] == [{"account": {"id": "acc_123456789"}}]
    assert answer.data["leads"]["totalCount"] > 40


async def test_a_second_seed_puts_nothing_in(seeded: Database):
    assert await demo.seed(seeded) == 0


@pytest.fixture
async def embedded(sqlite_database_url: str, clock: SetClock) -> AsyncIterator[Database]:
    """A database that no other test needs the demo in."""
    engines = open_engines(sqlite_database_url, pool_size=5, pool_timeout=10, busy_timeout=5)
    yield Database(engines, clock, VAULT, bulk=500, poll_seconds=0.05)
    await engines.dispose()


async def test_a_printed_id_in_another_organization_stops_the_seed(embedded: Database):
    elsewhere = await make_organization(embedded)
    lead = lead_row(elsewhere, embedded.clock.now(), email="john@example.com")
    lead.id = "lead_123456789"
    await store(embedded, lead)

    with pytest.raises(DomainError) as refused:
        await demo.seed(embedded)

    assert refused.value.kind is Kind.CONFLICT
    assert "lead_123456789" in refused.value.message
    assert await embedded.rows(select(Organization.id)) == [(elsewhere,)]


async def test_what_was_changed_through_a_door_stays_so(embedded: Database):
    await demo.seed(embedded)

    async def rename(session: AsyncSession) -> None:
        (await session.get_one(Lead, "lead_123456789")).city = "Boston"

    await embedded.store(rename)
    await demo.seed(embedded)

    assert await embedded.rows(select(Lead.city).where(Lead.id == "lead_123456789")) == [("Boston",)]


async def test_the_printed_feedback_is_there_among_that_of_the_demos_people(seeded: Database):
    viewer = await make_viewer(seeded, demo.ORGANIZATION)
    query = """{ node(id: "fb_456") { ... on Feedback { content sentimentScore category themes endUser { externalId
      churn { riskLevel riskFactors { factor } } } recommendations { kind estimatedEffort } } }
      feedbackReport { totalFeedback groups { count } } contact(id: "ctc_demo_03") { feedback { totalCount } }
      lead(id: "lead_demo_03") { feedback { nodes { category priority } } } }"""
    told = await Graph(seeded, viewer).data(query)
    assert told["node"]["content"] == "Great app but needs dark mode"
    assert (told["node"]["sentimentScore"], told["node"]["themes"]) == (0.75, ["dark_mode", "ui_improvement"])
    assert told["node"]["endUser"]["externalId"] == "user_123"
    assert told["node"]["endUser"]["churn"]["riskLevel"] == "HIGH"
    assert told["node"]["recommendations"] == [{"kind": "add_to_roadmap", "estimatedEffort": "2 weeks"}]
    assert told["feedbackReport"]["totalFeedback"] > 20
    assert all(each["count"] for each in told["feedbackReport"]["groups"])
    assert told["lead"]["feedback"]["nodes"] == [{"category": "BUG_REPORT", "priority": "HIGH"}]
    assert told["contact"]["feedback"]["totalCount"] == 1
