"""Finding leads by words among any number of them.

Two statements hold the rows between them, and the database finds out which. Words that many leads have are quickest
found by walking through the list's own order until a page is full; words that few have, or none, by an index of three
letters each (`lead_words` on SQLite, `ix_lead_words` on PostgreSQL). Taken for the other kind, either reads everything.

What depends on the words is worked out where they are bound, so that one statement serves all of them.
"""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import (
    CTE,
    Boolean,
    ColumnElement,
    Dialect,
    Select,
    Text,
    TypeDecorator,
    and_,
    case,
    column,
    false,
    func,
    literal_column,
    or_,
    select,
    table,
    true,
    type_coerce,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import aliased
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from domain.leads import Lead, digits_of, searchable
from domain.viewer import Viewer
from resolvers.reads import Statement, Ways, visible_to

_FEW, _FEW_COUNTED = 2_000, 20_000
"""Up to how many leads are fetched by the index for a page, and for a total, which walking finds only at the end. To
fetch one takes as long as to walk past some ten."""
_NEWEST, _OFTEN = 1_000, 20
"""PostgreSQL reads its index to the end for a word: before, so many of the newest leads are asked whether they have it,
and if so many of them have, walking finds a page soon enough."""
_MOST_TRIGRAMS: Final = 6
"""More of them hardly leave fewer leads, and each is another list to read."""
_MOST_LETTERS, _MOST_DIGITS, _AFTER_AT = 14, 8, 3
"""So much of long words PostgreSQL's index is asked for, and so many letters of what comes after the @ of an address,
which many have in common."""
_SHORTEST: Final = 3
_BEGINNING: Final = datetime(1, 1, 1, tzinfo=UTC)
_PRIVATE_USE: Final = 0xE000
"""Where Unicode's characters of one's own begin: no text has them, so no word is taken for an organization."""

_INDEXED = re.compile(r"[^\W_]{3}")
"""PostgreSQL's index holds letters and digits alone."""


def _has_trigrams() -> bool:
    with closing(sqlite3.connect(":memory:")) as connection:
        try:
            connection.execute("CREATE VIRTUAL TABLE held USING fts5(words, tokenize='trigram')")
            connection.execute("WITH found AS MATERIALIZED (SELECT 1) SELECT * FROM found")
        except sqlite3.OperationalError:
            return False
    return True


TRIGRAMS: Final = _has_trigrams()
"""Whether this SQLite can have such an index; where it cannot, every search walks."""

_LEAD = aliased(Lead)
_WORDS = table("lead_words", column("rowid"))
_NUMBERS = table("lead_number", column("number"), column("lead_id", Text()))


class _Pattern(TypeDecorator[str]):
    """What a text is compared with to find words anywhere in it; `/` escapes."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """The words as a pattern."""
        return None if value is None else _anywhere(searchable(value.strip()))


class _Digits(TypeDecorator[str]):
    """What the digits of telephones are compared with; nothing where the words are no telephone number."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """The digits as a pattern."""
        digits = _phone(value or "")
        return _anywhere(digits) if digits else None


class _Part(TypeDecorator[str]):
    """What PostgreSQL's index is asked: of long words a part, for each three letters are another list to read."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """The part as a pattern."""
        return None if value is None else _anywhere(_telling(searchable(value.strip())))


class _DigitsPart(TypeDecorator[str]):
    """The same of the digits of telephones, which begin alike."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """The last digits as a pattern."""
        digits = _phone(value or "")
        return _anywhere(digits[-_MOST_DIGITS:]) if digits else None


class _Trigrams(TypeDecorator[str]):
    """What the index is asked; nothing where it does not know."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """The words as SQLite's index takes them, an organization to follow; the words themselves for PostgreSQL."""
        words = searchable((value or "").strip())
        if dialect.name == "postgresql":
            return words if _INDEXED.search(words) else None
        if len(words) < _SHORTEST:
            return None
        either = [each for each in (words, _phone(words)) if each]
        return f"({' OR '.join(_all_of(each) for each in either)}) AND "


class _Owner(TypeDecorator[str]):
    """An organization as SQLite's index knows it: three characters that no text has, made of the end of its id.

    Others may have the same; it only keeps their leads from being read in great number.
    """

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """The three characters, quoted."""
        return None if value is None else '"' + "".join(chr(_PRIVATE_USE + ord(each)) for each in value[-3:]) + '"'


class _Either(FunctionElement[Any]):
    """What SQLite is asked, or what PostgreSQL is asked."""

    name = "either"
    inherit_cache = True


class _EitherIs(_Either):
    """A condition that the two databases are asked differently."""

    name = "either_is"
    type = Boolean()
    inherit_cache = True

    def self_group(self, against: Any = None) -> Any:
        """Itself: it brings its brackets, and compared with a truth value it would find no index on SQLite."""
        return self


def matches(words: str) -> ColumnElement[bool]:
    """Case-insensitive substring of names, e-mail or telephone; telephone digits are compared too (CU-44)."""
    return _match(Lead, words)


def ways(viewer: Viewer, words: str, conditions: list[ColumnElement[bool]]) -> Ways:
    """The leads that match and meet conditions, as they are found among few and among many."""
    # SQLite would count by an index whose order is not the table's, and jump to and fro in it.
    in_turn = [*conditions, Lead.created_at >= _BEGINNING]
    return Ways(_both(viewer, words, conditions, _FEW), _both(viewer, words, in_turn, _FEW_COUNTED))


def _both(viewer: Viewer, words: str, conditions: list[ColumnElement[bool]], few: int) -> tuple[Statement, Statement]:
    found = _found(viewer, words, few)
    choice = select(_is_more(viewer, words, found, few).label("many")).cte("choice").prefix_with("MATERIALIZED")
    many = select(choice.c.many).scalar_subquery()
    # Without the organization as a plain value no index but that of ids can be used, on which this way rests.
    own = func.coalesce(Lead.organization_id, "") == viewer.organization_id
    among = _among(select(found.c.id).where(~many))
    fetched = select(Lead).where(own, Lead.deleted_at.is_(None), *conditions, _match(Lead, words), among)
    # No organization at all owns the rows of a way that is not taken: the database sees it before it reads one.
    walked = Lead.organization_id == case((many, type_coerce(viewer.organization_id, Text())))
    passed = _looked_at(_match(Lead, words))
    return fetched, select(Lead).where(walked, Lead.deleted_at.is_(None), *conditions, passed)


def _match(
    lead: Any, words: str, text: type[TypeDecorator[str]] = _Pattern, digits: type[TypeDecorator[str]] = _Digits
) -> ColumnElement[bool]:
    return or_(
        lead.search_text.like(type_coerce(words, text()), escape="/"),
        lead.phone_digits.like(type_coerce(words, digits()), escape="/"),
    )


def _looked_at(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """A condition that every row is asked: of a case PostgreSQL uses no index, and takes it to hold for every second
    row, so that it expects to be done soon.
    """
    return case((condition, true()), else_=false())


def _found(viewer: Viewer, words: str, few: int) -> CTE:
    """The ids of leads that the index tells of, one more than few at most; SQLite's may have some that do not match."""
    wanted = type_coerce(words, _Trigrams()).op("||")(type_coerce(viewer.organization_id, _Owner()))
    # An empty phrase is found nowhere; nothing at all is no question.
    asked = func.coalesce(wanted, '""')
    told = select(_WORDS.c.rowid).where(literal_column("lead_words").op("MATCH")(asked)).limit(few + 1).subquery()
    sqlite: Select[Any] = select(_NUMBERS.c.lead_id.label("id")).join(told, told.c.rowid == _NUMBERS.c.number)
    if not TRIGRAMS:
        sqlite = select(Lead.id).where(false())
    told_of = visible_to(viewer, _LEAD).where(_match(_LEAD, words, _Part, _DigitsPart))
    postgresql = told_of.where(_looked_at(_match(_LEAD, words))).with_only_columns(_LEAD.id).limit(few + 1)
    either = _Either(sqlite.scalar_subquery(), postgresql.scalar_subquery()).table_valued(column("id", Text()))
    return select(either.c.id).cte("found").prefix_with("MATERIALIZED")


def _is_more(viewer: Viewer, words: str, found: CTE, few: int) -> ColumnElement[bool]:
    """Whether more than few leads match, or the index does not know."""
    unknown = type_coerce(words, _Trigrams()).is_(None)
    counted = select(func.count()).select_from(found).scalar_subquery() > few
    newest = (
        visible_to(viewer, _LEAD)
        .with_only_columns(_LEAD.search_text, _LEAD.phone_digits)
        .order_by(_LEAD.created_at.desc(), _LEAD.id.desc())
        .limit(_NEWEST)
        .subquery()
    )
    often = select(func.count()).select_from(newest).where(_match(newest.c, words)).scalar_subquery() >= _OFTEN
    sqlite = or_(unknown, counted) if TRIGRAMS else true()
    return _EitherIs(sqlite, case((unknown, true()), (often, true()), else_=counted))


def _among(ids: Any) -> ColumnElement[bool]:
    """That a lead is one of these. PostgreSQL gets them as an array, or might walk through all leads to join them."""
    many = func.array(ids.scalar_subquery(), type_=Text())
    return _EitherIs(Lead.id.in_(ids), and_(Lead.id == func.any(many)))


def _anywhere(words: str) -> str:
    return f"%{words.replace('/', '//').replace('%', '/%').replace('_', '/_')}%"


def _phone(words: str) -> str | None:
    """The digits of what may be part of a telephone number."""
    digits = digits_of(words)
    long = digits and len(digits) >= _SHORTEST
    return digits if long and not any(each.isalpha() or each == "@" for each in words) else None


def _telling(words: str) -> str:
    """The part of long words that the fewest others have: numbers and addresses end, and begin, alike."""
    number, at = _phone(words), words.find("@")
    most = _MOST_DIGITS if number else _MOST_LETTERS
    if len(words) <= most:
        return words
    middle = (len(words) + most) // 2 if at < 0 else at + 1 + _AFTER_AT
    end = len(words) if number else max(min(middle, len(words)), most)
    part = words[end - most : end]
    return part if _INDEXED.search(part) else words


def _all_of(words: str) -> str:
    pieces = list(dict.fromkeys(words[place : place + 3] for place in range(len(words) - 2)))
    if len(pieces) > _MOST_TRIGRAMS:
        # Numbers begin alike; of texts the pieces that are far apart say most.
        last = len(pieces) - 1
        spread = [round(each * last / (_MOST_TRIGRAMS - 1)) for each in range(_MOST_TRIGRAMS)]
        pieces = pieces[-_MOST_TRIGRAMS:] if _phone(words) else [pieces[each] for each in spread]
    quoted = (each.replace('"', '""') for each in pieces)
    return "(" + " AND ".join(f'"{each}"' for each in quoted) + ")"


@compiles(_Either, "sqlite")
def _either_sqlite(element: _Either, compiler: SQLCompiler, **options: Any) -> str:
    return compiler.process(next(iter(element.clauses)), **options)


@compiles(_Either, "postgresql")
def _either_postgresql(element: _Either, compiler: SQLCompiler, **options: Any) -> str:
    return compiler.process(list(element.clauses)[1], **options)


@compiles(_EitherIs, "sqlite")
def _either_is_sqlite(element: _EitherIs, compiler: SQLCompiler, **options: Any) -> str:
    return f"({_either_sqlite(element, compiler, **options)})"


@compiles(_EitherIs, "postgresql")
def _either_is_postgresql(element: _EitherIs, compiler: SQLCompiler, **options: Any) -> str:
    return f"({_either_postgresql(element, compiler, **options)})"
