"""Bodies of the token endpoints: forms as they should be, as old samples write them, and JSON."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from urllib.parse import parse_qsl

from starlette.types import Receive

from domain.texts import storable
from gateway import json
from gateway.oauth.errors import BodyRefused, ParameterInvalid
from gateway.oauth.requests import KNOWN, once
from rest_compat.engine.bodies import read
from rest_compat.engine.faults import Fault, Refusal
from rest_compat.engine.services import DoorSettings

_FORM = "application/x-www-form-urlencoded"
_MOST_PARAMETERS = 100
"""Far more than any request has; the parser refuses longer ones before working on them."""
_BLANK = " \t\r\n"


async def body_of(receive: Receive, headers: Mapping[str, str], settings: DoorSettings) -> bytes:
    """The whole body, within its limits.

    Raises:
        BodyRefused: it is too large, or takes too long.
        ClientGone: the connection ended.
    """
    try:
        return await read(receive, headers, settings)
    except Fault as fault:
        raise BodyRefused(fault.message, Refusal(fault.reason)) from None


def parameters_of(body: bytes, label: str) -> dict[str, str]:
    """The parameters of a body, each once. A body that begins with `{` is JSON whatever its label (CU-36).

    Raises:
        BodyRefused: it is neither a form nor a JSON object of texts.
        ParameterRepeated: one is there more than once.
        ParameterInvalid: one that the server knows is no text, or none that can be stored.
    """
    kind = label.partition(";")[0].strip().lower()
    text = body.strip()
    if not text:
        return {}
    if text.startswith(b"{") or kind == "application/json":
        pairs = _of_json(text)
    elif kind in ("", _FORM):
        pairs = _of_form(body)
    else:
        raise BodyRefused(f"The body must be {_FORM} or application/json.", Refusal.MEDIA_TYPE)
    parameters = once(pairs)
    for name, value in parameters.items():
        if name in KNOWN and not storable(value):
            raise ParameterInvalid(name, "holds a character that cannot be part of it")
    if not all(map(storable, (*parameters, *parameters.values()))):
        raise BodyRefused("A parameter contains characters that cannot be part of it.")
    return parameters


def _of_form(body: bytes) -> Iterable[tuple[str, str]]:
    try:
        text = body.decode("utf-8")
        pairs = parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=_MOST_PARAMETERS)
    except ValueError:
        raise BodyRefused(f"The body must be percent-encoded UTF-8 of at most {_MOST_PARAMETERS} parameters.") from None
    # Literal copies of a printed sample have a line break after every `&` (CB-07).
    return [(name.strip(_BLANK), value.strip(_BLANK)) for name, value in pairs]


def _of_json(text: bytes) -> Iterable[tuple[str, str]]:
    try:
        value = json.loads(text)
    except json.MalformedJSON:
        raise BodyRefused("The body is not valid JSON in UTF-8.") from None
    if not isinstance(value, dict):
        raise BodyRefused("The body must be a JSON object.")
    for name in KNOWN & value.keys():
        if not isinstance(value[name], str | None):
            raise ParameterInvalid(name, "must be a text")
    return [(name, each.strip(_BLANK)) for name, each in value.items() if isinstance(each, str)]
