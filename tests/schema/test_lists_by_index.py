"""The first page of every list is read through an index in its order, never sorted or looked for as a whole."""

from __future__ import annotations

from graphql import GraphQLNonNull, get_named_type, is_object_type

from gateway.database import Database
from gateway.sqlite import Connection
from schema.graph import graphql_schema
from tests.factories.organizations import make_organization, make_viewer
from tests.graphs import Graph, statements_of

NODE = {"events": "type"}
SORTED = ["scheduledContents", "teams", "triggeredActions", "users"]
"""Lists whose rows are sorted when they are read: those of staff are short, those of campaigns need indexes yet."""


def lists() -> list[str]:
    """The connections at the root that need no argument."""
    query = graphql_schema.query_type
    assert query is not None
    return sorted(
        name
        for name, field in query.fields.items()
        if is_object_type(get_named_type(field.type))
        and get_named_type(field.type).name.endswith("Connection")
        and not any(
            isinstance(each.type, GraphQLNonNull) and each.default_value is None for each in field.args.values()
        )
    )


async def plan_of(database: Database, statement: str) -> str:
    """How SQLite would run a statement; whatever the values are, it does not look at them."""
    async with database.engines.reading.connect() as connection:
        driver = (await connection.get_raw_connection()).driver_connection
        assert isinstance(driver, Connection)
        cursor = await driver.cursor().execute(f"EXPLAIN QUERY PLAN {statement}", [None] * statement.count("?"))
        return "\n".join(row[3] for row in await cursor.fetchall())


async def test_no_list_is_sorted_or_scanned_for_its_first_page(embedded: Database) -> None:
    # On SQLite alone: PostgreSQL plans by what tables hold, and these hold nothing.
    graph = Graph(embedded, await make_viewer(embedded, await make_organization(embedded)))
    slow = {}
    for name in lists():
        with statements_of(embedded) as ran:
            await graph.data(f"{{ {name}(first: 1) {{ nodes {{ {NODE.get(name, 'id')} }} }} }}")
        for statement in ran:
            plan = await plan_of(embedded, statement)
            if "SCAN" in plan or "TEMP B-TREE" in plan:
                slow[name] = plan
    assert sorted(slow) == SORTED, slow
