"""Templates of texts: sentences with `{{variable}}` places, put together from parts that can be said in several ways.

Nothing in a template is run. A sentence whose places cannot all be filled is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from functools import cache, lru_cache
from importlib.resources import files
from json import loads
from types import MappingProxyType
from typing import Any

from domain.channels import Channel

VARIABLES: Mapping[str, str] = MappingProxyType(
    {
        "first_name": "the reader's first name",
        "full_name": "the reader's name",
        "title": "the reader's job title",
        "company": "the reader's company",
        "industry": "its industry",
        "location": "where it is",
        "technology": "one technology it uses",
        "technologies": "up to three technologies it uses",
        "pain_point": "what may trouble it",
        "known_pain_point": "the same where it is known, and not only assumed by a playbook",
        "solution": "what may help against it",
        "second_solution": "what else may help against it",
        "opportunity": "what could be gained",
        "news_title": "the headline of news about it",
        "news_date": "the day of the news",
        "regulation": "the title of news about a rule for its industry",
        "regulation_date": "the day of that news",
        "competitor": "somebody who sells to it too",
        "won_companies": "how many companies of its industry were won, such as 3 companies",
        "meeting_date": "the day of the last meeting with the reader",
        "sender_name": "who writes",
        "sender_company": "the organization that writes",
        "time_frame": "when, by the urgency that was asked for",
    }
)
"""What places of a template can be filled with."""

PARTS: Mapping[Channel, tuple[str, ...]] = MappingProxyType(
    {
        Channel.EMAIL: ("subject", "text"),
        Channel.LINKEDIN: ("connection_request", "follow_up_message", "post_content"),
        Channel.WEBSITE: ("text",),
        Channel.DIRECT_MAIL: ("text",),
        Channel.PHONE: ("text",),
        Channel.OTHER: ("text",),
    }
)
"""What a text of each channel consists of, the most important part first but for the subject."""

LENGTHS = ("short", "medium", "long")
PLACE = re.compile(r"\{\{\s*([A-Za-z_][A-Za-z0-9_]*)\s*\}\}")
_BRACES = re.compile(r"\{\{|\}\}|\{%|%\}")
_SENTENCES = re.compile(r"(?<=[.!?])[ \t]+(?=[^a-z\s])")
_ANY_TONE, _NO_TONE = "any", "else"


@dataclass(frozen=True, slots=True)
class Phrase:
    """One way to say something. What is `last` is said only where nothing else can be."""

    text: str
    last: bool = False

    @property
    def variables(self) -> tuple[str, ...]:
        """The variables that have to be known."""
        return _places(self.text)


@lru_cache(maxsize=8192)
def _places(text: str) -> tuple[str, ...]:
    return tuple(PLACE.findall(text))


@dataclass(frozen=True, slots=True)
class Slot:
    """A place in a text with the ways to fill it, by tone; `least` is the shortest length it stands in."""

    name: str
    phrases: Mapping[str, tuple[Phrase, ...]]
    least: int = 0
    new_line: bool = False

    def ways(self, tone: str, objective: str, known: AbstractSet[str]) -> list[Phrase]:
        """The ways that can be filled: those for the objective if there are any, those of the tone first."""
        suffix = f".{objective}" if f"{_ANY_TONE}.{objective}" in self.phrases else ""
        own = _usable(self.phrases.get(tone + suffix, ()), known)
        found = [*own, *_usable(self.phrases.get(_ANY_TONE + suffix, ()), known)]
        if not any(not each.last for each in own):
            found += _usable(self.phrases.get(_NO_TONE + suffix, ()), known)
        first = [each for each in found if not each.last]
        return first or found


Paragraph = tuple[Slot, ...]


@dataclass(frozen=True, slots=True)
class Template:
    """A structure for one channel; empty `objectives` and `content_types` stand for any.

    It is used only where all of `needs` is known. `own` is the id of the organization's row it comes from.
    """

    name: str
    channel: Channel
    parts: Mapping[str, tuple[Paragraph, ...]]
    objectives: tuple[str, ...] = ()
    content_types: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    themes: tuple[str, ...] = ()
    own: str | None = None
    fits_all: bool = field(default=True)

    def rank(self, objective: str, content_type: str) -> int | None:
        """How well it fits, the least first; None when it does not."""
        if self.content_types and content_type not in self.content_types and not self.fits_all:
            return None
        if self.objectives and objective not in self.objectives:
            return None
        return (content_type not in self.content_types) + (self.own is None) * 2


def _usable(phrases: Sequence[Phrase], known: AbstractSet[str]) -> list[Phrase]:
    return [each for each in phrases if all(name in known for name in each.variables)]


def own_template(
    id: str, channel: Channel, objective: str, content_type: str, name: str, body: Mapping[str, Any]
) -> Template:
    """The organization's own words as a template: each sentence stands or falls by itself."""
    parts = {part: tuple(_paragraphs(str(body[part]))) for part in PARTS[channel] if body.get(part)}
    return Template(
        name=name,
        channel=channel,
        parts=parts,
        objectives=(objective,) if objective else (),
        content_types=(content_type,) if content_type else (),
        own=id,
        fits_all=False,
    )


