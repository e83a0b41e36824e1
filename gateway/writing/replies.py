"""What comes of a request to a language model; known without loading what sends it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from gateway.json import MalformedJSON, loads

_FENCED = re.compile(r"\A\s*```(?:json)?\s*\n(.*)\n\s*```\s*\Z", re.DOTALL)
_THOUGHT = re.compile(r"\A\s*<think>.*?</think>", re.DOTALL)
_NAMED = re.compile(r"[A-Za-z0-9_.-]{1,64}")


class NotSent(Exception):
    """There was no connection: the model has not been asked."""


class Broken(Exception):
    """The connection ended without a whole answer: what was asked may have been worked on."""


class Unreadable(Broken):
    """An answer that is not read: it is too large, or compressed. Asking again would not help."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What the server answered; header names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Client(Protocol):
    """Whoever carries requests to the server."""

    async def complete(self, body: Mapping[str, Any]) -> Reply:
        """Ask once.

        Raises:
            NotSent: there was no connection.
            Broken: there was one, and no whole answer.
        """
        ...

    async def close(self) -> None:
        """Close every connection."""
        ...


@dataclass(frozen=True, slots=True)
class Completion:
    """What the model wrote, and the tokens the server says it took; None where it does not say."""

    text: str
    prompt_tokens: int | None
    completion_tokens: int | None
    cut_off: bool = False

    def value(self) -> Any:
        """The JSON value that was written.

        Raises:
            MalformedJSON: when it is none.
        """
        if self.cut_off:
            raise MalformedJSON("it ends too early: at the most tokens an answer may have")
        text = _THOUGHT.sub("", self.text)
        fenced = _FENCED.match(text)
        return loads(fenced[1] if fenced else text)


def completion(body: bytes) -> Completion:
    """What a chat completion says.

    Raises:
        MalformedJSON: when it is none.
    """
    answer = loads(body)
    try:
        choice = answer["choices"][0]
        text = _text(choice["message"].get("content"))
        cut_off = choice.get("finish_reason") == "length"
    except (KeyError, IndexError, TypeError, AttributeError):
        raise MalformedJSON("this is no chat completion") from None
    usage = answer.get("usage")
    usage = usage if isinstance(usage, dict) else {}
    return Completion(text, _count(usage.get("prompt_tokens")), _count(usage.get("completion_tokens")), cut_off)


def complaint(body: bytes) -> str:
    """The name a server has for what it did not like; its sentences may repeat what was sent."""
    try:
        error = loads(body)["error"]
        named = (error.get("code"), error.get("type"))
    except (MalformedJSON, KeyError, TypeError, AttributeError):
        return ""
    return next((each for each in named if isinstance(each, str) and _NAMED.fullmatch(each)), "")


def _text(content: Any) -> str:
    """Some servers answer in parts."""
    if isinstance(content, list):
        return "".join(each["text"] for each in content if isinstance(each.get("text"), str))
    return content if isinstance(content, str) else ""


def _count(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None
