"""Which route a request means."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rest_compat.engine.faults import Fault, Refusal
from rest_compat.engine.prepared import PreparedRoute
from rest_compat.engine.routes import Removed, capture, parts
from rest_compat.engine.served import ServedRoute


@dataclass(frozen=True)
class Match:
    """A route and what its path said."""

    route: PreparedRoute | ServedRoute
    captured: Mapping[str, str]


class Router:
    """All routes of a dialect under all its base paths."""

    def __init__(
        self, bases: Sequence[str], routes: Sequence[PreparedRoute | ServedRoute], removed: Sequence[Removed]
    ) -> None:
        self._bases = [parts(base) for base in bases]
        patterns = [(parts(each.route.path), each) for each in routes]
        # A literal segment wins over a {name}: /a/b before /a/{id}, whatever order they are declared in.
        patterns.sort(key=lambda each: [segment.startswith("{") for segment in each[0]])
        self._by_length: dict[int, list[tuple[tuple[str, ...], PreparedRoute | ServedRoute]]] = {}
        for pattern, route in patterns:
            self._by_length.setdefault(len(pattern), []).append((pattern, route))
        self._removed = {(each.method, parts(each.path)) for each in removed}

    def match(self, method: str, path: tuple[str, ...] | None) -> Match:
        """The route of a request; HEAD means GET.

        Raises:
            Fault: UNKNOWN_PATH, or METHOD with the `Allow` header.
        """
        wanted = "GET" if method == "HEAD" else method
        below = self._below_base(path or ())
        if below is None or (wanted, below) in self._removed:
            raise Fault(Refusal.UNKNOWN_PATH)
        fitting = list(self._fitting(below))
        for match in fitting:
            if match.route.route.method == wanted:
                return match
        if not fitting:
            raise Fault(Refusal.UNKNOWN_PATH)
        raise Fault(Refusal.METHOD, headers=(("Allow", self._allow(fitting)),))

    def allowed(self, path: tuple[str, ...] | None) -> str | None:
        """What may be done with a path, as an `Allow` header says it; None for an unknown path."""
        below = self._below_base(path or ())
        fitting = list(self._fitting(below)) if below is not None else []
        return self._allow(fitting) if fitting else None

    def _below_base(self, path: tuple[str, ...]) -> tuple[str, ...] | None:
        for base in self._bases:
            if path[: len(base)] == base and len(path) > len(base):
                return path[len(base) :]
        return None

    def _fitting(self, below: tuple[str, ...]) -> list[Match]:
        matches = []
        for pattern, route in self._by_length.get(len(below), ()):
            captured = capture(pattern, below)
            if captured is not None:
                matches.append(Match(route, captured))
        return matches

    @staticmethod
    def _allow(fitting: Sequence[Match]) -> str:
        methods = {each.route.route.method for each in fitting}
        return ", ".join(sorted(methods | ({"HEAD"} if "GET" in methods else set()) | {"OPTIONS"}))
