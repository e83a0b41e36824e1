"""Texts of planned pieces: written when a campaign is planned, made each reader's own when they leave.

What was planned and perhaps changed by somebody is what is sent: only the places for the reader's name are filled then.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from html import escape
from typing import Any, Final

from domain.abm_plan import PlannedItem
from domain.channels import Channel
from domain.content import ContentVariant
from domain.intelligence.copy import CopyWanted, Draft, finished_html, preview_of, write
from domain.intelligence.copy_checks import everyday
from domain.intelligence.copy_facts import CopyFacts, FactKind, first_name
from domain.intelligence.copy_templates import PLACE
from domain.templates import fill

PLACES: Final = ("first_name", "full_name")
"""What stands for the reader in a stored text, such as `{{first_name}}`."""
KEYS: Final = "AB"
"""How the versions of a piece are called."""
_OF_ONE: Final = frozenset({FactKind.ROLE, FactKind.HISTORY})
"""Facts that hold for one reader alone."""


def for_any_reader(facts: CopyFacts, readers: int) -> CopyFacts:
    """The facts for texts to several people: places instead of names, and nothing that is true of one of them only."""
    common = facts.without(_OF_ONE) if readers > 1 else facts
    places = (
        replace(each, value=f"{{{{{each.variable}}}}}") if each.variable in PLACES else each for each in common.always
    )
    return replace(common, always=tuple(places))


def for_reader(text: str, name: str | None, *, html: bool = False) -> str:
    """A stored text as one reader gets it; who has no first name is called by the whole one."""
    full = " ".join((name or "").split())
    values = {"first_name": first_name(full) or full, "full_name": full}
    shown = {place: escape(value) if html else value for place, value in values.items()}
    return fill(text, list(PLACES), shown)


def written(
    items: Sequence[PlannedItem], facts: CopyFacts, objective: str | None, *, compared: bool
) -> list[list[dict[str, Any]]]:
    """The versions of each piece: two of an e-mail where they are compared, else one.

    No text is used twice in a campaign for as long as there are others; then they begin again.
    """
    kinds: defaultdict[tuple[Channel, str, str | None], list[int]] = defaultdict(list)
    for number, item in enumerate(items):
        kinds[item.channel, item.content_type, item.theme].append(number)
    found: list[list[dict[str, Any]]] = [[] for _ in items]
    used: defaultdict[Channel, set[str]] = defaultdict(set)
    for (channel, content_type, theme), numbers in kinds.items():
        each = len(KEYS) if compared and channel is Channel.EMAIL else 1
        wanted = CopyWanted(channel=channel, content_type=content_type, objective=objective, theme=theme)
        drafts = _fresh(wanted, facts, each * len(numbers), used[channel])
        for place, number in enumerate(numbers if drafts else ()):
            own = dict.fromkeys((place * each + version) % len(drafts) for version in range(each))
            found[number] = [
                _version(key, drafts[draft], channel, content_type) for key, draft in zip(KEYS, own, strict=False)
            ]
    return found


def _fresh(wanted: CopyWanted, facts: CopyFacts, count: int, used: set[str]) -> list[Draft]:
    """As many texts as are needed, those first that the campaign has not used yet."""
    drafts = write(wanted, facts, count + len(used))
    drafts.sort(key=lambda each: each.words in used)
    used.update(each.words for each in drafts[:count])
    return drafts[:count]


def _version(key: str, draft: Draft, channel: Channel, content_type: str) -> dict[str, Any]:
    """A version as it is stored; of LinkedIn's texts the one that the kind of content asks for is the `text`."""
    return {
        "key": key,
        "template": draft.template,
        "subject": draft.subject,
        "text": _text(draft, channel, content_type),
        "html": draft.html,
        "preview": draft.preview,
    }


def adopted(
    variants: Sequence[ContentVariant], content_type: str, facts: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Versions from texts that were generated for one reader: the reader's name becomes a place for anybody's."""
    names = {each["value"]: each["variable"] for each in facts if each.get("variable") in PLACES}
    versions = []
    for key, variant in zip(KEYS, variants, strict=False):
        draft = Draft(
            template="",
            facts=(),
            **{part: _with_places(getattr(variant, part), names) for part in _PARTS},
        )
        versions.append(_version(key, draft, variant.channel, content_type) | {"template": None})
    return versions


_PARTS = ("subject", "text", "html", "preview", "connection_request", "follow_up_message", "post_content")


def _with_places(text: str | None, names: Mapping[str, str]) -> str | None:
    # The whole name first, or its first name would be taken out of it.
    for name in sorted(names, key=len, reverse=True):
        for written in {name, escape(name)}:
            text = text and re.sub(_written(written), f"{{{{{names[name]}}}}}", text)
    return text


def _written(name: str) -> str:
    """Where a text says a name, as far as it can be told from words and from names of others.

    One word is somebody else's name before another name or alone on a line, as in a signature; one that is a usual word
    too, such as May, is a name where something is set off after it.
    """
    word = rf"(?<!\w){re.escape(name)}(?!\w)"
    if " " in name:
        return word
    alone = rf"(?<![^\n>]){re.escape(name)}(?=\n|<|$)"
    return rf"(?!{alone}){word}" + (r"(?=[,!?.:;])" if name.lower() in everyday() else r"(?! [A-Z])")


def reworded(version: Mapping[str, Any], values: Mapping[str, str]) -> dict[str, Any]:
    """A version after somebody has changed it; without HTML of its own, its HTML is made anew where it had any."""
    changed = {**version, **values, "template": None}
    if changed.get("html") is not None and "html" not in values:
        text = changed["text"] or ""
        draft = Draft("", (), subject=changed["subject"], text=text, preview=preview_of(text))
        changed |= {"preview": draft.preview, "html": finished_html(draft)}
    return changed


def unknown_places(text: str) -> list[str]:
    """The places of a text that no reader's name fills, each once."""
    return [name for name in dict.fromkeys(PLACE.findall(text)) if name not in PLACES]


def shown(variants: Sequence[Mapping[str, Any]], channel: Channel, name: str | None) -> tuple[str | None, str | None]:
    """Subject and message of a piece, as its first version is read by its first reader: an e-mail has a subject, others
    a message (CC-20).
    """
    if not variants:
        return None, None
    part = "subject" if channel is Channel.EMAIL else "text"
    said = for_reader(variants[0].get(part) or "", name) or None
    return (said, None) if channel is Channel.EMAIL else (None, said)


def _text(draft: Draft, channel: Channel, content_type: str) -> str | None:
    if channel is not Channel.LINKEDIN:
        return draft.text
    if content_type == "connection_request":
        return draft.connection_request
    return draft.post_content if content_type.endswith("_post") else draft.follow_up_message
