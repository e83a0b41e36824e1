"""What CopyCar's requests have in common: defaults, scores from 0 to 100, ids and names."""

from __future__ import annotations

from domain.texts import LINE, camel
from rest_compat.engine.arguments import SAYING, Argument, Given, body
from rest_compat.engine.input_types import Wrong
from rest_compat.engine.spelling import JsonSchema

NAME: JsonSchema = {**SAYING, "maxLength": LINE}
"""Bounds of a line that has to say something."""
_LINE: JsonSchema = {"maxLength": LINE}
_SCORE: JsonSchema = {"type": ["number", "null"], "minimum": 0, "maximum": 100}


def line(name: str, to: str, *, examples: tuple[str, ...] = (), note: str = "") -> Argument:
    """A property that is a line of text, or not known."""
    return body(name, to, bounds=_LINE, examples=examples, note=note)


def usual(
    name: str,
    to: str,
    default: object,
    *,
    examples: tuple[str, ...] = (),
    bounds: JsonSchema | None = None,
    note: str = "",
) -> Argument:
    """A property that has a default; null means the default as well (CC-41, CC-43)."""

    def read(value: object, _: Given) -> object:
        return default if value is None else value

    return body(name, to, default=default, read=read, examples=examples, bounds=bounds, note=note)


def switches(under: str, to: str, note: str, *names: str) -> tuple[Argument, ...]:
    """Properties `include_…` that are true unless they say false (CC-43)."""
    return tuple(usual(f"{under}.{name}", f"{to}.{camel(name)}", True, note=note) for name in names)


def score(name: str, to: str) -> Argument:
    """A number from 0 to 100 for what is a fraction in the graph (X-10)."""
    return body(name, to, accepts=_SCORE, read=_fraction, note="From 0 to 100.")


def account(to: str = "input.accountId") -> Argument:
    """The id of an account, as a research has told it."""
    return body("account_id", to, bounds=SAYING, note="The `account_id` that a research answered.")


def persona(under: str, to: str) -> tuple[Argument, ...]:
    """Somebody by name; the title and the influence that are sent become known of the person (CC-25)."""
    return (
        body(f"{under}.name", f"{to}.name", bounds=NAME),
        line(f"{under}.title", f"{to}.title"),
        score(f"{under}.influence_score", f"{to}.influence"),
    )


def _fraction(value: object, _: Given) -> object:
    if value is None:
        return None
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value <= 100:
        raise Wrong("must be a number from 0 to 100")
    return value / 100
