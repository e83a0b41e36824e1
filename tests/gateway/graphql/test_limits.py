"""Limits hold before any resolver runs, and before validation is asked to do much."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest
from graphql import get_introspection_query

from schema.context import Context
from tests.gateway.graphql.world import Door, World, door_of


async def refused(door: Door, query: str, **more: Any) -> dict[str, Any]:
    response = await door.post(query, "application/graphql-response+json", **more)
    assert response.status_code == 400, response.text
    error: dict[str, Any] = response.json()["errors"][0]
    return error


async def code(door: Door, query: str, **more: Any) -> str:
    return str((await refused(door, query, **more))["extensions"]["code"])


def owners(levels: int) -> str:
    return "{ lead { " + "owner { best { " * levels + "id" + " } }" * levels + " } }"


async def test_a_long_document(world: World) -> None:
    door = door_of(world, document_characters=50)
    assert await code(door, "{ hello }" + " " * 50) == "DOCUMENT_LIMIT_EXCEEDED"


async def test_many_tokens_and_many_comments(door: Door) -> None:
    assert await code(door, "{" + "hello " * 2_000 + "}") == "TOKEN_LIMIT_EXCEEDED"
    assert await code(door, "#\n" * 2_001 + "{ hello }") == "TOKEN_LIMIT_EXCEEDED"


async def test_depth_counts_fields(world: World) -> None:
    door = door_of(world, depth=6)
    response = await door.post(owners(2))
    assert "errors" not in response.json()
    error = await refused(door, owners(3))
    assert error["extensions"]["code"] == "DEPTH_LIMIT_EXCEEDED"
    assert error["extensions"]["maximum"] == 6


async def test_depth_through_fragments_and_inline_fragments(world: World) -> None:
    door = door_of(world, depth=4)
    parts = "query { lead { ...A } } fragment A on Lead { owner { ... on User { best { owner { ...B } } } } }"
    assert await code(door, parts + " fragment B on User { name }") == "DEPTH_LIMIT_EXCEEDED"


async def test_the_parser_ends_at_its_own_nesting(door: Door) -> None:
    assert await code(door, "{ lead " * 500 + "}" * 500) == "DEPTH_LIMIT_EXCEEDED"
    assert await code(door, "{ ... " * 500 + "{ hello }" + "}" * 500) == "DEPTH_LIMIT_EXCEEDED"
    assert await code(door, "{ echo(value: " + "[" * 900 + "]" * 900 + ") }") == "DEPTH_LIMIT_EXCEEDED"


async def test_aliases(world: World) -> None:
    door = door_of(world, aliases=3)
    assert "errors" not in (await door.post("{ a: hello b: hello c: hello hello: hello }")).json()
    assert await code(door, "{ a: hello b: hello c: hello d: hello }") == "ALIAS_LIMIT_EXCEEDED"
    fragments = "{ a: lead { ...N } b: lead { ...N } } fragment N on Lead { c: name }"
    assert await code(door, fragments) == "ALIAS_LIMIT_EXCEEDED"


async def test_aliases_by_default(door: Door) -> None:
    bomb = " ".join(f"a{number}: name" for number in range(51))
    assert await code(door, f"{{ lead {{ {bomb} }} }}") == "ALIAS_LIMIT_EXCEEDED"


async def test_directives(door: Door) -> None:
    assert await code(door, "{ hello " + "@include(if: true) " * 51 + "}") == "DIRECTIVE_LIMIT_EXCEEDED"
    assert await code(door, "query " + "@unknown " * 51 + "{ hello }") == "DIRECTIVE_LIMIT_EXCEEDED"
    variables = ",".join(f"$v{number}: Int @unknown" for number in range(51))
    assert await code(door, f"query ({variables}) {{ hello }}") == "DIRECTIVE_LIMIT_EXCEEDED"


async def test_root_fields(door: Door) -> None:
    many = " ".join(f"a{number}: hello" for number in range(21))
    assert await code(door, f"{{ {many} }}") == "ROOT_FIELD_LIMIT_EXCEEDED"
    assert await code(door, f"{{ ...F }} fragment F on Query {{ {many} }}") == "ROOT_FIELD_LIMIT_EXCEEDED"


async def test_the_same_field_many_times(door: Door) -> None:
    assert await code(door, "{" + "hello " * 51 + "}") == "FIELD_LIMIT_EXCEEDED"
    assert await code(door, "{ lead { " + "owner { name } " * 51 + "} }") == "FIELD_LIMIT_EXCEEDED"
    assert await code(door, "{" + "... { hello } " * 51 + "}") == "FIELD_LIMIT_EXCEEDED"
    # Spread over several writings of the parent, they still meet in one place of the response.
    assert await code(door, "{" + "lead { owner { name } owner { name } } " * 26 + "}") == "FIELD_LIMIT_EXCEEDED"


def exponential(levels: int) -> str:
    doubled = "a: owner {{ best {{ ...F{next} }} }} b: owner {{ best {{ ...F{next} }} }}"
    fragments = [f"fragment F{n} on Lead {{ {doubled.format(next=n + 1)} }}" for n in range(levels)]
    return "{ lead { ...F0 } } " + " ".join(fragments) + f" fragment F{levels} on Lead {{ id }}"


def exponential_spreads(levels: int) -> str:
    fragments = [f"fragment F{n} on Query {{ ...F{n + 1} ...F{n + 1} }}" for n in range(levels)]
    return "{ ...F0 } " + " ".join(fragments) + f" fragment F{levels} on Query {{ hello }}"


async def test_fragments_that_double_at_every_level_end_at_a_limit(world: World) -> None:
    door = door_of(world, depth=1_000, aliases=1_000_000)
    assert await code(door, exponential(30)) == "FIELD_LIMIT_EXCEEDED"


async def test_fragments_that_are_only_repeated_cost_nothing(door: Door) -> None:
    response = await door.post(exponential_spreads(60))
    assert response.json()["data"] == {"hello": "hello world"}


@pytest.mark.parametrize(
    "query",
    [
        "{ ...A } fragment A on Query { ...A }",
        "{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }",
        "{ lead { ...A } } fragment A on Lead { owner { best { ...A } } }",
        "{ lead { ...A } } fragment A on Lead { owner { ...B } } fragment B on User { best { ...A } }",
    ],
)
async def test_circular_fragments_are_named_by_validation(door: Door, query: str) -> None:
    error = await refused(door, query)
    assert error["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"
    assert "within itself" in error["message"]


async def test_many_operations_in_one_document(world: World) -> None:
    door = door_of(world, operations=2)
    query = "query A { hello } query B { hello }"
    assert "errors" not in (await door.post(query, operationName="A")).json()
    assert await code(door, query + " query C { hello }", operationName="A") == "DOCUMENT_LIMIT_EXCEEDED"


async def test_fragments_nobody_spreads_are_measured_too(door: Door) -> None:
    for body in ("hello " * 51, "lead { owner { best { owner { best { owner { " * 3 + "id" + "}" * 18):
        assert (await code(door, "{ hello } fragment F on Query {" + body + "}")).endswith("LIMIT_EXCEEDED")


async def test_unknown_fragments_are_named_by_validation(door: Door) -> None:
    assert "Unknown fragment" in (await refused(door, "{ ...Nowhere }"))["message"]


@pytest.mark.parametrize(
    "query",
    [
        exponential(60),
        "{" + "... { lead { owner { best { id } } } } " * 140 + "}",
        "{"
        + "".join(f"...F{n} " for n in range(28))
        + "}"
        + "".join(
            f"fragment F{n} on Query {{ hello " + " ".join(f"...F{m}" for m in range(n + 1, 28)) + "}"
            for n in range(28)
        ),
        "{" + "hello " * 1_900 + "}",
        "{ add(point: {" + "x: 1 " * 600 + "}) }",
        "{ hello } fragment F on Query {" + "lead { id } " * 450 + "}",
        "{" + "".join(f"... on T{n} {{ hello }} " for n in range(280)) + "}",
        "".join(f"query Q{n} {{ ...F }} " for n in range(20)) + "fragment F on Query {" + "hello " * 1_800 + "}",
        "".join(f"query Q{n} {{ ...F }} " for n in range(300)) + "fragment F on Query { lead { id } }",
        "{ hello } " + "".join(f"fragment F{n} on Query {{ ...F{n + 1} hello }} " for n in range(200)),
        "query (" + " ".join(f"$v{n}: Int" for n in range(600)) + ") { hello }",
    ],
)
async def test_hostile_documents_are_refused_quickly(door: Door, query: str) -> None:
    began = time.process_time()
    await refused(door, query)
    # Quadratic work on such documents takes many seconds; a loaded machine still does this in a fraction of one.
    assert time.process_time() - began < 1.0


async def test_no_more_errors_than_the_limit_are_listed(world: World) -> None:
    door = door_of(world, validation_errors=3)
    response = await door.post("{" + " ".join(f"missing{number}" for number in range(10)) + "}")
    assert len(response.json()["errors"]) == 4


async def test_the_introspection_of_graphiql_passes(door: Door) -> None:
    query = get_introspection_query(True, True, True, True, True)
    response = await door.post(query)
    assert "errors" not in response.json()
    assert response.json()["extensions"]["cost"]["requested"] == 100


async def test_deep_introspection_is_refused(door: Door) -> None:
    query = "{ __schema { types { fields { type " + "{ ofType " * 20 + "{ name }" + " }" * 20 + " } } } }"
    assert await code(door, query) == "DEPTH_LIMIT_EXCEEDED"
    wide = "{ __schema { types { fields { type { fields { type { fields { type { fields { name } } } } } } } } } }"
    assert await code(door, wide) == "GRAPHQL_VALIDATION_FAILED"


async def test_introspection_and_suggestions_can_be_switched_off(world: World) -> None:
    door = door_of(world, introspection=False, suggestions=False)
    assert "introspection" in (await refused(door, "{ __schema { types { name } } }"))["message"]
    assert "introspection" in (await refused(door, '{ __type(name: "Lead") { name } }'))["message"]
    assert (await door.post("{ __typename }")).json()["data"] == {"__typename": "Query"}
    for query, variables in (
        ("{ helo }", {}),
        ("{ hello(nam: 1) }", {}),
        ("{ colour(colour: GREN) }", {}),
        ("query ($c: Colour) { colour(colour: $c) }", {"c": "GREN"}),
        ("query ($p: Point!) { add(point: $p) }", {"p": {"x": 1, "yy": 2}}),
    ):
        assert "Did you mean" not in (await refused(door, query, variables=variables))["message"]


async def test_suggestions_help_when_they_are_on(door: Door) -> None:
    assert "Did you mean 'hello'" in (await refused(door, "{ helo }"))["message"]


async def test_nothing_ran_for_a_refused_operation(door: Door) -> None:
    await refused(door, "mutation { touch " + "@include(if: true) " * 51 + "}")
    await refused(door, "mutation ($by: Int) { touch(by: $by) }", variables={"by": "x"})
    assert door.world.touched == 0


async def test_validated_documents_are_kept_within_count_and_size(world: World) -> None:
    for limits in ({"cached_documents": 2}, {"cached_bytes": 20_000}, {"cached_bytes": 0}):
        door = door_of(world, **limits)
        for number in range(20):
            query = f"query Q{number} {{ hello }}"
            for _ in range(2):
                assert (await door.post(query)).json()["data"] == {"hello": "hello world"}


async def test_a_kept_document_answers_for_each_of_its_operations(door: Door) -> None:
    query = "query A { hello } query B { a: hello }"
    for name, key in (("A", "hello"), ("B", "a"), ("A", "hello")):
        assert list((await door.post(query, operationName=name)).json()["data"]) == [key]
    assert await code(door, query) == "OPERATION_RESOLUTION_FAILURE"


async def test_an_operation_that_takes_too_long_is_ended(world: World) -> None:
    door = door_of(world, operation_timeout_seconds=0.01)
    response = await door.post("{ slow }")
    assert response.status_code == 504
    error = response.json()["errors"][0]
    assert error["extensions"]["code"] == "TIMEOUT"
    assert error["message"] == "The operation took longer than 0.01 seconds."
    assert world.ended.is_set()


async def test_parallel_fields_end_with_their_operation(world: World) -> None:
    door = door_of(world, operation_timeout_seconds=0.01)
    before = asyncio.all_tasks()
    response = await door.post("{ a: slow b: slow lead { id } c: slow }")
    assert response.json()["errors"][0]["extensions"]["code"] == "TIMEOUT"
    assert asyncio.all_tasks() == before


async def test_what_has_a_limit_of_its_own_takes_none_of_the_operations_time() -> None:
    nothing: Any = None
    context = Context(None, "req_1", nothing, nothing, nothing)
    async with asyncio.timeout(0.2) as context.limit:
        async with context.aside():
            await asyncio.sleep(0.4)

    async def late() -> None:
        async with asyncio.timeout(0.05) as context.limit:
            async with context.aside():
                await asyncio.sleep(0.1)
            await asyncio.sleep(10)

    with pytest.raises(TimeoutError):
        await late()
    # At the doors of the dialects an operation has no limit.
    context.limit = None
    async with context.aside():
        pass
