"""Where in a legal text something stands: its article or section, and its paragraph, from headings and numbering."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import pairwise

from domain.intelligence.law_reading import Reading

HEADING = re.compile(
    r"""(?x) (?P<word>Article|ARTICLE|Artikel|ARTIKEL|Art\.|Artículo|Section|SECTION|Sec\.|SEC\.|Rule|Item|§{1,2}
        |Annexe?|ANNEXE?|Anhang|ANHANG)
      [ ]?(?P<number>premier|[LRDA]\.?[ ]?\*?\d[\d.-]*(?<![.-])
        |\d+(?:[a-z](?![a-z]))?(?:[.:-]\d+[a-z]?)*(?:[ ][a-z](?=[ ][A-ZÄÖÜ]|$))?|[IVXL]+(?![\w]))
      (?: \.?(?=$|\n) | \.?[ ]?(?=\((?:\w{1,4})\)) | \.?[ ](?=[A-ZÄÖÜÉÈÀ"\u201c])
        | [ ]?[.:\u2013\u2014-]+[ ]?(?=[A-ZÄÖÜÉ(])) """
)
# A number of a code at the beginning of a line, as in `1798.155(a)` or `45 CFR 164.404(b):`.
CODE = re.compile(
    r"(?P<code>\d{1,2} (?:C\.?F\.?R\.?|U\.?S\.?C\.?)(?: Part)?(?: §)? )?(?:§ ?)?"
    r"(?P<number>\d{2,5}\.\d{1,4}(?:\.\d{1,4})*|(?<=§ )\d{2,5}[a-z]?)(?=[( :])"
)
REFERENCE = re.compile(
    r"(?:Absatz|Abs\.|Satz|Nummer|Nr\.|Buchstabe|und|and|oder|bis|to|of|the|ist|gilt|sind|findet|shall|is|applies)\b"
)
MARK = re.compile(
    r"(?P<digits>\d{1,3})\.(?= |$)|\((?P<inside>\d{1,3}[a-z]?|[a-z]{1,5}|[A-Z]{1,3})\)(?=[ (:]|$)"
    r"|(?P<letter>[a-z])\)(?= )|(?P<roman>[IVX]{1,5})\. ?[-\u2013\u2014\u2009]"
)
ROMAN = re.compile(r"(?:x{0,2})(?:ix|iv|v?i{0,3})")
RECITALS = re.compile(r"(?i)\b(?:whereas|in Erwägung nachstehender Gründe|considérant ce qui suit)\b[^\n]{0,40}$")
# Reasons come before the first article; a text that begins after `whereas` has them as numbered paragraphs.
FIRST_ARTICLE = re.compile(r"(?m)^(?:Article|Artikel|ARTICLE|ARTIKEL) (?:1|1er|premier|PREMIER|I)(?![\w.-])")
REASON = re.compile(r"(?m)^\((?P<number>\d{1,3})\) ?[A-ZÄÖÜÉÈÀ\u00ab\u2018\u201c]")
FEWEST_REASONS = 3
WORDS = {"en": ("Recital", "Paragraph"), "de": ("Erwägungsgrund", "Absatz"), "fr": ("Considérant", "Paragraphe")}
GERMAN_LEVELS = {"round": "Abs.", "digits": "Nr.", "small": "Buchst.", "roman": "Doppelbuchst.", "capital": "Abs."}
FARTHEST_JUMP = 5


@dataclass(slots=True)
class _Place:
    """Where reading has come to."""

    language: str
    heading: str | None = None
    number: str = ""
    recitals: bool = False
    path: list[tuple[str, str]] = field(default_factory=list)

    def enter(self, heading: str, number: str) -> None:
        self.heading, self.number, self.path, self.recitals = heading, number, [], False

    def mark(self, kind: str, value: str) -> None:
        kinds = [known for known, _ in self.path]
        if kind in kinds:
            del self.path[kinds.index(kind) :]
        self.path.append((kind, value))

    def text(self) -> str | None:
        recital, paragraph = WORDS.get(self.language, WORDS["en"])
        if self.heading is None:
            if not self.path:
                return None
            if self.recitals:
                return f"{recital} {self.path[0][1]}"
            return f"{paragraph} {self.path[0][1]}" + "".join(f"({value})" for _, value in self.path[1:])
        if self.language == "de":
            levels = [f"{GERMAN_LEVELS[kind]} {value}" for kind, value in self.path]
            return " ".join([self.heading, *levels])
        roman_first = "".join(f", {value}" if kind == "capital" else f"({value})" for kind, value in self.path)
        return self.heading + roman_first


@dataclass(frozen=True, slots=True)
class Places:
    """For every sentence of a reading, its place, its article's number alone, and where its words begin."""

    names: list[str | None]
    articles: list[str]
    starts: list[int]
    recitals: list[bool]
    titles: dict[str, str]


def places(reading: Reading, language: str) -> Places:
    """Where the sentences of a text stand."""
    state = _Place(language)
    found = Places([], [], [], [], {})
    text = reading.text
    expects_title = ""
    reasons = _reasons(text)
    for number, start in enumerate(reading.sentences):
        end = reading.bounds(number)[1]
        block = start in reading.blocks
        if reasons is not None and start >= reasons:
            state.recitals = True
        at = _heading(text, start, end, state, block)
        if at > start:
            expects_title = state.heading or ""
        at = _marks(text, at, end, state)
        if expects_title and at < end and text[at:end].strip():
            if end - at < 200 and not text[at:end].rstrip().endswith((".", ";", ":")):
                found.titles.setdefault(expects_title, text[at:end].strip())
            expects_title = ""
        if state.heading is None and not state.recitals and RECITALS.search(text, max(start, end - 120), end):
            state.recitals = True
        found.names.append(state.text())
        found.articles.append(state.number)
        found.starts.append(min(at, end))
        found.recitals.append(state.recitals and state.heading is None)
    if state.heading is None:  # a contract that says why it is made, and has no articles
        found.recitals[:] = [False] * len(found.recitals)
    return found


def _reasons(text: str) -> int | None:
    """From where on numbered paragraphs before the first article are the reasons of an act."""
    article = FIRST_ARTICLE.search(text)
    if article is None:
        return None
    numbered = [(match.start(), int(match["number"])) for match in REASON.finditer(text, 0, article.start())]
    begins = [start for start, number in numbered if number == 1]
    in_order = sum(number == before + 1 for (_, before), (_, number) in pairwise(numbered))
    return begins[0] if begins and in_order >= FEWEST_REASONS - 1 else None


def _heading(text: str, start: int, end: int, state: _Place, block: bool) -> int:
    """Enter the article or section that a sentence opens, and return where its words begin."""
    match = HEADING.match(text, start, end)
    if match is not None and (block or match["word"].startswith("§")) and not REFERENCE.match(text, match.end()):
        bare = match.end() >= end - 1
        if bare or block or text[max(start - 2, 0)] in ".;\n":
            name = match["word"].title() if match["word"].isupper() and len(match["word"]) > 3 else match["word"]
            joint = "" if name.endswith("\u00a0") else " "
            state.enter(f"{name}{joint}{match['number']}", match["number"])
            return match.end()
    code = CODE.match(text, start, end) if block else None
    if code is not None:
        state.enter((code["code"] or "§ ") + code["number"], code["number"])
        return code.end()
    return start


def _marks(text: str, at: int, end: int, state: _Place) -> int:
    """Enter the paragraphs and points that a sentence opens, and return where its words begin."""
    for _ in range(4):
        while at < end and text[at] in " :":
            at += 1
        match = MARK.match(text, at, end)
        if match is None:
            break
        kind, value = _kind(match, state)
        if kind == "digits" and not _follows(value, state):
            break
        state.mark(kind, value)
        at = match.end()
    return at


def _follows(value: str, state: _Place) -> bool:
    """Whether a number may be the next paragraph's, and is not the last word of a line before."""
    last = next((known for kind, known in state.path if kind == "digits"), None)
    return last is None or not last.isdigit() or int(value) == 1 or 0 < int(value) - int(last) <= FARTHEST_JUMP


def _kind(match: re.Match[str], state: _Place) -> tuple[str, str]:
    if match["digits"]:
        return "digits", match["digits"]
    if match["roman"]:
        return "capital", match["roman"]
    value = match["inside"] or match["letter"]
    if value[0].isdigit():
        return "round", value
    if value[0].isupper():
        return "capital", value
    if len(value) == 1 and not _is_roman(value, state):
        return "small", value
    return ("roman", value) if ROMAN.fullmatch(value) else ("small", value)


def _is_roman(value: str, state: _Place) -> bool:
    """Whether a single letter is a roman number: not if it is the next letter after the last point's."""
    if not ROMAN.fullmatch(value):
        return False
    known = dict(state.path)
    last = known.get("small")
    if last is not None and len(last) == 1 and ord(value) == ord(last) + 1:
        return "roman" in known and value != "i"
    return "roman" in known or (value == "i" and bool(state.path))
