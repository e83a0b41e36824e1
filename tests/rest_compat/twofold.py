"""Routes run in both ways, as compiled and by graphql-core: every test of a dialect asks whether they say the same."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace
from typing import Any

from domain.errors import DomainError
from gateway import json
from gateway.compiled.opening import open_driver
from gateway.database import Database
from rest_compat.engine.binding import Bound
from rest_compat.engine.faults import Fault
from rest_compat.engine.prepared import PreparedRoute
from rest_compat.engine.ways import CompiledRoutes, Ways
from schema.compiled.operations import Compiler
from schema.context import Context
from schema.graph import plans

COMPILED = "compiled"


class Twofold(Ways):
    """Runs what only reads in both ways, and holds the answers against each other.

    `outcomes` are, by route, how often it was answered as compiled, and why not otherwise.
    """

    def __init__(self, database: Database) -> None:
        driver = open_driver(
            database.engines, inline_milliseconds=10, kept=500, pool_size=2, pool_timeout=10, busy_timeout=5
        )
        super().__init__(CompiledRoutes(Compiler(plans, driver, database.public_url, 500), self._note))
        self.outcomes: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self._running = ""

    async def run(self, route: PreparedRoute, bound: Bound, context: object) -> object:
        """The answer, as compiled where that can be."""
        self._running = route.route.id
        if route.writes:
            return await super().run(route, bound, context)
        assert isinstance(context, Context)
        other = replace(context, refused=[], settled={}, _turn=type(context._turn)())
        expected = await _told(route.run(bound, other))
        answer = await _told(super().run(route, bound, context))
        assert _written(answer) == _written(expected), f"{route.route.id} says two things"
        if isinstance(answer, Exception):
            raise answer
        return answer

    def _note(self, reason: str = COMPILED, /) -> None:
        self.outcomes[self._running][reason] += 1


async def _told(answering: Any) -> object:
    try:
        return await answering
    except (Fault, DomainError) as error:
        return error


def _written(answer: object) -> Any:
    return (type(answer), str(answer), vars(answer)) if isinstance(answer, Exception) else json.dumps(answer)
