"""What is told of a statement that fails: by the code of the failure, whatever words its text has."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

import pytest
from sqlalchemy.exc import OperationalError

from domain.errors import Code, DomainError
from gateway.failures import BUSY, refusal

INDEX = "CREATE VIRTUAL TABLE words USING fts5(text, detail=column)"
FULL = ("PRAGMA max_page_count = 3", "CREATE TABLE note (text)", f"INSERT INTO note VALUES ('{'x' * 20_000}')")


def failure(*statements: str) -> sqlite3.Error:
    """What the last of some statements fails with."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    try:
        for statement in statements[:-1]:
            connection.execute(statement)
        with pytest.raises(sqlite3.Error) as raised:
            connection.execute(statements[-1])
        return raised.value
    finally:
        connection.close()


def both(error: sqlite3.Error) -> Sequence[Exception]:
    """A failure of the driver, and SQLAlchemy's around it."""
    return error, OperationalError("SELECT 1", None, error)


@pytest.mark.parametrize(
    "statement",
    [
        """SELECT * FROM words WHERE words MATCH '"two words"'""",
        "SELECT * FROM words WHERE words MATCH '\"'",
        "SELECT nothing FROM words",
        "SELECT",
    ],
)
def test_a_statement_of_ours_that_is_wrong_is_a_bug(statement: str) -> None:
    for error in both(failure(INDEX, statement)):
        assert refusal(error) is error


def test_words_that_no_index_can_answer_are_not_taken_for_a_full_disk() -> None:
    error = failure(INDEX, """SELECT * FROM words WHERE words MATCH '"two words"'""")
    assert "full" in str(error)
    assert not isinstance(refusal(error), DomainError)


def test_a_database_without_room_is_told() -> None:
    for error in both(failure(*FULL)):
        told = refusal(error)
        assert isinstance(told, DomainError)
        assert (told.code, str(told)) == (Code.UNAVAILABLE, "The database has no room left; nothing was stored.")


def test_what_was_interrupted_may_be_tried_again() -> None:
    for error in both(sqlite3.OperationalError("interrupted")):
        assert str(refusal(error)) == BUSY
