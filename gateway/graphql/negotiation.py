"""Which media type an answer has, and whether a body may be read at all."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from gateway.graphql.errors import Code, Refused, malformed


class Media(StrEnum):
    """The media types this door can answer with."""

    GRAPHQL = "application/graphql-response+json"
    JSON = "application/json"
    EVENTS = "text/event-stream"
    HTML = "text/html"

    @property
    def content_type(self) -> str:
        """The value of the Content-Type header."""
        return f"{self.value}; charset=utf-8"


class Body(StrEnum):
    """The media types a request body may have."""

    JSON = "application/json"
    MULTIPART = "multipart/form-data"


@dataclass(frozen=True, slots=True)
class Accepted:
    """What the Accept header allows.

    `media` is the type of a single answer: `text/event-stream` only where its weight is above that of both JSON
    types. `events` says whether a subscription may be answered with an event stream: it has to be named, and must
    not weigh less than JSON, since JSON cannot carry a subscription. `html` says that a page is preferred to JSON.
    """

    media: Media
    events: bool
    html: bool


# A page of another origin cannot make a browser send one of these headers without a CORS preflight.
PREFLIGHT_HEADERS = ("graphql-require-preflight", "apollo-require-preflight", "x-requested-with")

_WEIGHT = re.compile(r"(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)")
# More ranges than any client sends; what follows them is not read.
_MOST_RANGES = 50


@lru_cache(maxsize=256)
def accepted(header: str | None) -> Accepted:
    """The media types for an Accept header; without one, or for a wildcard, plain JSON.

    Raises:
        Refused: 406 when nothing this door speaks is acceptable.
    """
    ranges = _ranges(header)
    if not ranges:
        return Accepted(Media.JSON, events=False, html=False)
    weights = {media: _weight(ranges, media) for media in Media}
    # A type that is named beats a wildcard of the same weight; then the newer type wins if named, else plain JSON.
    json = max(
        (Media.GRAPHQL, Media.JSON),
        key=lambda media: (weights[media], media.value in ranges, (media is Media.GRAPHQL) == (media.value in ranges)),
    )
    best = weights[json]
    events = weights[Media.EVENTS] if Media.EVENTS.value in ranges else 0.0
    html = weights[Media.HTML] if Media.HTML.value in ranges else 0.0
    if max(best, events, html) <= 0:
        raise not_acceptable()
    media = json if best >= events and best > 0 else Media.EVENTS if events > 0 else Media.HTML
    return Accepted(media, events=events > 0 and events >= best, html=html > best and html >= events)


def body_type(headers: Mapping[str, str]) -> Body:
    """The kind of body a POST carries.

    Raises:
        Refused: 415 for a type or an encoding that is not read here, 400 for a form a foreign page could send.
    """
    if headers.get("content-encoding", "identity").lower() not in ("", "identity"):
        raise _unsupported("Content-Encoding is not supported; send the body uncompressed.")
    name, options = _parameters(headers.get("content-type", ""))
    if not name:
        raise _unsupported(f"The header Content-Type is required; send {Body.JSON}.")
    if name == Body.JSON.value:
        if options.get("charset", "utf-8").lower() not in ("utf-8", "utf8"):
            raise _unsupported(f"The charset of {Body.JSON} must be utf-8.")
        return Body.JSON
    if name == Body.MULTIPART.value:
        if not any(headers.get(header) for header in PREFLIGHT_HEADERS):
            message = "A multipart request needs the header GraphQL-Require-Preflight, with any value."
            raise malformed(message, 400, Code.PREFLIGHT_REQUIRED)
        return Body.MULTIPART
    raise _unsupported(f"The media type {name[:80]!r} is not supported; send {Body.JSON} with `query`.")


def not_acceptable() -> Refused:
    """The refusal of a request whose Accept header leaves nothing to answer with."""
    offered = f"{Media.GRAPHQL}, {Media.JSON} or {Media.EVENTS}"
    return malformed(f"None of the accepted media types can be served; accept {offered}.", 406, Code.NOT_ACCEPTABLE)


def _unsupported(message: str) -> Refused:
    return malformed(message, 415, Code.UNSUPPORTED_MEDIA_TYPE)


def _ranges(header: str | None) -> dict[str, float]:
    ranges: dict[str, float] = {}
    for item in (header or "").split(",")[:_MOST_RANGES]:
        name, options = _parameters(item)
        if "/" not in name:
            continue
        quality = options.get("q", "1")
        # A weight that cannot be read is taken for none given; parameters other than q do not narrow our types.
        weight = float(quality) if _WEIGHT.fullmatch(quality) else 1.0
        ranges[name] = max(weight, ranges.get(name, 0.0))
    return ranges


def _weight(ranges: Mapping[str, float], media: Media) -> float:
    for name in (media.value, f"{media.value.partition('/')[0]}/*", "*/*"):
        if name in ranges:
            return ranges[name]
    return 0.0


def _parameters(value: str) -> tuple[str, dict[str, str]]:
    name, *rest = value.split(";")
    options = {}
    for option in rest:
        key, _, given = option.partition("=")
        options[key.strip().lower()] = given.strip().strip('"')
    return name.strip().lower(), options
