"""A furnished database, both ways of asking it, and what to do when they answer differently."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from random import Random
from typing import Any, TypeVar

from domain.permissions import Permission
from gateway import json
from schema.engine.totals import Totals
from schema.graph import graphql_schema
from tests.compiled.drawing import Operations
from tests.compiled.shrinking import smallest
from tests.compiled.sides import Asked, Side, compiled_side
from tests.compiled.values import Values
from tests.compiled.world import Known, boundary, furnish, lacking

T = TypeVar("T")
_TURNS = 8
"""Of fields that fail at once graphql-core tells the first: how often it is asked what it may say."""
_VIEWERS = {"reader": 60, "jane": 8, "sam": 6, "other": 5, "representative": 4, "machine": 4, "sandbox": 4} | {
    "copycar": 3,
    "nobody": 2,
    "nothing": 2,
    "anonymous": 2,
}
"""How often each asks."""


class World:
    """A furnished database in a loop of its own, and both sides over it."""

    def __init__(self, url: str) -> None:
        self.runner = asyncio.Runner()
        database = boundary(url)
        self.known: Known = self.run(furnish(database))
        self.plain, self.compiled = Side(database), compiled_side(url)
        self.values = Values(self.known, self.run(self._cursors()))
        self.operations = Operations(graphql_schema, self.values, _weights())

    def run(self, work: Awaitable[T]) -> T:
        """Do something in the world's loop."""

        async def done() -> T:
            return await work

        return self.runner.run(done())

    def close(self) -> None:
        """Close every connection."""
        for side in (self.plain, self.compiled):
            self.run(side.close())
        self.runner.close()

    async def differs(self, asked: Asked) -> bool:
        """Whether the sides answer differently."""
        return await self.plain.answer(asked) != await self.compiled.answer(asked)

    async def compare(self, asked: Asked, random: Random) -> None:
        """See that both sides answer the same, whichever is asked first."""
        first, second = (self.plain, self.compiled) if random.random() < 0.5 else (self.compiled, self.plain)
        before = self.compiled.outcomes["compiled"]
        answers = [await first.answer(asked), await second.answer(asked)]
        alone = self.compiled.outcomes["compiled"] == before
        if answers[0] != answers[1] and not await self._wavers(asked, answers, alone):
            asked = await smallest(asked, self.differs, graphql_schema)
            raise AssertionError(await self.told(asked))

    async def _wavers(self, asked: Asked, answers: list[bytes], alone: bool) -> bool:
        """Whether graphql-core gives either answer, now this and now that; `alone`: it gave both of these."""
        said = {await self.plain.answer(asked) for _ in range(_TURNS)}
        # Beside others of its kind, with totals to be counted, on new connections, it meets them in other orders.
        said.update(await asyncio.gather(*(self.plain.answer(asked) for _ in range(_TURNS))))
        for turn in range(_TURNS):
            self.plain.database.totals = Totals()
            said.add(await self.plain.answer(asked))
            if turn % 2:
                await self.plain.database.engines.dispose()
        # Which of two fields is the first to fail also depends on what the attempt before has counted.
        failed = alone and all(b'"data":null' in each for each in answers)
        return set(answers) <= said or (failed and await self.compiled.answer(asked) in said)

    async def told(self, asked: Asked) -> str:
        """An operation, and what both sides say to it."""
        who = next((name for name, each in self.known.viewers.items() if each == asked.viewer), repr(asked.viewer))
        lines = [asked.text, f"variables: {dict(asked.variables)}", f"viewer: {who}"]
        for name, side in (("graphql-core", self.plain), ("compiled", self.compiled)):
            lines.append(f"{name}: {(await side.answer(asked)).decode()[:3000]}")
        return "\n".join(lines)

    def viewer(self, random: Random) -> Any:
        """Somebody: mostly one who may see much, sometimes without this or that permission."""
        name = random.choices(list(_VIEWERS), weights=list(_VIEWERS.values()))[0]
        viewer = self.known.viewers[name]
        if random.random() < 0.15:
            return lacking(viewer, random.sample(list(Permission), random.randint(1, 3)))
        return viewer

    async def _cursors(self) -> dict[str, list[str]]:
        """Cursors of every listing, by the type of its connection, in every order it has."""
        found: dict[str, list[str]] = {}
        query: Any = graphql_schema.query_type
        for name, field in query.fields.items():
            if "after" not in field.args:
                continue
            orders = ["(first: 20)"]
            if "sort" in field.args:
                words = field.args["sort"].type.fields["field"].type
                orders += [f"(first: 5, sort: {{field: {word}}})" for word in getattr(words, "of_type", words).values]
            for order in orders:
                asked = Asked(f"{{ {name}{order} {{ edges {{ cursor }} }} }}", viewer=self.known.viewers["reader"])
                answer = json.loads(await self.plain.answer(asked))
                assert "errors" not in answer, answer
                edges = answer["data"][name]["edges"]
                found.setdefault(str(field.type).rstrip("!"), []).extend(each["cursor"] for each in edges)
        return found


def _weights() -> dict[str, int]:
    """What is read by declared reads is asked for more often than what is reckoned."""
    query: Any = graphql_schema.query_type
    return {name: 4 for name, field in query.fields.items() if "first" in field.args or "id" in field.args}
