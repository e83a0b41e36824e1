"""A legal text made readable for rules: lines joined, page furniture left out, and every offset kept."""

from __future__ import annotations

import re
from array import array
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from domain.intelligence.law_budget import Budget

LINE = re.compile(r"[^\r\n\f\v\x85\u2028\u2029]+")
ODD_SPACE = re.compile(r"\s{2,}|[^\S ]|[\u00ad\u200b\ufeff]")
HYPHENS = "-\u2010\u2011\u00ad\u00ac"
ENDS = ".;:!?"
LONGEST_FURNITURE = 160
LONGEST_HEADING = 40

# What printers put on every page: running heads of official journals, page numbers, and marks of the printing office.
FURNITURE = re.compile(
    r"""(?ix) ^(?:
      (?:[LC]\s?\d{1,4}\s?/\s?\d{1,4}|\d{1,2}\.\d{1,2}\.\d{4}|[A-Z]{2}|\s)*\s*
        (?:Official\ Journal\ of\ the\ European|Amtsblatt\ der\ Europ|Journal\ officiel\ d).{0,90}
    | [LC]\s\d{1,4}/\d{1,4} (?:\s[A-Z]{2})? | OJ\ [LC],?\ .{0,60} | ELI:\s?http.{0,90} | EN | DE | FR | ES
    | [-\u2013\u2014\s]*\d{1,4}[-\u2013\u2014\s]* | (?:page|seite|p\.)\s?\d{1,4}(?:\s?(?:of|von|sur|/|de)\s?\d{1,4})?
    | \d{1,4}\s?/\s?\d{1,4} | Bundesgesetzblatt\ Jahrgang.{0,80} | VerDate\ .{0,120} | Jkt\ \d+.{0,100}
    | (?:\d{3,6}\s)?Federal\ Register\s?/\s?Vol\..{0,100} | JOURNAL\ OFFICIEL\ DE\ LA\ R.{0,80}
    )$"""
)
# What begins a new paragraph even where the line before has no full stop.
MARKER = re.compile(
    r"""(?x) (?: (?:Article|Artikel|ARTICLE|Art\.|Section|SECTION|Sec\.|SEC\.|Chapter|CHAPTER|Kapitel|Abschnitt
        |Chapitre|Title|TITLE|Titel|Titre|Annex|ANNEX|Anhang|Anlage|Annexe|Part|PART|Rule)
        \ (?:premier|L\.?|R\.?|D\.?|[IVXL]+|\d)
      | §{1,2}\s?\d | \(\w{1,4}\)\s | \d{1,3}[.)]\s | [a-z]\)\s | [IVX]{1,5}\.\s?[-\u2013\u2014]
      | [\u2022\u2013\u2014\u25aa\uf0b7*]\s | -\s )"""
)
BARE_HEADING = re.compile(
    r"^(?:Article|Artikel|ARTICLE|Art\.|Section|SECTION|Sec\.|Artículo|§)"
    r"\s?(?:L\.?\s?|R\.?\s?|D\.?\s?)?[\dIVXL][\w.-]{0,14}(?: \w{1,3})?$"
)
# After these words at the end of a line, what looks like a heading or a number is only referred to.
LEAD = re.compile(
    r"""(?ix) (?: \b(?:paragraphs?|points?|articles?|sections?|sec\.|subsections?|rules?|items?|parts?|titles?|annex
      |in|of|to|with|under|by|the|from|pursuant|see|than|that|this|absatz|absätzen?|artikeln?s?|nummern?|nr\.|buchstaben?
      |nach|gemäß|des|der|dem|den|mit|von|bis|im|satz|sätzen?|paragraphes?|au|aux|du|de|les|la
      |le|à|l['\u2019]|d['\u2019]) | §{1,2} )$"""
)
JOINED = re.compile(r"(?i)(?<![;,] )\b(?:and|or|und|oder|et|ou)$")
# Full stops that end no sentence.
ABBREVIATION = re.compile(
    r"""(?x) (?:^|[\s(\u00a7]) (?: Art|Arts|No|Nos|Nr|Abs|Ziff|Ziffer|Buchst|bzw|vgl|gem|ggf|ca|usw|inkl|p|pp|paras?
      |Secs?|sec|seq|Inc|Corp|Ltd|Co|v|vs|cf|al|eg|ie|e\.g|i\.e|U\.S|U\.S\.C|C\.F\.R|Stat|Pub|Rev|Civ|SEC|ART|St|Dr|Mrs?
      |Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec|z\.\ ?B|d\.\ ?h|u\.\ ?a|i\.\ ?S|i\.\ ?V|Mio|Mrd|Tsd
      |n|art|[A-Z] )$"""
)
LONGEST_NUMBERING = 24
NUMBERING = re.compile(r"\d{1,3}|(?:§{1,2}|Article|Artikel|Art\.|Section|SECTION|Sec\.|SEC\.|Rule|Item) ?[\w.-]{1,12}")
STOP = re.compile(r"[.!?][\"\u201d\u2019)\]\u00bb]{0,2} |\n")
# Numbers and letters of a list within a line: `as follows: 1. In the amount`, `oder 2. 10 Prozent`.
INLINE = re.compile(r"[:;] (?:\d{1,2}|[a-z])$")
INLINE_AMOUNT = re.compile(r"(?:[:;,]| or| and| oder| und| ou| et) (?:\d{1,2}|[a-z])$")
MONTHS = re.compile(
    r"(?:Januar|Jänner|Februar|März|April|Mai|Juni|Juli|August|September|Oktober|November|Dezember|Tag|Werktag|"
    r"Kalendertag|"
    r"Arbeitstag|Monat|Jahr|Lebensjahr|Geburtstag)"
)


