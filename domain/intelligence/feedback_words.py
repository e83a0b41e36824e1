"""Feedback texts as words: one spelling for what people write in many ways."""

from __future__ import annotations

import re
import unicodedata
from html import unescape

# Feedback is short; what is longer is judged by its first part, so that nobody pays for a hostile text.
ANALYSED = 4_000

_ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})")
_ADDRESS = re.compile(r"(?:https?://|www\.)\S+|\bhttps?\b")
_MENTION = re.compile(r"@\w+")
_DIGITS = re.compile(r"\d+(?:[.,:]\d+)*")
_LONG = re.compile(r"(\w)\1{2,}")
_ACCENTS = re.compile("[\u0300-\u036f]")
_TOKEN = re.compile(
    r"(?P<face><3+|[:;=8xX]['\u2019]?[-o^]?[)\]dDpP(\[/\\|*3]+(?!\w)|\^[_.]*\^|[-tT]_+[-tT])"
    r"|(?P<word>[^\W_]+(?:['\u2019][^\W_]+)?)"
    r"|(?P<mark>[!?]+|\.{2,}|…|[.,;:()\n])"
    r"|(?P<sign>[^\s\w])"
)

SMILE, FROWN, HEART = "⟨smile⟩", "⟨frown⟩", "⟨heart⟩"
_PLEASED = frozenset("😀😃😄😁😆😅😂🤣😊😇🙂😉😌😍🥰😘😗😙😚😋😛😝😜🤪😎🤩🥳👍👌💪🙏👏🙌💯🎉✨⭐🌟🔥✅☺😻🤗🏆🥇🤝")
_DISPLEASED = frozenset("😞😔😟😕🙁☹😣😖😫😩🥺😢😭😤😠😡🤬🤯😳😱😨😰😥😓🤢🤮🤧😷👎💔😒🙄😑😐😶🤦🤷💩🖕😾😿🚫❌⛔⚠")
_HEARTS = frozenset("❤♥💕💖💗💓💞💘💝💜💙💚💛🧡🖤🤍♡💟❣")
# What stands before an apostrophe as a word of its own in French and Italian.
_ELIDED = frozenset(
    [
        "l",
        "d",
        "j",
        "n",
        "s",
        "c",
        "m",
        "t",
        "qu",
        "jusqu",
        "lorsqu",
        "puisqu",
        "un",
        "dell",
        "nell",
        "all",
        "sull",
        "dall",
        "quell",
    ]
)
_BREAKS = frozenset(".,;:()!?\n…")


def plain(text: str) -> str:
    """The first ANALYSED characters, lower case, without accents, addresses, and names of people spoken to."""
    text = text[:ANALYSED]
    if "\\u" in text:
        text = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
    if "&" in text:
        text = unescape(text)
    text = _ADDRESS.sub(" ⟨url⟩ ", text)
    text = _MENTION.sub(" ⟨user⟩ ", text)
    text = unicodedata.normalize("NFKD", text.replace("\u2019", "'"))[:ANALYSED]
    return _ACCENTS.sub("", text).casefold()


def words(text: str) -> list[str]:
    """The words and marks of a text in order: numbers folded, faces and stretched words made alike."""
    shouted = sum(map(str.isupper, text[:ANALYSED])) * 2 > len(text[:ANALYSED]) > 8
    found = ["⟨shout⟩"] if shouted else []
    for match in _TOKEN.finditer(plain(text)):
        token = match[0]
        kind = match.lastgroup
        if kind == "word":
            found.extend(_word(token))
        elif kind == "face":
            found.append(_face(token))
        elif kind == "mark":
            found.append(token if len(token) == 1 else token[0] * 2 if token[0] != "…" else "..")
        else:
            found.extend(_sign(token))
    return found


def breaks(token: str) -> bool:
    """Whether a mark ends what a negation before it reaches."""
    return token[0] in _BREAKS


def _word(token: str) -> list[str]:
    before, mark, after = token.partition("'")
    if mark and before in _ELIDED:
        return [before, *_word(after)]
    if any(map(str.isdigit, token)):
        return [_DIGITS.sub("0", token)]
    squeezed = _LONG.sub(r"\1\1", token)
    if squeezed != token:
        return [squeezed, "⟨stretched⟩"]
    return [token]


def _face(token: str) -> str:
    if token.startswith("<3"):
        return HEART
    if token[0] == "^" or token[-1] in ")]dp*3":
        return SMILE
    return FROWN


def _sign(sign: str) -> list[str]:
    if sign in _PLEASED:
        return [sign, SMILE]
    if sign in _DISPLEASED:
        return [sign, FROWN]
    if sign in _HEARTS:
        return [sign, HEART]
    return [sign]
