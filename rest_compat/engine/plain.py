"""Reads that come again and again: understood once, and run without waiting."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from domain.viewer import Viewer
from rest_compat.engine.binding import Bound
from rest_compat.engine.prepared import PreparedRoute
from rest_compat.engine.services import Services
from schema.compiled.operations import Compiled
from schema.compiled.steps import LATER
from schema.context import Context


class PlainRead:
    """One call of a route that only reads and is compiled, as often as it is made, by whomever.

    It is for others to let its callers in, and to count and record their calls.
    """

    __slots__ = ("_bound", "_compiled", "_context", "_note", "_route", "_services", "_variables", "_viewer")

    def __init__(
        self,
        services: Services,
        route: PreparedRoute,
        bound: Bound,
        variables: dict[str, Any],
        compiled: Compiled,
        note: Callable[[], None],
    ) -> None:
        """The call that says `bound`; `note` counts operations that were run as compiled."""
        self._services = services
        self._route = route
        self._bound = bound
        self._variables = variables
        self._compiled = compiled
        self._note = note
        self._viewer: Viewer | None = None
        self._context: Any = None

    def body(self, viewer: Viewer) -> bytes | None:
        """The body of its answer; None where it has to be waited for, or something else is answered than usual."""
        if viewer is not self._viewer:
            # Compiled reads leave nothing in their context, so that it is as good for the next.
            self._context = self._services.make_context(viewer.to_be_answered(writing=False), "", None, None, None)
            self._viewer = viewer
        try:
            data = self._compiled.at_once(cast(Context, self._context), self._variables)
            if data is LATER:
                return None
            body = self._services.dumps(self._route.written(data, self._bound))
        except Exception:
            # Whoever runs it in the ordinary way comes upon the same, and tells it.
            return None
        self._note()
        return body
