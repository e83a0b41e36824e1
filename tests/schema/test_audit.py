"""The audit log in the graph: newest first, filtered, counted as it is, and for administrators alone."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from domain.audit import AuditEntry, Door, Outcome
from domain.errors import Code, DomainError
from domain.permissions import Permission, Role
from domain.viewer import Viewer
from gateway.database import Database
from tests.clocks import SetClock
from tests.conftest import CountStatements, MakeViewer
from tests.factories.audit import make_entry
from tests.factories.crm import make_crm
from tests.graphs import Graph


async def listed(graph: Graph, where: str = "", viewer: Viewer | None = None) -> list[str]:
    """The ids of the entries that a filter leaves."""
    data = await graph.data(f"{{ auditEntries(where: {{{where}}}) {{ nodes {{ id }} totalCount }} }}", viewer)
    ids = [node["id"] for node in data["auditEntries"]["nodes"]]
    assert data["auditEntries"]["totalCount"] == len(ids)
    return ids


async def test_an_entry_tells_everything_but_what_was_sent(graph: Graph, database: Database, viewer: Viewer) -> None:
    crm = await make_crm(database, viewer.organization_id)
    query = """{ auditEntries { nodes {
      __typename id createdAt door operation outcome code status requestId address durationMs cost
      clientId client { id name } userId user { id } key { id } subject { id } } } }"""
    (entry,) = (await graph.data(query))["auditEntries"]["nodes"]
    assert entry == {
        "__typename": "AuditEntry",
        "id": crm.ids["AuditEntry"],
        "createdAt": "2024-01-15T14:30:01Z",
        "door": "GRAPHQL",
        "operation": "query { leads }",
        "outcome": "DONE",
        "code": None,
        "status": 200,
        "requestId": "req_1",
        "address": "192.0.2.1",
        "durationMs": 12,
        "cost": 21,
        "clientId": crm.ids["ApiClient"],
        "client": {"id": crm.ids["ApiClient"], "name": "Form"},
        "userId": crm.ids["User"],
        "user": {"id": crm.ids["User"]},
        "key": {"id": crm.ids["ApiKey"]},
        "subject": None,
    }
    node = "query ($id: ID!) { node(id: $id) { ... on AuditEntry { operation } } }"
    assert (await graph.data(node, id=entry["id"]))["node"] == {"operation": "query { leads }"}


async def test_a_change_of_access_leads_to_what_it_was_about(graph: Graph, viewer: Viewer) -> None:
    made = 'mutation { createTeam(input: {name: "North"}) { team { id } errors { code } } }'
    team = (await graph.data(made))["createTeam"]["team"]["id"]
    query = "{ auditEntries { nodes { operation userId subject { id __typename } } } }"
    (entry,) = (await graph.data(query))["auditEntries"]["nodes"]
    assert entry == {
        "operation": "createTeam",
        "userId": viewer.user_id,
        "subject": {"id": team, "__typename": "Team"},
    }


async def test_entries_come_newest_first_in_pages(
    graph: Graph, database: Database, organization: str, clock: SetClock
) -> None:
    made = []
    for number in range(5):
        clock.advance(seconds=number % 2)
        made.append(await make_entry(database, organization))
    found: list[str] = []
    after: str | None = None
    query = """query ($after: Cursor) { auditEntries(first: 2, after: $after) {
      nodes { id } pageInfo { endCursor hasNextPage } } }"""
    more = True
    while more:
        page = (await graph.data(query, after=after))["auditEntries"]
        found += [node["id"] for node in page["nodes"]]
        after, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]
    assert found == made[::-1]


FILTERS: dict[str, dict[str, Any]] = {
    'clientId: "client_1"': {"client_id": "client_1"},
    'userId: "user_1"': {"user_id": "user_1"},
    "door: CRM_ULTRA": {"door": Door.CRM_ULTRA},
    "outcome: REFUSED": {"outcome": Outcome.REFUSED},
    'operation: "CREATEKEY"': {"operation": "mutation Make { createKey }"},
    'operation: "/v1/leads/{id}"': {"operation": "GET /v1/leads/{id}"},
    'operation: "100%_"': {"operation": "POST /100%_"},
    'code: "RATE_LIMITED"': {"code": "RATE_LIMITED"},
    'requestId: "req_2"': {"request_id": "req_2"},
    'address: "2001:db8::1"': {"address": "2001:db8::1"},
}


@pytest.mark.parametrize("where", FILTERS)
async def test_a_filter_leaves_what_it_names(graph: Graph, database: Database, organization: str, where: str) -> None:
    await make_entry(database, organization)
    wanted = await make_entry(database, organization, **FILTERS[where])
    assert await listed(graph, where) == [wanted]


async def test_bounds_are_inclusive_and_filters_add_up(
    graph: Graph, database: Database, organization: str, clock: SetClock
) -> None:
    early = await make_entry(database, organization)
    middle = await make_entry(database, organization, clock.advance(hours=1), code="FORBIDDEN")
    late = await make_entry(database, organization, clock.advance(hours=1), code="FORBIDDEN")
    assert await listed(graph, 'since: "2024-01-15T15:30:00Z"') == [late, middle]
    assert await listed(graph, 'until: "2024-01-15T15:30:00Z"') == [middle, early]
    assert await listed(graph, 'since: "2024-01-15T15:00:00Z", until: "2024-01-15T16:00:00Z"') == [middle]
    assert await listed(graph, 'since: "2024-01-15T15:30:01Z", code: "FORBIDDEN"') == [late]


async def test_the_total_counts_what_came_without_an_event(
    graph: Graph, database: Database, organization: str, count_statements: CountStatements
) -> None:
    for expected in (1, 2, 3):
        await make_entry(database, organization)
        assert len(await listed(graph)) == expected
    with count_statements() as ran:
        await graph.data("{ auditEntries { nodes { operation } } }")
    assert len(ran) == 1


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMIN])
async def test_only_administrators_read_it(graph: Graph, viewer_of: MakeViewer, role: Role) -> None:
    answer = await graph("{ auditEntries { totalCount } }", viewer=await viewer_of(role=role))
    assert answer.codes == [Code.FORBIDDEN]


async def test_reading_and_writing_data_is_not_enough(graph: Graph, viewer_of: MakeViewer) -> None:
    plain = await viewer_of(role=Role.ADMIN, scopes=("read", "write"))
    assert (await graph("{ auditEntries { totalCount } }", viewer=plain)).codes == [Code.FORBIDDEN]
    allowed = await viewer_of(role=Role.ADMIN, scopes=(Permission.READ_AUDIT.value,))
    assert await listed(graph, viewer=allowed) == []


async def test_calls_with_a_sandbox_credential_are_for_the_organization_that_answers(
    graph: Graph, database: Database, viewer: Viewer, stranger: Viewer
) -> None:
    sandbox = replace(stranger, home_organization_id=viewer.organization_id)
    entry = await make_entry(database, sandbox.home_id)
    assert await listed(graph) == [entry]
    assert await listed(graph, viewer=stranger) == []


async def test_an_entry_cannot_be_altered(database: Database, organization: str) -> None:
    entry = await make_entry(database, organization)

    async def alter(session: AsyncSession) -> None:
        await session.execute(sa.update(AuditEntry).where(AuditEntry.id == entry).values(outcome=Outcome.FAILED))

    with pytest.raises((DomainError, sa.exc.DBAPIError)):
        await database.store(alter)
    assert (await database.rows(sa.select(AuditEntry.outcome).where(AuditEntry.id == entry)))[0][0] is Outcome.DONE
