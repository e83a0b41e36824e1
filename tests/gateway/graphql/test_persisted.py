"""Documents that are named instead of sent: in Apollo's way, by `documentId`, and where only trusted ones are run."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import HTMLResponse

from domain.documents import CHANGED, identifier, sha256_of
from gateway.graphql.limits import DocumentTerms
from gateway.graphql.persisted import Persisted
from gateway.graphql.request import GraphQLRequest, Naming
from tests.gateway.graphql.serving import Live, serving
from tests.gateway.graphql.test_replay import Memory
from tests.gateway.graphql.test_sse import EVENTS, events_in
from tests.gateway.graphql.world import Door, World, door_of

GRAPHQL = "application/graphql-response+json"
JSON = "application/json"
HELLO = "query Hello($name: String) { hello(name: $name) }"
HASH = sha256_of(HELLO)
MD5 = "0cc175b9c0f1b6a831c399e269772661"
COUNT = "subscription { count(to: 2) { number } }"
KNOWN = {"Authorization": "Bearer good"}


def apollo(hash: str, **more: Any) -> dict[str, Any]:
    return {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": hash}}, **more}


async def post(door: Door, body: dict[str, Any], accept: str = JSON, **headers: str) -> httpx.Response:
    return await door.client.post("/graphql", json=body, headers={"Accept": accept, **headers})


async def get(door: Door, accept: str = JSON, **parameters: Any) -> httpx.Response:
    written = {name: value if isinstance(value, str) else json.dumps(value) for name, value in parameters.items()}
    return await door.client.get("/graphql", params=written, headers={"Accept": accept})


def code_of(response: httpx.Response) -> str:
    assert "data" not in response.json()
    (error,) = response.json()["errors"]
    return str(error["extensions"]["code"])


def said(response: httpx.Response) -> str:
    return str(response.json()["errors"][0]["message"])


class ApolloClient:
    """What Apollo's clients do: the hash alone first, and with the text when the server does not know it."""

    def __init__(self, client: httpx.AsyncClient, *, by_get: bool, accept: str) -> None:
        self._client, self._by_get = client, by_get
        self._headers = {"Accept": accept, "Apollo-Require-Preflight": "true"}
        self.sent: list[bool] = []
        self.supported = True

    async def query(self, text: str, **variables: Any) -> dict[str, Any]:
        if not self.supported:
            return await self._ask({"query": text, "variables": variables})
        named = apollo(sha256_of(text), variables=variables)
        answer = await self._ask(named)
        for error in answer.get("errors", ()):
            if error["message"] == "PersistedQueryNotSupported":
                assert error["extensions"]["code"] == "PERSISTED_QUERY_NOT_SUPPORTED"
                self.supported = False
                return await self._ask({"query": text, "variables": variables})
            if error["message"] == "PersistedQueryNotFound":
                assert error["extensions"]["code"] == "PERSISTED_QUERY_NOT_FOUND"
                return await self._ask({"query": text, **named})
        return answer

    async def _ask(self, body: dict[str, Any]) -> dict[str, Any]:
        self.sent.append("query" in body)
        if self._by_get:
            written = {name: value if isinstance(value, str) else json.dumps(value) for name, value in body.items()}
            response = await self._client.get("/graphql", params=written, headers=self._headers)
        else:
            response = await self._client.post("/graphql", json=body, headers=self._headers)
        # Its clients for iOS read nothing else.
        assert response.status_code == 200
        answer: dict[str, Any] = response.json()
        return answer


@pytest.mark.parametrize("by_get", [False, True], ids=["post", "get"])
@pytest.mark.parametrize("accept", [JSON, f"{GRAPHQL},{JSON};q=0.9"])
async def test_a_client_of_apollo_sends_a_text_once(live: Live, by_get: bool, accept: str) -> None:
    client = ApolloClient(live.client, by_get=by_get, accept=accept)
    for name in ("Ann", "Bob"):
        assert (await client.query(HELLO, name=name))["data"] == {"hello": f"hello {name}"}
    assert client.sent == [False, True, False]
    # Who else knows the hash knows the text.
    other = ApolloClient(live.client, by_get=not by_get, accept=JSON)
    assert (await other.query(HELLO))["data"] == {"hello": "hello world"}
    assert other.sent == [False]


