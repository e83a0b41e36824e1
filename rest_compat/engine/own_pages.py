"""The pages a dialect has of itself, each written when it is first asked for: most processes show none of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from rest_compat.engine.dialect import Dialect
from rest_compat.engine.docs import docs_page
from rest_compat.engine.error_pages import error_pages
from rest_compat.engine.examples import hold_examples
from rest_compat.engine.openapi import openapi
from rest_compat.engine.prepared import PreparedRoute
from rest_compat.engine.responses import JSON, Response
from rest_compat.engine.services import DoorSettings

Path = tuple[str, ...]
Page = Callable[[], Response]


class Pages:
    """Documentation, machine-readable description and explained errors of a dialect, by their paths."""

    def __init__(
        self,
        dialect: Dialect,
        routes: Sequence[PreparedRoute],
        settings: DoorSettings,
        dumps: Callable[[object], bytes],
    ) -> None:
        """Pages that say what `routes` are; no process starts with an example that its route refuses."""
        hold_examples(dialect, tuple(routes))

        def described() -> Response:
            return Response(200, [("Content-Type", JSON)], dumps(openapi(dialect, routes, settings)))

        self._writers: Mapping[Path, Page] = {
            ("openapi.json",): described,
            ("docs",): lambda: docs_page(dialect, routes, settings),
            **error_pages(dialect, settings),
        }
        self._written: dict[Path, Response] = {}

    def find(self, path: Path) -> Response | None:
        """The page of a path; None when it is no page."""
        writer = self._writers.get(path)
        if writer is None:
            return None
        if path not in self._written:
            self._written[path] = writer()
        return self._written[path]
