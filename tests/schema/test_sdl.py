"""The schema that is committed is the schema that is served."""

from __future__ import annotations

from pathlib import Path

from graphql import build_schema, find_breaking_changes

import schema
from schema.graph import graphql_schema, sdl

COMMITTED = (Path(schema.__file__).parent / "schema.graphql").read_text()


def test_the_committed_schema_breaks_nothing() -> None:
    broken = find_breaking_changes(build_schema(COMMITTED), graphql_schema)
    assert [change.description for change in broken] == []


def test_the_committed_schema_is_the_code_s() -> None:
    assert sdl() == COMMITTED, "run: python -m gateway.cli schema > schema/schema.graphql"


def test_the_schema_says_what_everything_is_for() -> None:
    silent = [
        name
        for name, type_ in graphql_schema.type_map.items()
        if not name.startswith("__") and not type_.description and not name.endswith(("Connection", "Edge", "Payload"))
    ]
    assert silent == []
    for root in (graphql_schema.query_type, graphql_schema.mutation_type, graphql_schema.subscription_type):
        assert root is not None
        assert [name for name, field in root.fields.items() if not field.description] == []