async def test_a_client_of_apollo_gives_up_hashes_where_they_are_switched_off(world: World) -> None:
    async with serving(door_of(world, automatic=False)) as live:
        client = ApolloClient(live.client, by_get=False, accept=JSON)
        for _ in range(2):
            assert (await client.query(HELLO))["data"] == {"hello": "hello world"}
        assert client.sent == [False, True, True]
        # One that brings both is served, and nothing is remembered of it.
        assert (await post(live.door, apollo(HASH, query=HELLO))).json()["data"] == {"hello": "hello world"}
        assert code_of(await post(live.door, apollo(HASH))) == "PERSISTED_QUERY_NOT_SUPPORTED"


async def test_a_hash_belongs_to_its_text_whatever_its_letters(door: Door) -> None:
    for wrong in (sha256_of(HELLO + " "), "0" * 64):
        response = await post(door, apollo(wrong, query=HELLO))
        assert (response.status_code, code_of(response)) == (400, "BAD_REQUEST")
        assert "`extensions.persistedQuery.sha256Hash` does not belong to `query`" in said(response)
        assert code_of(await post(door, apollo(wrong))) == "PERSISTED_QUERY_NOT_FOUND"
    assert (await post(door, apollo(HASH.upper(), query=HELLO))).json()["data"] == {"hello": "hello world"}
    # Nothing that is stored could make a hash belong to another text.
    assert door.world.asked_for == [sha256_of(HELLO + " "), "0" * 64]
    for same in (HASH, HASH.upper()):
        assert (await post(door, apollo(same))).json()["data"] == {"hello": "hello world"}
        assert (await post(door, {"documentId": f"sha256:{same}"})).json()["data"] == {"hello": "hello world"}
        assert (await post(door, {"documentId": same})).json()["data"] == {"hello": "hello world"}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{", "GRAPHQL_PARSE_FAILED"),
        ("{ missing }", "GRAPHQL_VALIDATION_FAILED"),
        ("query A { hello } query B { hello }", "OPERATION_RESOLUTION_FAILURE"),
        ("{ " + "hello " * 3_000 + "}", "TOKEN_LIMIT_EXCEEDED"),
        (" \n ", "BAD_REQUEST"),
    ],
)
async def test_only_what_can_be_run_is_kept(door: Door, text: str, code: str) -> None:
    for _ in range(2):
        assert code_of(await post(door, apollo(sha256_of(text), query=text))) == code
        assert code_of(await post(door, apollo(sha256_of(text)))) == "PERSISTED_QUERY_NOT_FOUND"
    assert door.persisted.known(sha256_of(text)) is None


async def test_a_mutation_is_named_like_a_query_but_not_by_get(door: Door) -> None:
    touch = "mutation { touch }"
    await post(door, apollo(sha256_of(touch), query=touch))
    response = await get(door, extensions=apollo(sha256_of(touch))["extensions"])
    assert (response.status_code, code_of(response)) == (405, "METHOD_NOT_ALLOWED")
    assert (await post(door, apollo(sha256_of(touch)))).json()["data"] == {"touch": 2}


async def test_an_empty_text_beside_a_hash_is_none(door: Door) -> None:
    await post(door, apollo(HASH, query=HELLO))
    assert (await post(door, apollo(HASH, query=""))).json()["data"] == {"hello": "hello world"}
    assert (await post(door, apollo(HASH, query=None))).json()["data"] == {"hello": "hello world"}


async def test_an_idempotency_key_means_the_document_and_not_how_it_was_sent(world: World) -> None:
    touch = "mutation { touch }"
    world.trusted[sha256_of(touch)] = touch
    door = door_of(world, replay=Memory())
    headers = {"Idempotency-Key": "one", **KNOWN}
    first = await post(door, {"query": touch}, **headers)
    again = await post(door, {"documentId": f"sha256:{sha256_of(touch)}"}, **headers)
    assert again.headers["idempotency-replayed"] == "true"
    assert (again.content, world.touched) == (first.content, 1)


