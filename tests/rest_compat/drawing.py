"""Drawing calls that only read: every such route of a dialect, with parameters right and wrong, in any spelling."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any
from urllib.parse import quote, quote_plus

from rest_compat.engine.dialect import Dialect
from rest_compat.engine.prepared import PreparedRoute, prepare
from rest_compat.engine.request_schemas import parameters
from schema.graph import graphql_schema
from tests.compiled.values import PREFIXES
from tests.compiled.world import ODD, Known, snake

_MOMENTS = ("2024-01-15", "2024-01-15T14:30:00Z", "2024-05-14T14:30:00+02:00", "2025-12-31")
_ODD_MOMENTS = (
    *("2024-05-15T14:30:00.123456", "0001-01-01", "9999-12-31", "0001-01-01T00:00:00+14:00", "2024-02-30", "yesterday"),
    *("9999-12-31T23:59:59-14:00", "", "2024-01-15 14:30:00", "20240115", "1705324800"),
)
_NUMBERS = ("1", "2", "3", "20", "100")
_ODD_NUMBERS = ("101", "0", "-1", "2147483648", "999999999999999", "1" * 30, "1.5", "1e2", "٣", "007", "+2", " 2", "")
_WRONG = ("", " ", "null", "[]", "true", "\x00", "a\x00b", "x" * 2000, "1", "'", "%", "Å", "🦊", "\ud800", "+1", "a,b")
_STRANGE = ("&", "&&", "=", "=1", "%", "%zz", "%ff=%fe", "%00", ";", "a[b][c]=1", "a.b=1", "limit", "page=1;limit=2")
_WORDS = {"createdby": "user"}


@dataclass(frozen=True, slots=True)
class Drawn:
    """A call without its credential; `target` is as it is sent."""

    method: str
    target: str
    body: bytes = b""

    @property
    def headers(self) -> list[tuple[str, str]]:
        """What tells of the body."""
        told = [("Content-Type", "application/json"), ("Content-Length", str(len(self.body)))]
        return told if self.body else []


class Reads:
    """Draws calls of a dialect's reads; `known` is what is stored."""

    def __init__(self, dialect: Dialect, known: Known) -> None:
        self.dialect = dialect
        self._known = known
        self._routes = [each for each in prepare(dialect, graphql_schema) if not each.writes]
        self._takes = {each: parameters(each) for each in self._routes}
        # Those with parameters are asked for more often.
        self._weights = [1 + len(takes) for takes in self._takes.values()]

    def drawn(self, random: Random) -> Drawn:
        """A call."""
        route = random.choices(self._routes, weights=self._weights)[0]
        takes = self._takes[route]
        path, asked = self._path(random, route, takes), [each for each in takes if each["in"] == "query"]
        pairs = [(each["name"], self._value(random, each)) for each in asked if random.random() < 0.35]
        if pairs and random.random() < 0.1:
            pairs.append((pairs[0][0], self._value(random, asked[0])))
        if random.random() < 0.08:
            pairs.append((random.choice(("unknown", "fields", "sort", "LIMIT", "page[]", "")), random.choice(_WRONG)))
        random.shuffle(pairs)
        query = "&".join(f"{_sent(random, name)}={_sent(random, value)}" for name, value in pairs)
        if random.random() < 0.05:
            query += random.choice(("&", "")) + random.choice(_STRANGE)
        method = "HEAD" if random.random() < 0.05 else "GET"
        body = self._body(random, asked) if route.binder.reads_body and random.random() < 0.2 else b""
        return Drawn(method, path + (f"?{query}" if query else ""), body)

    def _path(self, random: Random, route: PreparedRoute, takes: Sequence[Mapping[str, Any]]) -> str:
        path = route.route.path
        for each in takes:
            if each["in"] == "path":
                path = path.replace(f"{{{each['name']}}}", quote(self._id(random, each["name"]), safe=""))
        if random.random() < 0.03:
            path = random.choice((path + "/", path.upper(), "/" + path, path[:-1], path.replace("e", "%65")))
        return self.dialect.mount + random.choice(self.dialect.bases) + path

    def _value(self, random: Random, parameter: Mapping[str, Any]) -> str:
        name, schema = parameter["name"], parameter["schema"]
        if random.random() < 0.03:
            return random.choice(_WRONG)
        if schema["type"] == "array":
            return ",".join(random.choices(schema["items"]["enum"], k=random.choice((1, 1, 2, 3))))
        if "enum" in schema:
            word = str(random.choice(schema["enum"]))
            return word if random.random() < 0.9 else random.choice((word.upper(), word.lower(), "no_such_word"))
        if schema["type"] == "integer":
            return random.choice(_NUMBERS if random.random() < 0.9 else _ODD_NUMBERS)
        if schema["type"] == "boolean":
            return random.choice(("true", "false") if random.random() < 0.9 else ("1", "True", "yes"))
        if "anyOf" in schema:
            return random.choice(_MOMENTS if random.random() < 0.9 else _ODD_MOMENTS)
        return self._id(random, name) if _prefix(name) else self._text(random, name)

    def _id(self, random: Random, name: str) -> str:
        prefix = _prefix(name)
        kind = random.random()
        if kind < 0.06 or prefix is None:
            return random.choice(("nothing", "lead_", "a\x00b", "a/b", "..", "%", "🦊", "x" * 300))
        if kind < 0.1:
            prefix = random.choice(sorted(self._known.ids))
        return random.choice(self._known.ids[prefix])

    def _text(self, random: Random, name: str) -> str:
        stored = self._known.texts.get("search_text" if name == "search" else snake(name))
        if stored and random.random() < 0.7:
            text = random.choice(stored)
            begin = random.randrange(len(text) + 1)
            return text if random.random() < 0.5 else text[begin : begin + random.randint(1, 8)]
        return random.choice(ODD)

    def _body(self, random: Random, asked: Sequence[Mapping[str, Any]]) -> bytes:
        """What clients send of a read's parameters in a body, plain or below one another."""
        values: dict[str, Any] = {}
        for each in asked:
            outer, _, inner = each["name"].rstrip("]").partition("[")
            if random.random() < 0.4:
                value = self._value(random, each)
                values.setdefault(outer, {})
                if inner and isinstance(values[outer], dict):
                    values[outer][inner] = value
                else:
                    values[outer] = random.choice((value, None, value.split(",")))
        whole = json.dumps(values).encode()
        return whole if random.random() < 0.8 else random.choice((whole[:-1], b"[]", b"\xff", b" "))


def _prefix(name: str) -> str | None:
    """The prefix of ids that a parameter such as `lead_id` or `createdBy` asks for."""
    bare = name.removesuffix("_id").lower()
    return PREFIXES.get(_WORDS.get(bare, bare))


def _sent(random: Random, text: str) -> str:
    """A text as one or another client writes it in an address."""
    data = text.encode("utf-8", "surrogatepass")
    kind = random.random()
    if kind < 0.6:
        return quote_plus(data)
    if kind < 0.9:
        return quote(data, safe="[]")
    return "".join(f"%{byte:02x}" for byte in data) if len(data) < 50 else quote(data)
