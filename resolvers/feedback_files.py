"""Files of feedback: CSV or one JSON object per line, read row by row, tolerant of how columns are called."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, BinaryIO

from sqlalchemy import select

from domain.errors import DomainError, invalid
from domain.feedback import Feedback
from domain.intelligence.feedback_findings import FeedbackSource
from domain.rejected_rows import RejectedRow
from domain.texts import LONGEST_CELL
from domain.values import whole_second
from resolvers.desk import Desk
from resolvers.feedback_fields import FeedbackDraft, checked
from resolvers.reads import visibility
from resolvers.sql import padded

_LONGEST_LINE = 200_000
_AT_ONCE = 500
_NAMES = {
    "source": "source",
    "channel": "source",
    "content": "content",
    "text": "content",
    "review": "content",
    "body": "content",
    "comment": "content",
    "message": "content",
    "feedback": "content",
    "userid": "user_id",
    "user": "user_id",
    "author": "user_id",
    "rating": "rating",
    "stars": "rating",
    "score": "rating",
    "version": "version",
    "appversion": "version",
    "platform": "platform",
    "language": "language",
    "lang": "language",
    "givenat": "given_at",
    "createdat": "given_at",
    "date": "given_at",
    "timestamp": "given_at",
    "metadata": "metadata",
}
"""What columns are called, without case, blanks, hyphens and underscores; others become metadata."""
_SOURCES = {
    "appstore": FeedbackSource.APP_STORE,
    "support": FeedbackSource.SUPPORT,
    "supporttickets": FeedbackSource.SUPPORT,
    "survey": FeedbackSource.SURVEY,
    "surveys": FeedbackSource.SURVEY,
    "social": FeedbackSource.SOCIAL,
}
_FIELDS = {"userId": "user_id", "givenAt": "given_at"}


@dataclass(frozen=True, slots=True)
class FeedbackRow:
    """A row that can be taken in, and its line."""

    line: int
    draft: FeedbackDraft


def read_feedback(
    content: BinaryIO, now: datetime, usual: FeedbackSource | None
) -> Iterator[FeedbackRow | RejectedRow]:
    """The rows of a file in UTF-8, one after the other; `usual` is the source of those that name none.

    Raises:
        DomainError: INVALID naming `file` when it is neither CSV with a column of texts nor JSON in lines.
    """
    begin = content.read(64)
    content.seek(-len(begin), io.SEEK_CUR)
    text = io.TextIOWrapper(content, "utf-8-sig", newline="")
    rows = _objects(text) if begin.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"{" else _cells(text)
    try:
        for line, row in rows:
            yield row if isinstance(row, RejectedRow) else _row(line, row, now, usual)
    except UnicodeError:
        raise invalid("file", "file must be CSV or JSON in lines, in UTF-8.") from None
    finally:
        # The wrapper must not close what whoever opened it closes.
        text.detach()


async def unknown(desk: Desk, rows: Sequence[FeedbackRow]) -> list[FeedbackRow]:
    """Those that are not stored yet: of what says when it was given, the same words at the same moment are the same."""
    moments = sorted({each.draft.given_at for each in rows if isinstance(each.draft.given_at, datetime)})
    known: set[tuple[FeedbackSource, datetime, str]] = set()
    for start in range(0, len(moments), _AT_ONCE):
        then = Feedback.created_at.in_(padded(moments[start : start + _AT_ONCE]))
        statement = select(Feedback.source, Feedback.created_at, Feedback.content)
        known.update(await desk.rows(statement.where(*visibility(desk.viewer, Feedback), then)))
    fresh: list[FeedbackRow] = []
    for each in rows:
        draft = each.draft
        key = (draft.source, draft.given_at, draft.content)
        if not isinstance(draft.given_at, datetime) or key not in known:
            fresh.append(each)
            known.add(key)  # type: ignore[arg-type]
    return fresh


def _cells(text: io.TextIOWrapper) -> Iterator[tuple[int, Mapping[str, Any] | RejectedRow]]:
    csv.field_size_limit(LONGEST_CELL)
    lines = csv.reader(text, strict=True)
    try:
        names = [name.strip() for name in next(lines, [])]
    except csv.Error as error:
        raise invalid("file", f"file is not CSV: {error}.") from None
    if not any(map(_is_text, names)):
        raise invalid(
            "file", "file must begin with a line of column names, content (or text, review, body) among them."
        )
    while True:
        try:
            cells = next(lines, None)
        except csv.Error as error:
            yield lines.line_num, RejectedRow(lines.line_num, None, f"is not CSV: {error}; the rest was not read")
            return
        if cells is None:
            return
        if len(cells) > len(names):
            yield lines.line_num, RejectedRow(lines.line_num, None, "has more cells than there are columns")
        elif any(cell.strip() for cell in cells):
            # An empty text is told by its column's own name.
            pairs = zip(names, cells, strict=False)
            yield lines.line_num, {name: cell for name, cell in pairs if cell.strip() or _is_text(name)}


def _objects(text: io.TextIOWrapper) -> Iterator[tuple[int, Mapping[str, Any] | RejectedRow]]:
    number = 0
    while line := text.readline(_LONGEST_LINE):
        number += 1
        if len(line) >= _LONGEST_LINE:
            yield number, RejectedRow(number, None, f"has more than {_LONGEST_LINE} characters; the rest was not read")
            return
        if not line.strip():
            continue
        try:
            found = json.loads(line)
        except (ValueError, RecursionError):
            found = None
        yield number, found if isinstance(found, dict) else RejectedRow(number, None, "is not a JSON object")


def _is_text(name: str) -> bool:
    return _NAMES.get(_plain(name)) == "content"


def _row(line: int, row: Mapping[str, Any], now: datetime, usual: FeedbackSource | None) -> FeedbackRow | RejectedRow:
    said: dict[str, Any] = {}
    called: dict[str, str] = {}
    more: dict[str, Any] = {}
    for name, value in row.items():
        known = _NAMES.get(_plain(name))
        if known is None or known in said:
            more[name] = value
        elif value is not None:
            said[known], called[known] = value, name
    try:
        inside = said.pop("metadata", None)
        draft = FeedbackDraft(
            source=_source(said.pop("source", None), usual),
            content=_text("content", said.pop("content", "")),
            user_id=None if (user := said.pop("user_id", None)) is None else str(user),
            given_at=None if (moment := said.pop("given_at", None)) is None else _moment(moment),
            rating=_rating(said.pop("rating", None)),
            metadata={**more, **(inside if isinstance(inside, dict) else {})},
            **{name: None if value is None else str(value) for name, value in said.items()},
        )
        return FeedbackRow(line, checked(draft, now))
    except DomainError as error:
        problem = error.problems[0]
        field = _FIELDS.get(problem.field or "", problem.field or "")
        return RejectedRow(line, called.get(field, problem.field), problem.message)


def _source(value: object, usual: FeedbackSource | None) -> FeedbackSource:
    if value is None and usual is not None:
        return usual
    if not isinstance(value, str) or _plain(value) not in _SOURCES:
        raise invalid("source", f"source must be one of {', '.join(each.lower() for each in FeedbackSource)}.")
    return _SOURCES[_plain(value)]


def _text(field: str, value: object) -> str:
    if not isinstance(value, str):
        raise invalid(field, f"{field} must be text.")
    return value


def _rating(value: object) -> Any:
    """Cells are texts: one that says a whole number is one."""
    text = value.strip().removesuffix(".0") if isinstance(value, str) else value
    return int(text) if isinstance(text, str) and text.isdecimal() and len(text) < 5 else text


def _moment(value: object) -> datetime:
    try:
        found = datetime.fromisoformat(str(value).strip()[:40])
    except ValueError:
        raise invalid("givenAt", "givenAt must be a day or a moment such as 2024-01-15T10:30:00Z.") from None
    return whole_second(found if found.tzinfo else found.replace(tzinfo=UTC))


def _plain(name: str) -> str:
    return "".join(letter for letter in name.lower() if letter.isalnum())