@dataclass(frozen=True, slots=True)
class Reading:
    """A text as rules read it: one line per paragraph, single spaces, with the way back to the source.

    `sentences` are offsets where sentences begin in `text`, `blocks` those where paragraphs do. `budget` is how much of
    it is looked at closely.
    """

    source: str
    text: str
    sentences: array[int]
    blocks: frozenset[int]
    budget: Budget
    _read: array[int]
    _written: array[int]

    def sentence(self, position: int) -> int:
        """The number of the sentence that holds a position of `text`."""
        return max(bisect_right(self.sentences, position) - 1, 0)

    def bounds(self, sentence: int) -> tuple[int, int]:
        """Where a sentence begins and ends in `text`."""
        following = sentence + 1
        end = self.sentences[following] if following < len(self.sentences) else len(self.text)
        return self.sentences[sentence], end

    def at(self, position: int) -> int:
        """The offset in the source of a position of `text`."""
        piece = max(bisect_right(self._read, position) - 1, 0)
        return self._written[piece] + position - self._read[piece]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Offsets in the source of what stands between two positions of `text`, without space around."""
        while start < end and self.text[start].isspace():
            start += 1
        while end > start and self.text[end - 1].isspace():
            end -= 1
        return (self.at(start), self.at(end - 1) + 1) if end > start else (self.at(start), self.at(start))


def read(source: str, budget: Budget | None = None) -> Reading:
    """A source text as rules read it."""
    pieces: list[str] = []
    reads, writes = array("q"), array("q")
    length = 0
    for start, end, joint in _lines(source):
        if joint:
            reads.append(length)
            writes.append(max(start - 1, 0))
            pieces.append(joint)
            length += 1
        for piece_start, piece_end, space in _runs(source, start, end):
            reads.append(length)
            writes.append(piece_start)
            piece = source[piece_start:piece_end]
            pieces.append(piece + " " if space else piece)
            length += len(pieces[-1])
    text = "".join(pieces)
    return Reading(source, text, *_sentences(text), budget or Budget(), reads, writes)


def _runs(source: str, start: int, end: int) -> Iterator[tuple[int, int, bool]]:
    """Parts of a line between odd spaces, and whether a space stands for what follows."""
    for odd in ODD_SPACE.finditer(source, start, end):
        if odd.start() > start or odd[0].isspace():
            yield start, odd.start(), odd[0].isspace()
        start = odd.end()
    if start < end:
        yield start, end, False


def _lines(source: str) -> Iterator[tuple[int, int, str]]:
    """Lines without page furniture, each with what joins it to the one before: nothing, a space or a new line.

    Empty lines part paragraphs, but not those around a running head: a sentence goes on over the page.
    """
    previous: tuple[int, int, str] | None = None
    last_end = 0
    gap = page = titled = False
    for match in LINE.finditer(source):
        start, end = _stripped(source, match.start(), match.end())
        if start == end:
            gap = True
            continue
        if end - start <= LONGEST_FURNITURE and FURNITURE.match(source[start:end]):
            page = True
            continue
        gap = (gap or source.count("\n", last_end, match.start()) > 1) and not page
        last_end = match.end()
        joint = ""
        if previous is not None:
            before_start, before_end, before_joint = previous
            headed = _is_bare_heading(source, before_start, before_end)
            joint, cut = ("\n", 0) if headed else _joint(source, before_start, before_end, start, gap)
            if titled and source[start].isupper():
                joint, cut = "\n", 0
            titled = headed
            yield before_start, before_end - cut, before_joint
        previous = (start, end, joint)
        gap = page = False
    if previous is not None:
        yield previous


def _is_bare_heading(source: str, start: int, end: int) -> bool:
    return end - start <= LONGEST_HEADING and bool(BARE_HEADING.match(source[start:end]))


def _stripped(source: str, start: int, end: int) -> tuple[int, int]:
    while start < end and (source[start].isspace() or source[start] == "#"):  # headings in Markdown
        start += 1
    while end > start and source[end - 1].isspace():
        end -= 1
    return start, end


def _joint(source: str, before_start: int, before_end: int, start: int, gap: bool) -> tuple[str, int]:
    """What joins two lines, and how many characters (a hyphen) the first loses."""
    last, first = source[before_end - 1], source[start]
    tail = source[max(before_start, before_end - 40) : before_end]
    referred = LEAD.search(tail) or (JOINED.search(tail) and not MARKER.match(source, before_start))
    if MARKER.match(source, start) and (gap or not referred):
        return "\n", 0
    if last in HYPHENS and before_end - before_start > 1:
        before = source[before_end - 2]
        if before.isalpha() and first.islower():
            return "", 1
        if before.isdigit() and first.isalpha():
            return "", 0
    if last in ENDS or (gap and not first.islower()):
        return "\n", 0
    return " ", 0


def _sentences(text: str) -> tuple[array[int], frozenset[int]]:
    starts = array("q", [0])
    blocks = {0}
    for stop in STOP.finditer(text):
        if stop[0] == "\n":
            blocks.add(stop.end())
            starts.append(stop.end())
        elif _ends(text, starts[-1], stop.start(), stop.end()):
            starts.append(stop.end())
    return starts, frozenset(blocks)


def _ends(text: str, start: int, stop: int, following: int) -> bool:
    """Whether a full stop ends a sentence."""
    if text[stop] != ".":
        return True
    after = text[following : following + 1]
    if after.islower() or following >= len(text):
        return False
    before = text[max(start, stop - 12) : stop]
    if INLINE.search(before) or (after.isdigit() and INLINE_AMOUNT.search(before)):
        return False
    if before[-1:].isdigit():
        numbering = stop - start <= LONGEST_NUMBERING and bool(NUMBERING.fullmatch(text, start, stop))
        return not numbering and not MONTHS.match(text, following) and not (after.isdigit() and before[-3:].isdigit())
    return not ABBREVIATION.search(before)
