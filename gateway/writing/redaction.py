"""What a language model is not told: e-mail addresses and telephone numbers leave as placeholders, and come back.

Addresses that are spelled out ("ada at example dot com") and names are not recognised.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from gateway.writing.telephones import telephones

# Read once from where it begins; the possessive part gives nothing back.
_LOCAL = r"[\w.!#$%&*+^{|}~'-]"
_LABEL = r"[^\W_](?:[\w-]{0,61}[^\W_])?\."
_HOST = rf"(?:(?:{_LABEL})+(?:xn--[a-zA-Z0-9-]{{2,59}}|[^\W\d_]{{2,63}})|\[[0-9a-fA-F:.]{{3,45}}\])"
_EMAIL = re.compile(rf"(?<!{_LOCAL}){_LOCAL}++[@\uff20]{_HOST}")
_OPENING = re.compile(r"^[^\w+]+")
_PLACEHOLDER = re.compile(r"\[\s*(email|phone)\s+(\d{1,6})\s*\]", re.IGNORECASE)


class Redaction:
    """The placeholders of one conversation: the same text always has the same one."""

    def __init__(self, *said: Any) -> None:
        """`said` is everything that is going to be hidden; placeholders that stand in it already are left alone."""
        self._literal = {each for value in said for text in _texts(value) for each in _found(text)}
        self._shown: dict[tuple[str, int], str] = {}
        self._hidden: dict[tuple[str, str], str] = {}
        self._counts = {"email": 0, "phone": 0}

    def hide(self, value: Any, about: str = "") -> Any:
        """A JSON value with placeholders in all its texts, keys included; `about` is what the value is called."""
        if isinstance(value, str):
            return self._hide(value, about)
        if isinstance(value, Mapping):
            return {self._hide(str(key), ""): self.hide(each, f"{about} {key}") for key, each in value.items()}
        if isinstance(value, list | tuple):
            return [self.hide(each, about) for each in value]
        return value

    def show(self, value: Any) -> Any:
        """A JSON value with what its placeholders stand for."""
        if isinstance(value, str):
            return _PLACEHOLDER.sub(lambda match: self._shown.get(_place(match), match[0]), value)
        if isinstance(value, Mapping):
            return {self.show(key): self.show(each) for key, each in value.items()}
        if isinstance(value, list):
            return [self.show(each) for each in value]
        return value

    def invented(self, value: Any) -> str | None:
        """A placeholder in a value that stands for nothing, if there is one."""
        known = self._shown.keys() | self._literal
        strays = (each for text in _texts(value) for each in _found(text) if each not in known)
        return next((f"[{kind} {number}]" for kind, number in strays), None)

    def _hide(self, text: str, about: str) -> str:
        if "@" in text or "\uff20" in text:
            text = _EMAIL.sub(self._email, text)
        parts: list[str] = []
        end = 0
        for start, stop in telephones(text, about):
            parts += [text[end:start], self._placeholder("phone", text[start:stop])]
            end = stop
        return "".join([*parts, text[end:]])

    def _email(self, match: re.Match[str]) -> str:
        opening = _OPENING.match(match[0])
        before = opening[0] if opening else ""
        return before + self._placeholder("email", match[0][len(before) :])

    def _placeholder(self, kind: str, text: str) -> str:
        known = self._hidden.get((kind, text))
        if known is None:
            self._counts[kind] += 1
            while (kind, self._counts[kind]) in self._literal:
                self._counts[kind] += 1
            number = self._counts[kind]
            known = self._hidden[kind, text] = f"[{kind} {number}]"
            self._shown[kind, number] = text
        return known


def _found(text: str) -> Iterator[tuple[str, int]]:
    return map(_place, _PLACEHOLDER.finditer(text))


def _place(match: re.Match[str]) -> tuple[str, int]:
    return match[1].lower(), int(match[2])


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, each in value.items():
            yield str(key)
            yield from _texts(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _texts(each)
