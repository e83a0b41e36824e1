"""Rows by their keys: one of them, or as many as there are by one value."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from json.encoder import encode_basestring
from typing import Any

from sqlalchemy import ARRAY, Integer
from sqlalchemy.orm import InstrumentedAttribute

from domain.texts import storable
from domain.viewer import Viewer
from resolvers.reads import Read
from schema.compiled.arguments import Given
from schema.compiled.composing import NOTHING, Composer, Run, site
from schema.compiled.levels import Level, Raw
from schema.compiled.marks import Marks, marked_viewer
from schema.compiled.statements import Among, Built
from schema.compiled.values import Anomaly
from schema.compiled.writing import Rows
from schema.engine.parts import narrow


def many(composer: Composer, keys: Sequence[Any]) -> Any:
    """Many keys as the one value that `Among` takes."""
    if composer.rooms.dialect.name != "sqlite":
        return list(keys)
    if type(keys[0]) is int:
        return f"[{','.join(map(str, keys))}]"
    text = '","'.join(keys)
    # Ids are plain: then there is nothing in them that JSON writes otherwise.
    if text.isascii() and text.isprintable() and "\\" not in text and text.count('"') == 2 * len(keys) - 2:
        return f'["{text}"]'
    return f"[{','.join(map(encode_basestring, keys))}]"


class ById:
    """Rows of a read by their ids, or by another column of theirs."""

    def __init__(
        self, composer: Composer, read: Read, level: Level, by: InstrumentedAttribute[Any] | None = None
    ) -> None:
        composer.permissions.add(read.permission)
        self._composer = composer
        self._read = read
        self.level = level
        entity: Any = read.entity
        self._column: Any = entity.id if by is None else by
        self._numbered = isinstance(self._column.type, Integer)
        self._kind = int if self._numbered else str
        self._write = level.writers[0].by(level.place(self._column.key))
        self._site = site()

    def find(self, keys: Collection[Any], run: Run, *, stored: bool = False) -> Raw:
        """What is written of the rows, by their keys; None is nobody's. What is stored can be asked for as it is.

        Raises:
            Anomaly: for keys that are not what the column holds.
        """
        # Most rows that are asked for alone lead to one other each.
        unlike = set(keys) if len(keys) > 1 else keys
        wanted = [key for key in unlike if key is not None] if None in unlike else list(unlike)
        for key in wanted:
            if type(key) is not self._kind:
                raise Anomaly
        if not stored and not self._numbered:
            wanted = [key for key in wanted if storable(key)]
        if not wanted:
            return {}
        one = len(wanted) == 1
        extras = wanted if one else (many(self._composer, wanted),)
        rows = yield run.asked(self._site, self._build_one if one else self._build_many, NOTHING, one, extras)
        return (yield from self.written(rows, run))

    def written(self, rows: Rows, run: Run) -> Raw:
        """What is written of rows that were found, by their keys."""
        return self._write(rows, (yield from self.level.related(rows, run)))

    def _build_one(self, marks: Marks, viewer: Viewer, given: Given) -> Built:
        return self._built(marks, viewer, self._column == marks.of("x[0]", ""))

    def _build_many(self, marks: Marks, viewer: Viewer, given: Given) -> Built:
        return self._built(marks, viewer, Among(self._column, mark(self._composer, marks, "x[0]", self._column)))

    def _built(self, marks: Marks, viewer: Viewer, condition: Any) -> Built:
        seen = marked_viewer(viewer, marks)
        statement = self._read.build(seen).where(condition)
        return Built(narrow(statement, self.level.columns(seen)))


def mark(composer: Composer, marks: Marks, place: str, column: Any) -> Any:
    """A mark for many keys found in a column, bound as this database takes them; on SQLite they come as JSON."""
    return marks.of(place, "", None if composer.rooms.dialect.name == "sqlite" else ARRAY(column.type))
