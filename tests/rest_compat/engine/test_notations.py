"""Numbers as dialects print them."""

from __future__ import annotations

import pytest
from graphql import parse, print_ast

from rest_compat.engine.notations import Notation, decimals, percent, plain, stripped


@pytest.mark.parametrize(
    ("fraction", "digits", "printed"),
    [
        (287 / 1250, 2, 22.96),
        (112 / 450, 2, 24.89),
        (27 / 28, 1, 96.4),
        (0.28, 1, 28),
        (0.0, 2, 0),
        (1.0, 2, 100),
        (1 / 3, 2, 33.33),
        (0.125, 0, 13),
        (0.00125, 1, 0.1),
        (0.12345, 2, 12.35),
        (None, 2, None),
    ],
)
def test_percent(fraction, digits, printed):
    written = percent({"digits": digits}).write(fraction)
    assert written == printed
    assert type(written) is type(printed)


@pytest.mark.parametrize(("value", "printed"), [(8.5, 8.5), (8.04, 8), (8.05, 8.1), (1e-9, 0), (12, 12)])
def test_decimals(value, printed):
    written = decimals({"digits": 1}).write(value)
    assert written == printed
    assert type(written) is type(printed)


def test_whole_numbers_have_no_fraction():
    assert repr(plain(28.0)) == "28"
    assert repr(plain(0.7)) == "0.7"
    assert Notation(0).write(2.5) == 3


def test_documents_lose_the_directives_and_nothing_else():
    document = parse("query A($x: Boolean!) { a @percent(digits: 1) @include(if: $x) b @unwrap { c } }")
    assert print_ast(stripped(document)) == print_ast(parse("query A($x: Boolean!) { a @include(if: $x) b { c } }"))
    assert "@percent" in print_ast(document)