@pytest.mark.parametrize("given", [f"sha256:{HASH}", HASH, MD5, "Hello-v1", "x-own:7"])
async def test_trusted_documents_are_named_by_their_ids(door: Door, given: str) -> None:
    door.world.trusted[identifier(given)] = HELLO
    body = {"documentId": given, "operationName": "Hello", "variables": {"name": "Ann"}}
    expected = {"hello": "hello Ann"}
    assert (await post(door, body)).json()["data"] == expected
    assert (await get(door, documentId=given, operationName="", variables={"name": "Ann"})).json()["data"] == expected
    # As Apollo's clients name what a manifest of their build calls so.
    assert (await post(door, apollo(given, variables={"name": "Ann"}))).json()["data"] == expected
    # Found once, then remembered.
    assert door.world.asked_for == [identifier(given)]
    assert door.persisted.known(identifier(given)) == HELLO


async def test_an_unknown_document_is_one_error(door: Door) -> None:
    for given in ("nothing", f"sha256:{HASH}"):
        for accept, status in ((GRAPHQL, 404), (JSON, 200)):
            for response in (
                await post(door, {"documentId": given}, accept),
                await get(door, accept, documentId=given),
            ):
                assert (response.status_code, code_of(response)) == (status, "PERSISTED_QUERY_NOT_FOUND")
                assert identifier(given) in said(response)


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({"documentId": 7}, "`documentId` must be a string, not a number."),
        ({"documentId": ""}, "`documentId` must be 1 to 128 printable ASCII characters"),
        ({"documentId": "a" * 129}, "`documentId` must be 1 to 128 printable ASCII characters"),
        ({"documentId": "a b"}, "`documentId` must be 1 to 128 printable ASCII characters"),
        ({"documentId": "sha256:abc"}, "`documentId` must have 64 hexadecimal digits after `sha256:`"),
        ({"documentId": f"md5:{MD5}"}, "`documentId` must begin with `sha256:`, or with `x-`"),
        ({"documentId": HASH, **apollo(MD5)}, "name two documents"),
        ({"documentId": HASH, "query": "{ hello }"}, "`documentId` does not belong to `query`"),
        ({"documentId": "Hello-v1", "query": HELLO}, "`documentId` does not belong to `query`"),
        (
            {"extensions": {"persistedQuery": HASH}},
            "must be a JSON object with `version` and `sha256Hash`, not a string",
        ),
        ({"extensions": {"persistedQuery": {"version": 2, "sha256Hash": HASH}}}, "version` must be 1"),
        ({"extensions": {"persistedQuery": {"version": True, "sha256Hash": HASH}}}, "version` must be 1"),
        ({"extensions": {"persistedQuery": {"sha256Hash": HASH}}}, "version` must be 1"),
        ({"extensions": {"persistedQuery": {"version": 1}}}, "sha256Hash` must be a string, not null"),
        (apollo("a" * 129), "sha256Hash` must be 1 to 128"),
        (apollo(HASH, query=" "), "`query` must not be empty"),
        ({"extensions": {"other": 1}}, "or `documentId`, which names one"),
    ],
)
async def test_what_names_no_document_is_malformed(door: Door, body: dict[str, Any], says: str) -> None:
    response = await post(door, body)
    assert (response.status_code, code_of(response)) == (400, "BAD_REQUEST")
    assert says in said(response)


async def test_a_name_and_its_own_text_may_come_together(door: Door) -> None:
    door.world.trusted["Hello-v1"] = HELLO
    assert (await post(door, {"documentId": "Hello-v1", "query": HELLO})).json()["data"] == {"hello": "hello world"}
    other = {"documentId": "Hello-v1", "query": "{ hello }"}
    assert "does not belong" in said(await post(door, other))
    # With its hash a text is kept, whichever way the hash is written.
    assert (await post(door, {"documentId": f"sha256:{HASH}", "query": HELLO})).json()["data"] == {
        "hello": "hello world"
    }
    assert (await post(door, apollo(HASH))).json()["data"] == {"hello": "hello world"}


async def test_each_parameter_of_a_query_string_is_given_once(door: Door) -> None:
    response = await door.client.get(f"/graphql?documentId={HASH}&documentId={HASH}")
    assert "`documentId` is given more than once" in said(response)


async def test_a_browser_that_names_a_document_gets_no_page(world: World) -> None:
    async def page(_: Request) -> HTMLResponse:
        return HTMLResponse("page")

    door = door_of(world, html=page)
    world.trusted[HASH] = HELLO
    browser = "text/html,application/xhtml+xml,*/*;q=0.8"
    assert (await get(door, browser)).text == "page"
    for named in ({"documentId": HASH}, {"extensions": apollo(HASH)["extensions"]}):
        assert (await get(door, browser, **named)).json()["data"] == {"hello": "hello world"}


