"""`viewer { budget }`: what is left of every limit, and nothing of anybody else's."""

from __future__ import annotations

from dataclasses import replace

from domain.clients import USUAL_TIER
from domain.errors import Code
from domain.limits import DOCUMENTED, POINTS_PER_MINUTE, LimitGroup
from domain.quotas import TokenUsage
from domain.viewer import Dialect, Viewer
from gateway.database import Database
from tests.clocks import SetClock
from tests.conftest import CountStatements
from tests.factories.credentials import make_client
from tests.factories.organizations import store
from tests.graphs import Graph

STANDING = "group window limit used remaining resetAt"
BUDGET = f"{{ viewer {{ budget {{ requests {{ {STANDING} }} points {{ {STANDING} }} tokens {{ {STANDING} }} }} }} }}"


async def budget(graph: Graph, viewer: Viewer) -> dict[str, object]:
    found: dict[str, object] = (await graph.data(BUDGET, viewer))["viewer"]["budget"]
    return found


def told(group: str, window: str, limit: int, used: int, reset_at: str) -> dict[str, object]:
    rest = {"limit": limit, "used": used, "remaining": limit - used, "resetAt": reset_at}
    return {"group": group, "window": window} | rest


async def client(database: Database, viewer: Viewer, dialect: Dialect | None) -> Viewer:
    client_id = await make_client(database, viewer.organization_id, dialect=dialect, monthly_tokens=1_000)
    return replace(viewer, client_id=client_id, dialect=dialect, tier=USUAL_TIER[dialect])


async def test_every_group_of_the_product_in_its_order(
    graph: Graph, database: Database, viewer: Viewer, clock: SetClock
) -> None:
    brain = await client(database, viewer, Dialect.CLICKUP_BRAIN)
    await graph.limits.charge(brain, {LimitGroup.API_REQUESTS: 1, LimitGroup.DOCUMENT_PROCESSING: 7})
    await graph.limits.charge(brain, {LimitGroup.POINTS: 123})
    await store(database, TokenUsage(client_id=brain.client_id, month="2024-01", used=400))
    minute, hour = "2024-01-15T14:31:00Z", "2024-01-15T15:00:00Z"

    assert await budget(graph, brain) == {
        "requests": [
            told("API_REQUESTS", "HOUR", 1_000, 1, hour),
            told("API_REQUESTS", "MINUTE", 200, 1, minute),
            told("DOCUMENT_PROCESSING", "HOUR", 100, 7, hour),
            told("DOCUMENT_PROCESSING", "MINUTE", 20, 7, minute),
            told("FEEDBACK_PROCESSING", "HOUR", 500, 0, hour),
            told("FEEDBACK_PROCESSING", "MINUTE", 100, 0, minute),
            told("CAMPAIGN_ANALYSIS", "HOUR", 50, 0, hour),
        ],
        "points": told("POINTS", "MINUTE", 500_000, 123, minute),
        "tokens": told("TOKENS", "MONTH", 1_000, 400, "2024-02-01T00:00:00Z"),
    }


async def test_every_product_has_its_own(graph: Graph, database: Database, viewer: Viewer) -> None:
    for dialect in (*Dialect, None):
        found = await budget(graph, await client(database, viewer, dialect))
        documented = DOCUMENTED[dialect][USUAL_TIER[dialect]] if dialect else ()
        assert [(each["group"], each["window"], each["limit"]) for each in found["requests"]] == [
            (each.group.name, each.window.name, each.limit) for each in documented
        ]
        assert found["points"]["limit"] == POINTS_PER_MINUTE[USUAL_TIER[dialect]]
        assert found["tokens"]["limit"] == 1_000


async def test_looking_costs_nothing_and_tells_nothing_of_others(
    graph: Graph, database: Database, viewer: Viewer
) -> None:
    own, other = [await client(database, viewer, Dialect.COPYCAR) for _ in range(2)]
    await graph.limits.charge(other, {LimitGroup.API_REQUESTS: 50, LimitGroup.POINTS: 50})
    await store(database, TokenUsage(client_id=other.client_id, month="2024-01", used=400))

    first, second = await budget(graph, own), await budget(graph, own)

    assert first == second
    assert [each["used"] for each in (*first["requests"], first["points"], first["tokens"])] == [0, 0, 0]


async def test_a_credential_without_a_stored_client_has_no_tokens(graph: Graph, viewer: Viewer) -> None:
    assert (await budget(graph, viewer))["tokens"] is None


async def test_it_takes_one_statement_and_only_when_asked(
    graph: Graph, database: Database, viewer: Viewer, count_statements: CountStatements
) -> None:
    own = await client(database, viewer, Dialect.CRM_ULTRA)
    with count_statements() as ran:
        await graph.data("{ viewer { name tier } }", own)
    assert ran == []
    with count_statements() as ran:
        await budget(graph, own)
    assert len(ran) == 1


async def test_nobody_has_no_budget(graph: Graph) -> None:
    answer = await graph(BUDGET, anonymous=True)
    assert answer.codes == [Code.UNAUTHENTICATED]
