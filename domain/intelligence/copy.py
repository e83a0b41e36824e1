"""Writing texts from templates and facts: as many different versions as are wanted, the same ones every time.

Versions differ in their structure first, then in what they speak about, then in how each sentence is said. Nothing is
said that is no fact: a sentence whose fact is missing is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import islice, product, repeat

from domain.channels import Channel
from domain.intelligence.copy_facts import CopyFact, CopyFacts, FactKind
from domain.intelligence.copy_html import html_of, page_of
from domain.intelligence.copy_manner import Manner, manner_of, objective_of, word_of
from domain.intelligence.copy_templates import PARTS, PLACE, Phrase, Slot, Template, carried, shared
from domain.levels import Level

_TRIES = 2_000
"""Combinations that are tried of one structure before it is given up."""
LIMITS = {"subject": 120, "connection_request": 300}
"""Most characters of a part: a subject is cut by most programs, a request to connect refused by LinkedIn."""
_SHOWN = (Channel.EMAIL, Channel.WEBSITE)
"""Channels whose texts are shown as HTML, with a preview."""
_PREVIEW = 140
_PHRASES = frozenset({FactKind.PAIN_POINT, FactKind.SOLUTION, FactKind.OPPORTUNITY})
"""What is told in words of somebody's own, and not by a name or a title."""
_MENTIONS = {
    "include_company_insights": (
        FactKind.TECHNOLOGY,
        FactKind.PAIN_POINT,
        FactKind.SOLUTION,
        FactKind.OPPORTUNITY,
        FactKind.NEWS,
    ),
    "include_industry_context": (FactKind.INDUSTRY, FactKind.REGULATION),
    "include_competitor_mentions": (FactKind.COMPETITOR,),
    "include_social_proof": (FactKind.SOCIAL_PROOF,),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyWanted:
    """What is to be written. Words nobody knows are no error: the channel's general templates serve them."""

    channel: Channel
    content_type: str = ""
    objective: str | None = None
    urgency: Level | None = None
    tone: str | None = None
    length: str | None = None
    theme: str | None = None
    include_company_insights: bool = True
    include_industry_context: bool = True
    include_competitor_mentions: bool = True
    include_social_proof: bool = True


@dataclass(frozen=True, slots=True)
class Draft:
    """One version of a text; which parts it has depends on the channel. `facts` are those that were merged."""

    template: str
    facts: tuple[CopyFact, ...]
    subject: str | None = None
    text: str | None = None
    html: str | None = None
    preview: str | None = None
    connection_request: str | None = None
    follow_up_message: str | None = None
    post_content: str | None = None

    @property
    def words(self) -> str:
        """All that it says, in the order it is read in."""
        parts = (self.subject, self.text, self.connection_request, self.follow_up_message, self.post_content)
        return "\n\n".join(each for each in parts if each)


def write(wanted: CopyWanted, facts: CopyFacts, count: int) -> list[Draft]:
    """`count` versions that all differ, or as many as there are; the same wish and facts give the same ones."""
    allowed = facts.without(_unmentioned(wanted))
    manner = manner_of(
        tone=wanted.tone or facts.preferred_tone,
        objective=wanted.objective,
        content_type=wanted.content_type,
        length=wanted.length,
        urgency=wanted.urgency,
    )
    templates = _templates(wanted, allowed)
    # The organization's own may stand in place of every carried one and yet fit nothing that is asked for here.
    return _drafts(templates, allowed, manner, count) or _drafts(
        _templates(wanted, replace(allowed, templates=())), allowed, manner, count
    )


def _drafts(templates: Sequence[Template], facts: CopyFacts, manner: Manner, count: int) -> list[Draft]:
    rounds = [_versions(template, facts, manner, place) for place, template in enumerate(templates)]
    drafts: list[Draft] = []
    seen: set[str] = set()
    while rounds and len(drafts) < count:
        for versions in list(rounds)[: count - len(drafts)]:
            version = next((each for each in versions if each.body not in seen), None)
            if version is None:
                rounds.remove(versions)
            else:
                seen.add(version.body)
                drafts.append(_finished(version))
    return drafts


@dataclass(frozen=True, slots=True)
class _Version:
    """One version before it is finished: its parts, and the facts that were merged."""

    template: Template
    parts: Mapping[str, str]
    used: tuple[CopyFact, ...]

    @property
    def body(self) -> str:
        """What two versions must not have in common."""
        return self.parts[_main(self.template.channel)]


def _main(channel: Channel) -> str:
    """The part that versions have to differ in: the first one that is no subject."""
    return next(part for part in PARTS[channel] if part != "subject")


def _unmentioned(wanted: CopyWanted) -> frozenset[FactKind]:
    return frozenset(kind for name, kinds in _MENTIONS.items() if not getattr(wanted, name) for kind in kinds)


def _templates(wanted: CopyWanted, facts: CopyFacts) -> list[Template]:
    """The structures that fit, the organization's own first, then those of the content type and of the theme."""
    known = {fact.variable for fact in facts.always}
    known |= {fact.variable for choice in facts.choices for group in choice for fact in group}
    own = [each for each in facts.templates if each.channel is wanted.channel]
    replaced = {each.name for each in own}
    theme = (wanted.theme or "").lower()
    ranked: list[tuple[int, bool, Template]] = []
    for template in [*own, *(each for each in carried(wanted.channel) if each.name not in replaced)]:
        rank = template.rank(objective_of(wanted.objective), word_of(wanted.content_type))
        if rank is not None and known.issuperset(template.needs):
            ranked.append((rank, not any(word in theme for word in template.themes), template))
    return [each[2] for each in sorted(ranked, key=lambda each: each[:2])]


def _versions(template: Template, facts: CopyFacts, manner: Manner, place: int) -> Iterator[_Version]:
    """The versions of one structure: first all sentences change at once, then those of the main part one by one."""
    topics = max((len(choice) for choice in facts.choices), default=1)
    said_of = [_known(facts.chosen(topic)) for topic in range(topics)]
    main = [slot for paragraph in template.parts.get(_main(template.channel), ()) for slot in paragraph]
    sizes = [_most(slot, said_of, manner) for slot in main]
    together = ((place + number,) * len(main) for number in range(2 * max(sizes, default=1)))
    apart = product(*(range(size) for size in reversed(sizes)))
    picks = (each for way in (together, (tuple(reversed(each)) for each in apart)) for each in way)
    for number, pick in enumerate(islice(picks, _TRIES)):
        known = facts.chosen((place + number) % topics)
        if known.keys() >= set(template.needs):
            version = _version(template, known, facts, manner, (pick, place + number))
            if version is not None:
                yield version


def _most(slot: Slot, said_of: Sequence[set[str]], manner: Manner) -> int:
    """In how many ways a slot can be filled; one that stays empty at this length has one."""
    if slot.least > manner.length:
        return 1
    return max(1, *(len(slot.ways(manner.tone, manner.objective, known)) for known in said_of))


def _known(facts: Mapping[str, CopyFact]) -> set[str]:
    return {*facts, "time_frame"}


def _version(
    template: Template,
    known: Mapping[str, CopyFact],
    facts: CopyFacts,
    manner: Manner,
    picks: tuple[Sequence[int], int],
) -> _Version | None:
    """One version by the ways of its main part's sentences, and of all others; None when a part would be empty."""
    used: dict[str, CopyFact] = {}
    parts: dict[str, str] = {}
    for part in PARTS[template.channel]:
        ways = iter(picks[0]) if part == _main(template.channel) else repeat(picks[1])
        chosen = [[(slot, next(ways)) for slot in paragraph] for paragraph in template.parts.get(part, ())]
        limit = LIMITS.get(part)
        for length in range(manner.length, -1, -1):
            said, merged = _said(chosen, known, facts, replace(manner, length=length))
            if limit is None or len(said) <= limit:
                break
        if not said or (limit is not None and len(said) > limit):
            said, merged = _shortest(part, known, facts, manner, limit)
        if not said:
            return None
        parts[part] = said
        used |= merged
    return _Version(template, parts, tuple(used.values()))


def _said(
    paragraphs: Sequence[Sequence[tuple[Slot, int]]],
    known: Mapping[str, CopyFact],
    facts: CopyFacts,
    manner: Manner,
) -> tuple[str, dict[str, CopyFact]]:
    used: dict[str, CopyFact] = {}
    written: list[str] = []
    usable = _known(known)
    for paragraph in paragraphs:
        text = ""
        for slot, pick in paragraph:
            ways = slot.ways(manner.tone, manner.objective, usable) if slot.least <= manner.length else []
            if ways:
                phrase = ways[pick % len(ways)]
                used |= {name: known[name] for name in phrase.variables if name in known}
                between = ("\n" if slot.new_line else " ") if text else ""
                said = _filled(phrase, known, facts.names, manner.time_frame)
                text += between + (_after_comma(said, phrase) if text.endswith(",") and between == " " else said)
        if text:
            written.append(text)
    return "\n\n".join(written), used


def _shortest(
    part: str, known: Mapping[str, CopyFact], facts: CopyFacts, manner: Manner, limit: int | None
) -> tuple[str, dict[str, CopyFact]]:
    """The carried sentence of last resort for a part, cut if names alone are longer than it may be."""
    slot = next((each for each in _resorts(part) if each.ways(manner.tone, manner.objective, _known(known))), None)
    if slot is None:
        return "", {}
    said, used = _said([[(slot, 0)]], known, facts, manner)
    return (said if limit is None or len(said) <= limit else said[: limit - 1].rstrip() + "…"), used


def _resorts(part: str) -> list[Slot]:
    texts = shared("resorts").get(part, [])
    return [Slot(part, {"any": (Phrase(each),)}) for each in texts]


def _filled(phrase: Phrase, known: Mapping[str, CopyFact], names: frozenset[str], time_frame: str) -> str:
    """The sentence with its places filled, beginning with a capital letter."""

    def value(place: re.Match[str]) -> str:
        if place[1] not in known:
            return time_frame
        fact = known[place[1]]
        return fact.value if place.start() == 0 or fact.kind not in _PHRASES else _inside(fact.value, names)

    # What is asked already is not asked or ended twice.
    said = PLACE.sub(value, phrase.text).replace("?.", "?").replace("??", "?")
    return said[:1].upper() + said[1:]


def _after_comma(said: str, phrase: Phrase) -> str:
    """A sentence that follows a greeting: its own first word loses its capital, a fact does not, nor does I."""
    own = not PLACE.match(phrase.text) and not phrase.text.startswith(("I ", "I'"))
    return said[0].lower() + said[1:] if own else said


def _inside(value: str, names: frozenset[str]) -> str:
    """A value as it stands inside a sentence: a usual word at its beginning loses its capital letter, a name does not.

    Which words are usual is a list: any other word may be a name.
    """
    first = value.split(maxsplit=1)[0]
    usual = first.lower() in _usual_words() and first[1:] == first[1:].lower() and first not in names
    return value[0].lower() + value[1:] if usual else value


@cache
def _usual_words() -> frozenset[str]:
    return frozenset(shared("usual_beginnings"))


def _finished(version: _Version) -> Draft:
    parts = version.parts
    text = parts.get("text")
    draft = Draft(
        template=version.template.name,
        facts=version.used,
        subject=parts.get("subject"),
        text=text,
        preview=preview_of(text) if text is not None and version.template.channel in _SHOWN else None,
        connection_request=parts.get("connection_request"),
        follow_up_message=parts.get("follow_up_message"),
        post_content=parts.get("post_content"),
    )
    return replace(draft, html=finished_html(draft))


def finished_html(draft: Draft) -> str | None:
    """What a text is shown as: an e-mail as a document, a page as its part; None for what is not shown."""
    if draft.text is None or draft.preview is None:
        return None
    return page_of(draft.text) if draft.subject is None else html_of(draft.subject, draft.preview, draft.text)


def preview_of(text: str) -> str:
    """The beginning of a text that mail programs show beside the subject: what follows the greeting."""
    paragraphs = text.split("\n\n")
    body = paragraphs[1] if len(paragraphs) > 1 and len(paragraphs[0]) < 60 else paragraphs[0]
    said = " ".join(body.split())
    if len(said) <= _PREVIEW:
        return said
    return said[: _PREVIEW - 1].rsplit(" ", 1)[0].rstrip(",;:-") + "…"