async def test_sockets_take_names_too(live: Live) -> None:
    async with live.talk() as talk:
        await talk.send(type="subscribe", id="1", payload=apollo(sha256_of(COUNT)))
        refused = await talk.receive()
        assert refused["type"] == "error"
        assert refused["payload"][0]["message"] == "PersistedQueryNotFound"
        assert refused["payload"][0]["extensions"]["code"] == "PERSISTED_QUERY_NOT_FOUND"
        for more in ({"query": COUNT}, {}):
            await talk.send(type="subscribe", id="1", payload=apollo(sha256_of(COUNT), **more))
            numbers = [(await talk.receive())["payload"]["data"]["count"]["number"] for _ in range(2)]
            assert numbers == [1, 2]
            assert (await talk.receive())["type"] == "complete"
        live.door.world.trusted["Hello-v1"] = HELLO
        await talk.send(type="subscribe", id="2", payload={"documentId": "Hello-v1", "variables": {"name": "Ann"}})
        assert (await talk.receive())["payload"]["data"] == {"hello": "hello Ann"}
        assert (await talk.receive())["type"] == "complete"
        await talk.send(type="subscribe", id="3", payload={"documentId": "unknown"})
        assert (await talk.receive())["payload"][0]["extensions"]["code"] == "PERSISTED_QUERY_NOT_FOUND"
        await talk.send(type="subscribe", id="4", payload={"documentId": "busy"})
        assert (await talk.receive())["payload"][0]["extensions"]["code"] == "UNAVAILABLE"
        await talk.send(type="subscribe", id="5", payload={"documentId": "a b"})
        assert (await talk.closed())[0] == 4400


async def test_event_streams_take_names_too(door: Door) -> None:
    door.world.trusted["Count"] = COUNT
    for response in (
        await post(door, {"documentId": "Count"}, EVENTS),
        await get(door, EVENTS, documentId="Count"),
        await get(door, EVENTS, extensions=apollo("Count")["extensions"]),
    ):
        assert [data and data["data"]["count"]["number"] for _, _, data in events_in(response.text)] == [1, 2, None]
    told = events_in((await post(door, {"documentId": "unknown"}, EVENTS)).text)
    assert told[0][2]["errors"][0]["extensions"]["code"] == "PERSISTED_QUERY_NOT_FOUND"


async def test_a_store_that_does_not_answer_is_unavailable(door: Door) -> None:
    response = await post(door, {"documentId": "busy"})
    assert (response.status_code, code_of(response)) == (503, "UNAVAILABLE")


async def test_where_only_trusted_documents_are_run_everything_else_is_refused(world: World) -> None:
    door = door_of(world, trusted_only=True)
    world.trusted |= {HASH: HELLO, "Hello-v1": HELLO}
    untrusted = "{ hello }"
    introspection = "{ __schema { queryType { name } } }"
    bodies: list[dict[str, Any]] = [
        {"query": untrusted},
        {"query": introspection},
        {"query": "{"},
        {"query": HELLO + " "},
        {"documentId": "unknown"},
        {"documentId": sha256_of(untrusted), "query": untrusted},
        apollo(sha256_of(untrusted)),
        apollo(sha256_of(untrusted), query=untrusted),
    ]
    for body in bodies:
        for accept, status in ((GRAPHQL, 403), (JSON, 200)):
            response = await post(door, body, accept)
            assert (response.status_code, code_of(response)) == (status, "DOCUMENT_NOT_TRUSTED"), body
            assert "runs only documents that were registered" in said(response)
    allowed = (
        {"documentId": HASH},
        {"documentId": "Hello-v1"},
        apollo(HASH),
        {"query": HELLO},
        apollo(HASH, query=HELLO),
    )
    for body in allowed:
        assert (await post(door, body)).json()["data"] == {"hello": "hello world"}
    assert code_of(await get(door, query=untrusted)) == "DOCUMENT_NOT_TRUSTED"
    assert (await get(door, query=HELLO)).json()["data"] == {"hello": "hello world"}


