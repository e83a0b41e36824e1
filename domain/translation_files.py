"""Files of translations: CSV of any separator, and TMX 1.4, in which memories are exchanged (LISA, 2005)."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO

# Entities are not expanded: a file that declares one is refused before anything of it is used.
from xml.parsers import expat

from domain.errors import invalid
from domain.rejected_rows import RejectedRow
from domain.text_files import as_text, is_markup
from domain.texts import LONGEST_CELL

COLUMNS = ("source", "target", "target_language", "source_language", "market", "voice")
NEEDED = COLUMNS[:3]
_LONGEST_CELL = 20_000
_PIECE = 65_536
_ALL = "*all*"


@dataclass(frozen=True, slots=True)
class TranslationRow:
    """What a file says of one translation, by the names of COLUMNS, and where it does."""

    line: int
    cells: dict[str, str]


def read_translations(content: BinaryIO) -> Iterator[TranslationRow | RejectedRow]:
    """The translations of a CSV or TMX file, one after the other.

    CSV begins with a line of column names; in TMX every translation of a unit is one, and a language such as de-AT is
    for that country alone.

    Raises:
        DomainError: INVALID naming `file` when it is neither.
    """
    try:
        yield from _tmx(content) if is_markup(content) else _csv(content)
    except UnicodeError:
        raise invalid("file", "file must be CSV in UTF-8 or UTF-16, or TMX.") from None


def _csv(content: BinaryIO) -> Iterator[TranslationRow | RejectedRow]:
    csv.field_size_limit(LONGEST_CELL)
    with as_text(content) as text:
        separator, names = _names(text.readline())
        lines = csv.reader(text, delimiter=separator, strict=True)
        while True:
            try:
                cells = next(lines, None)
            except csv.Error as error:
                yield RejectedRow(1 + lines.line_num, None, f"is not CSV: {error}; the rest was not read")
                return
            if cells is None:
                return
            if any(cell.strip() for cell in cells):
                yield TranslationRow(1 + lines.line_num, dict(zip(names, cells, strict=False)))


def _names(line: str) -> tuple[str, list[str]]:
    for separator in (",", ";", "\t"):
        names = [name.strip().strip('"').lower().replace(" ", "_") for name in line.split(separator)]
        if {*names} >= {*NEEDED}:
            return separator, names
    raise invalid("file", f"file must be TMX, or begin with column names, {', '.join(NEEDED)} among them.")


@dataclass(slots=True)
class _Units:
    """What a TMX parser has come across: the unit it is in, and the translations it has seen to their end."""

    parser: expat.XMLParserType
    usual: str = ""
    source: str = ""
    line: int = 0
    texts: list[tuple[str, list[str]]] = field(default_factory=list)
    inside: bool = False
    size: int = 0
    rows: list[TranslationRow] = field(default_factory=list)
    is_memory: bool = False

    def begin(self, name: str, attributes: dict[str, str]) -> None:
        if name == "tmx":
            self.is_memory = True
        elif name == "header":
            self.usual = attributes.get("srclang", "")
        elif name == "tu":
            self.source, self.line = attributes.get("srclang", self.usual), self.parser.CurrentLineNumber
            self.texts = []
        elif name == "tuv":
            self.texts.append((attributes.get("xml:lang", attributes.get("lang", "")), []))
        elif name == "seg":
            self.inside, self.size = bool(self.texts), 0

    def text(self, data: str) -> None:
        # What stands in inline elements belongs to the text: names to be filled in, marks of the original.
        if self.inside and self.size <= _LONGEST_CELL:
            self.texts[-1][1].append(data)
            self.size += len(data)

    def end(self, name: str) -> None:
        if name == "seg":
            self.inside = False
        elif name == "tu":
            self.rows.extend(_of_unit(self.source, self.line, self.texts))


def _of_unit(source: str, line: int, texts: Sequence[tuple[str, list[str]]]) -> Iterator[TranslationRow]:
    told = [(language, "".join(parts)) for language, parts in texts]
    wanted = source.lower()
    own = next((index for index, (language, _) in enumerate(told) if language.lower() == wanted), None)
    if own is None:
        # A unit may be of another region of the language, or of all languages alike.
        begin = wanted.partition("-")[0]
        same = (index for index, (language, _) in enumerate(told) if language.lower().partition("-")[0] == begin)
        own = 0 if wanted in ("", _ALL) else next(same, None)
    for index, (language, text) in enumerate(told):
        if index != own:
            cells = {"source": "" if own is None else told[own][1], "target": text, "target_language": language}
            cells["source_language"] = source if own is None else told[own][0]
            region = language.replace("_", "-").rpartition("-")
            # Others than two letters are scripts, or parts of the world such as es-419.
            yield TranslationRow(line, cells | {"market": region[2] if region[1] and len(region[2]) == 2 else ""})


def _tmx(content: BinaryIO) -> Iterator[TranslationRow]:
    parser = expat.ParserCreate()
    found = _Units(parser)
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler = found.begin, found.end
    parser.CharacterDataHandler = found.text
    parser.EntityDeclHandler = _refuse_entities
    try:
        while piece := content.read(_PIECE):
            parser.Parse(piece, False)
            yield from found.rows
            found.rows.clear()
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise invalid("file", f"file is not TMX: {error}.") from None
    if not found.is_memory:
        raise invalid("file", "file must be TMX, or CSV: its XML is something else.")


def _refuse_entities(*_: object) -> None:
    raise invalid("file", "file must be TMX without entities of its own.")
