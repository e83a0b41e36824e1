"""The printed examples of a dialect: carried as files, shown in its documentation, held against in tests."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qs, urlsplit

from rest_compat.engine.dialect import Dialect
from rest_compat.engine.documents import RouteDrift
from rest_compat.engine.faults import Fault
from rest_compat.engine.prepared import PreparedRoute
from rest_compat.engine.routes import capture, parts
from rest_compat.engine.services import DoorSettings
from rest_compat.engine.uploads import with_files

MOST_OF_EXAMPLES = 65_536
"""Bytes of a file in an example."""


@dataclass(frozen=True)
class Example:
    """One call as printed: where it goes, what it sends, what comes back; None where nothing is printed."""

    target: str
    request: Mapping[str, Any] | None
    response: object | None


def example_of(dialect: Dialect, prepared: PreparedRoute) -> Example:
    """The example of a route."""
    route = prepared.route
    folder = dialect.folder / "examples" / route.example
    loaded = {}
    for name in ("request", "response"):
        file = folder / f"{name}.json"
        loaded[name] = json.loads(file.read_text("utf-8")) if route.example and file.exists() else None
    return Example(route.sample or route.path, loaded["request"], loaded["response"])


def variables_of(prepared: PreparedRoute, example: Example) -> dict[str, Any]:
    """The GraphQL variables the example turns into.

    Raises:
        RouteDrift: the route refuses its own example.
    """
    target = urlsplit(example.target)
    captured = capture(parts(prepared.route.path), parts(target.path))
    body = with_files(dict(example.request or {}), prepared.binder.files, MOST_OF_EXAMPLES)
    try:
        return prepared.binder.bind(captured or {}, parse_qs(target.query), body).variables
    except Fault as fault:
        raise RouteDrift(prepared.route.id, f"refuses its own example: {fault.fields}") from None


@lru_cache(maxsize=8)
def hold_examples(dialect: Dialect, routes: tuple[PreparedRoute, ...]) -> None:
    """Hold routes against their own examples; once, as routes are prepared once and reading examples takes long.

    Raises:
        RouteDrift: for the first route that refuses its own.
    """
    for each in routes:
        variables_of(each, example_of(dialect, each))


def curl(dialect: Dialect, prepared: PreparedRoute, example: Example, settings: DoorSettings) -> str:
    """The example as a command to paste."""
    name, value = dialect.credential_header
    url = f"{dialect.site(settings.public_url)}{dialect.bases[0]}{example.target}"
    lines = [f"curl -X {prepared.route.method} {shlex.quote(url)}", f"-H {shlex.quote(f'{name}: {value}')}"]
    if example.request is not None:
        body = json.dumps(example.request, ensure_ascii=False, indent=2)
        lines += ["-H 'Content-Type: application/json'", f"-d {shlex.quote(body)}"]
    return " \\\n  ".join(lines)