async def test_sockets_run_only_trusted_documents_too(world: World) -> None:
    world.trusted[HASH] = HELLO
    async with serving(door_of(world, trusted_only=True)) as live, live.talk() as talk:
        await talk.subscribe(COUNT)
        refused = await talk.receive()
        assert (refused["type"], refused["payload"][0]["extensions"]["code"]) == ("error", "DOCUMENT_NOT_TRUSTED")
        await talk.send(type="subscribe", id="1", payload={"documentId": HASH})
        assert (await talk.receive())["payload"]["data"] == {"hello": "hello world"}


@pytest.mark.parametrize("changed", [frozenset({CHANGED, "user_1"}), None])
async def test_a_document_is_forgotten_when_trusted_documents_change(
    door: Door, changed: frozenset[str] | None
) -> None:
    door.world.trusted["Hello-v1"] = HELLO
    assert (await post(door, {"documentId": "Hello-v1"})).json()["data"] == {"hello": "hello world"}
    del door.world.trusted["Hello-v1"]
    door.persisted.heard(frozenset({"user_1"}))
    assert door.persisted.known("Hello-v1") == HELLO
    door.persisted.heard(changed)
    assert door.persisted.known("Hello-v1") is None
    assert code_of(await post(door, {"documentId": "Hello-v1"})) == "PERSISTED_QUERY_NOT_FOUND"


async def test_what_is_trusted_no_more_is_not_run_because_a_client_has_sent_it_with_its_hash(world: World) -> None:
    door = door_of(world, trusted_only=True)
    world.trusted[HASH] = HELLO
    assert (await post(door, apollo(HASH, query=HELLO))).json()["data"] == {"hello": "hello world"}
    del world.trusted[HASH]
    door.persisted.heard(frozenset({CHANGED}))
    for body in (apollo(HASH), apollo(HASH, query=HELLO), {"query": HELLO}):
        assert code_of(await post(door, body)) == "DOCUMENT_NOT_TRUSTED"


async def test_what_is_dropped_while_it_is_looked_up_is_not_remembered() -> None:
    async def find(_: str) -> str:
        persisted.heard(frozenset({CHANGED}))
        return HELLO

    persisted = Persisted(find, DocumentTerms())
    found = await persisted.resolved(GraphQLRequest("", named=Naming("Hello-v1", automatic=False)))
    assert found == GraphQLRequest(HELLO)
    assert persisted.known("Hello-v1") is None


async def registered(door: Door, numbers: range, **headers: str) -> list[str]:
    """The hashes of as many documents, which a client has registered."""
    texts = [f"{{ a{number}: hello }}" for number in numbers]
    for text in texts:
        answer = (await post(door, apollo(sha256_of(text), query=text), **headers)).json()
        assert "errors" not in answer, answer
    return [sha256_of(text) for text in texts]


async def test_nobody_pushes_out_what_others_have_registered(world: World) -> None:
    door = door_of(world, automatic_kept=10)
    own = await registered(door, range(3), **KNOWN)
    # Whoever comes without a credential shares one place with all who do.
    strange = await registered(door, range(100, 120))
    assert [door.persisted.known(each) is not None for each in own] == [True] * 3
    assert [each for each in strange if door.persisted.known(each)] == strange[-7:]
    # What somebody known has registered too is no stranger's any more.
    await registered(door, range(113, 114), **KNOWN)
    await registered(door, range(200, 230))
    assert door.persisted.known(strange[13]) is not None
    assert [door.persisted.known(each) is not None for each in own] == [True] * 3


async def test_what_clients_register_has_its_size(world: World) -> None:
    door = door_of(world, automatic_bytes=8_192)
    large = "{ hello } #" + "x" * 9_000
    assert (await post(door, apollo(sha256_of(large), query=large))).json()["data"] == {"hello": "hello world"}
    assert door.persisted.known(sha256_of(large)) is None
    hashes = await registered(door, range(40))
    kept = [each for each in hashes if door.persisted.known(each)]
    assert kept == hashes[-len(kept) :]
    assert 10 < len(kept) < 30


async def test_trusted_documents_in_memory_have_their_size(world: World) -> None:
    door = door_of(world, trusted_bytes=2_048)
    for number in range(20):
        world.trusted[f"doc{number}"] = HELLO
        assert (await post(door, {"documentId": f"doc{number}"})).json()["data"] == {"hello": "hello world"}
    kept = [number for number in range(20) if door.persisted.known(f"doc{number}")]
    assert kept == list(range(20))[-len(kept) :]
    assert 1 < len(kept) < 8
