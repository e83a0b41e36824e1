"""The index that finds leads by words: on SQLite a table of three letters each, on PostgreSQL an index of another kind.

Neither is in the mapped tables: both can be absent, and then finding leads by words takes longer. `resolvers.searching`
asks them.
"""

# ruff: noqa: S608 - statements are made of names that stand here
from __future__ import annotations

from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import DBAPIError

from resolvers.searching import TRIGRAMS

TABLES = ("lead_number", "lead_words", *(f"lead_words_{part}" for part in ("config", "data", "idx")))
INDEX = "ix_lead_words"


def _words(row: str) -> str:
    """What the index holds of a lead: its words, its telephone's digits, and its organization in three characters."""
    owner = ",".join(f"57344 + coalesce(unicode(substr({row}.organization_id, -{place}, 1)), 0)" for place in (3, 2, 1))
    return f"{row}.search_text || char(10) || coalesce({row}.phone_digits, '') || char(10) || char({owner})"


# Rows of leads may be renumbered by SQLite whenever it likes, so they have numbers of their own.
_FORGET = (
    "INSERT INTO lead_words (lead_words, rowid, words) "
    f"SELECT 'delete', number, {_words('old')} FROM lead_number WHERE lead_id = old.id;"
)
_KEEP = (
    "INSERT INTO lead_words (rowid, words) "
    f"SELECT number, {_words('new')} FROM lead_number WHERE lead_id = new.id;"
)  # fmt: skip
_OTHER = " OR ".join(f"old.{name} IS NOT new.{name}" for name in ("search_text", "phone_digits", "organization_id"))
_SQLITE = (
    "CREATE TABLE lead_number (number INTEGER PRIMARY KEY, lead_id TEXT NOT NULL UNIQUE)",
    "CREATE VIRTUAL TABLE lead_words USING fts5("
    "words, content = '', columnsize = 0, detail = none, tokenize = 'trigram')",
    "INSERT INTO lead_number (lead_id) SELECT id FROM lead ORDER BY created_at, id",
    "INSERT INTO lead_words (rowid, words) "
    f"SELECT number, {_words('lead')} FROM lead_number CROSS JOIN lead ON lead.id = lead_id",
    "CREATE TRIGGER lead_words_made AFTER INSERT ON lead "
    f"BEGIN INSERT INTO lead_number (lead_id) VALUES (new.id); {_KEEP} END",
    "CREATE TRIGGER lead_words_changed AFTER UPDATE OF search_text, phone_digits, organization_id ON lead "
    f"WHEN {_OTHER} BEGIN {_FORGET} {_KEEP} END",
    "CREATE TRIGGER lead_words_gone AFTER DELETE ON lead "
    f"BEGIN {_FORGET} DELETE FROM lead_number WHERE lead_id = old.id; END",
)
_POSTGRESQL = (
    f"CREATE INDEX {INDEX} ON lead USING gin "
    "(organization_id, search_text gin_trgm_ops, phone_digits gin_trgm_ops) WHERE deleted_at IS NULL"
)


def ensure(connection: Connection) -> str | None:
    """Make the index where it is missing; why it cannot be made, or None when it is there."""
    if is_there(connection):
        return None
    if connection.dialect.name == "sqlite":
        if not TRIGRAMS:
            return "SQLite is older than 3.35 or was built without FTS5"
        for statement in _SQLITE:
            connection.execute(text(statement))
        return None
    try:
        # What is refused must not end the transaction that everything else is made in.
        with connection.begin_nested():
            for extension in ("pg_trgm", "btree_gin"):
                connection.execute(text(f"CREATE EXTENSION IF NOT EXISTS {extension}"))
            connection.execute(text(_POSTGRESQL))
    except DBAPIError as error:
        return str(error.orig)
    return None


def is_there(connection: Connection) -> bool:
    """Whether the index has been made."""
    known = inspect(connection)
    if connection.dialect.name == "sqlite":
        return known.has_table("lead_words")
    return any(each["name"] == INDEX for each in known.get_indexes("lead"))


def drop(connection: Connection) -> None:
    """Take the index away."""
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"DROP INDEX IF EXISTS {INDEX}"))
        return
    for trigger in ("made", "changed", "gone"):
        connection.execute(text(f"DROP TRIGGER IF EXISTS lead_words_{trigger}"))
    for table in ("lead_words", "lead_number"):
        connection.execute(text(f"DROP TABLE IF EXISTS {table}"))