def _paragraphs(text: str) -> Iterable[Paragraph]:
    for paragraph in re.split(r"\n[ \t]*\n\s*", text.replace("\r\n", "\n").strip()):
        slots: list[Slot] = []
        for number, line in enumerate(paragraph.split("\n")):
            for place, sentence in enumerate(_SENTENCES.split(line.strip())):
                phrase = MappingProxyType({_ANY_TONE: (Phrase(sentence),)})
                slots.append(Slot("own", phrase, new_line=place == 0 and number > 0))
        yield tuple(slots)


def unknown_variables(text: str) -> list[str]:
    """The places of a text that nothing can fill, each once; braces that hold no name are told as they are."""
    names = [name for name in PLACE.findall(text) if name not in VARIABLES]
    return list(dict.fromkeys([*names, *_BRACES.findall(PLACE.sub("", text))]))


@cache
def carried(channel: Channel) -> tuple[Template, ...]:
    """The templates that come with the product, in the order they are used in."""
    rows = table(f"{channel.value.lower()}.json")
    slots = {**table("shared.json")["slots"], **rows["slots"]}
    return tuple(_carried(channel, each, slots) for each in rows["templates"])


def _carried(channel: Channel, row: Mapping[str, Any], slots: Mapping[str, Any]) -> Template:
    parts = {
        part: tuple(tuple(_slot(name, slots) for name in paragraph) for paragraph in row["parts"][part])
        for part in PARTS[channel]
    }
    return Template(
        name=row["name"],
        channel=channel,
        parts=MappingProxyType(parts),
        content_types=tuple(row.get("types", ())),
        needs=tuple(row.get("needs", ())),
        themes=tuple(row.get("themes", ())),
        fits_all=row.get("general", True),
    )


def _slot(written: str, slots: Mapping[str, Any]) -> Slot:
    """A slot as a structure writes it: `|name` begins a line, `name+` needs a medium length, `name++` a long one."""
    name = written.strip("|+")
    phrases: dict[str, tuple[Phrase, ...]] = {}
    for variant, by_tone in slots.items():
        if variant == name or variant.startswith(f"{name}."):
            objective = variant[len(name) :]
            for tone, texts in by_tone.items():
                phrases[tone + objective] = tuple(Phrase(each.removeprefix("~"), each[0] == "~") for each in texts)
    return Slot(name, MappingProxyType(phrases), written.count("+"), written.startswith("|"))


@cache
def shared(name: str) -> Any:
    """A part of what all channels share, such as the sentences of last resort."""
    return table("shared.json")[name]


@cache
def table(name: str) -> dict[str, Any]:
    """What a file of the folder `copywriting` holds; nobody may change it."""
    found: dict[str, Any] = loads((files("domain.intelligence") / "copywriting" / name).read_text(encoding="utf-8"))
    return found


def sample(template: Template) -> tuple[dict[str, str], int]:
    """A template as a text with its places open, and in how many ways its sentences can be combined."""
    parts: dict[str, str] = {}
    versions = 1
    for part, paragraphs in template.parts.items():
        texts = []
        for paragraph in paragraphs:
            said = ""
            for slot in paragraph:
                ways = slot.ways("consultative", "", VARIABLES.keys())
                said += (("\n" if slot.new_line else " ") if said else "") + ways[0].text
                versions *= len(ways)
            texts.append(said)
        parts[part] = "\n\n".join(texts)
    return parts, versions
