"""A route that does not fit the graph stops the process with its name."""

from __future__ import annotations

import dataclasses

import pytest

from rest_compat.engine.answers import take
from rest_compat.engine.arguments import body, path
from rest_compat.engine.documents import RouteDrift, load
from rest_compat.engine.faults import ErrorTable
from rest_compat.engine.prepared import prepare
from rest_compat.engine.routes import Route
from rest_compat.engine.spelling import Spelling
from tests.rest_compat.library.dialect import ADD, ERRORS, FIND, LIBRARY, READ
from tests.rest_compat.library.schema import Library

ID = (path("book_id", "id"),)


def drift(schema=None, **changes):
    with pytest.raises(RouteDrift) as raised:
        prepare(dataclasses.replace(LIBRARY, **changes), schema or Library().schema())
    return str(raised.value)


def test_a_field_that_left_the_graph():
    schema = Library().schema()
    del schema.type_map["Book"].fields["title"]
    assert "AddBook" in drift(schema, routes=(ADD,))
    assert "Cannot query field 'title' on type 'Book'" in drift(schema, routes=(ADD,))


@pytest.mark.parametrize(
    ("route", "problem"),
    [
        (Route("GET", "/x", "Nothing", take("book")), "Nothing: no document holds the operation Nothing"),
        (Route("GET", "/x/{book_id}", "ReadBook", take("novel"), ID), "the operation does not select 'novel'"),
        (Route("GET", "/x", "ReadBook", take("book")), "ReadBook: nothing feeds the variable $id"),
        (
            Route("GET", "/x/{book_id}", "ReadBook", take("book"), (path("book_id", "isbn"),)),
            "ReadBook: the operation takes no 'isbn' (fed by 'book_id')",
        ),
        (Route("GET", "/x/{other}", "ReadBook", take("book"), ID), "path and arguments differ in book_id, other"),
    ],
)
def test_a_route_that_does_not_fit(route, problem):
    assert problem in drift(routes=(route,))


def test_two_routes_of_one_operation_need_two_names():
    again = dataclasses.replace(READ, name="ReadBookAgain", path="/volumes/{book_id}")
    prepared = prepare(dataclasses.replace(LIBRARY, routes=(READ, again)), Library().schema())
    assert [each.route.id for each in prepared] == ["ReadBook", "ReadBookAgain"]


def test_two_routes_of_one_name():
    assert drift(routes=(READ, READ)) == "ReadBook: two routes bear this name"


def test_a_word_for_a_value_the_graph_does_not_have():
    words = {"Genre": {"POETRY": "poetry"}}
    assert drift(spelling=Spelling(words), routes=(READ,)) == "ReadBook: Genre has no POETRY"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("query ReadBook($id: ID!) { book(id: $id) { id @percents(digits: 1) } }", "Unknown directive '@percents'"),
        ("query ReadBook($id: ID!) { book(id: $id) { owner @unwrap { id __typename } } }", "an object of one field"),
        ("mutation ReadBook($id: ID!) { book: burnBook(id: $id) { burntId } }", "must select errors"),
    ],
)
def test_documents_are_held_against_the_schema(tmp_path, text, problem):
    (tmp_path / "one.graphql").write_text(text)
    assert problem in drift(folder=tmp_path, routes=(READ,))


def test_operations_need_names_of_their_own(tmp_path):
    (tmp_path / "one.graphql").write_text("{ book(id: 1) { id } }")
    with pytest.raises(ValueError, match="one name each"):
        load(tmp_path)


def test_a_table_has_a_row_for_every_reason():
    rows = dict(list(ERRORS.rows.items())[1:])
    with pytest.raises(ValueError, match="no row for INVALID"):
        ErrorTable(rows, ERRORS.envelope, ERRORS.schema)


def test_a_required_property_of_the_graph_needs_no_word_of_the_dialect():
    prepared = prepare(dataclasses.replace(LIBRARY, routes=(ADD, FIND)), Library().schema())[0]
    required = [each.name for each in prepared.binder.arguments if prepared.binder.required(each)]
    assert required == ["full_title"]
    assert body("a", "b").required is False
