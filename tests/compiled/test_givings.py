"""What fields are given by variables is put together from what graphql-core has said of variables of the same kinds."""

from __future__ import annotations

from typing import Any

import pytest
from graphql import FieldNode, OperationDefinitionNode, parse

from domain.leads import LeadStatus
from schema.compiled.arguments import Kept, Unusual, given
from schema.compiled.givings import Giving, giving, reading
from schema.compiled.marks import Marks
from schema.graph import graphql_schema

NESTED = (
    "query ($status: LeadStatus, $source: String, $first: Int, $after: String, $score: Int) "
    '{ leads(first: $first, after: $after, where: {status: $status, source: $source, minScore: $score, search: "x"}) '
    "{ nodes { id } } }"
)
WHOLE = "query ($where: LeadFilter, $n: Int) { leads(where: $where, last: $n, offset: 2) { nodes { id } } }"
FIXED = '{ leads(first: 3, where: {source: "website"}) { nodes { id } } }'
QUALIFIED = {"status": LeadStatus.QUALIFIED, "source": "website", "first": 5}


def parts(text: str) -> tuple[Any, FieldNode]:
    query: Any = graphql_schema.query_type
    definition = parse(text).definitions[0]
    assert isinstance(definition, OperationDefinitionNode)
    node = definition.selection_set.selections[0]
    assert isinstance(node, FieldNode)
    return query.fields["leads"], node


def told(found: Any) -> Any:
    return found.marked(Marks(frozenset(f"a[{n}]" for n in range(9)))), found.paging, found.shape, found.leaves


def giver(text: str) -> Giving:
    return giving(*parts(text), paged=True)


@pytest.mark.parametrize(
    ("text", "variables"),
    [
        (NESTED, {}),
        (NESTED, QUALIFIED),
        (NESTED, {"source": None, "first": None, "after": "x"}),
        (NESTED, {"status": LeadStatus.OTHER, "source": "y", "score": 3}),
        (WHOLE, {"where": {"source": "x", "status": None}, "n": 4}),
        (WHOLE, {"where": None}),
        (FIXED, {}),
    ],
)
def test_what_was_said_once_is_said_of_other_values(text: str, variables: dict[str, Any]) -> None:
    known, read = giver(text), reading(*parts(text))
    others = {name: f"{value}!" if type(value) is str else value for name, value in variables.items()}
    for values in (variables, others, variables, Kept(variables)):
        expected = given(read(values), paged=True)
        assert told(known(values)) == told(expected)
        assert type(known(values).leaves) is tuple


def test_graphql_core_is_asked_once_for_variables_of_the_same_kinds(monkeypatch: pytest.MonkeyPatch) -> None:
    known = giver(NESTED)
    known(QUALIFIED)
    monkeypatch.setattr("schema.compiled.givings.get_argument_values", None)
    assert known({**QUALIFIED, "source": "mail"}).leaves == ("mail", "x")
    with pytest.raises(TypeError):
        known({**QUALIFIED, "source": None})


@pytest.mark.parametrize("wrong", ["a\0b", "x" * 10_000])
def test_texts_no_database_compares_are_refused_each_time(wrong: str) -> None:
    known = giver(NESTED)
    known(QUALIFIED)
    with pytest.raises(Unusual):
        known({**QUALIFIED, "source": wrong})
    # Of a page these are no texts that are compared: what is behind a cursor is looked at by itself.
    assert known({**QUALIFIED, "after": wrong}).paging == (("first", 5), ("after", wrong))


def test_what_is_remembered_of_one_field_is_bounded() -> None:
    known = giver(NESTED)
    for number in range(600):
        found = known({**QUALIFIED, "first": number})
        found.pieces[found.paging] = number
    assert len(known(QUALIFIED).pieces) <= 256
