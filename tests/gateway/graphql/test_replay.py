"""Mutations repeated under the same key."""

from __future__ import annotations

from typing import Any

import pytest

from domain.errors import Code, conflict
from domain.viewer import Viewer
from gateway.graphql.replay import StoredAnswer
from tests.gateway.graphql.world import VIEWER, Door, World, door_of

GOOD = {"Authorization": "Bearer good"}


class Memory:
    """Answers in a dictionary."""

    def __init__(self) -> None:
        self.kept: dict[str, tuple[str, StoredAnswer]] = {}
        self.broken = False

    async def before(self, viewer: Viewer, key: str, fingerprint: str) -> StoredAnswer | None:
        assert viewer == VIEWER
        if key not in self.kept:
            return None
        known, answer = self.kept[key]
        if known != fingerprint:
            raise conflict("The key belongs to another request.", code=Code.IDEMPOTENCY_CONFLICT)
        return answer

    async def after(self, viewer: Viewer, key: str, fingerprint: str, status: int, body: bytes) -> None:
        if self.broken:
            raise RuntimeError("disk full")
        self.kept[key] = (fingerprint, StoredAnswer(status, body))


@pytest.fixture
def memory() -> Memory:
    return Memory()


@pytest.fixture
def keeping(world: World, memory: Memory) -> Door:
    return door_of(world, replay=memory)


async def touch(door: Door, key: str, by: int = 1, **more: Any) -> Any:
    query = "mutation ($by: Int) { touch(by: $by) }"
    return await door.post(query, variables={"by": by}, headers={**GOOD, "Idempotency-Key": key, **more})


async def test_the_first_answer_is_given_again(keeping: Door) -> None:
    first, second = await touch(keeping, "k"), await touch(keeping, "k")
    assert first.content == second.content
    assert "idempotency-replayed" not in first.headers
    assert second.headers["idempotency-replayed"] == "true"
    assert keeping.world.touched == 1
    context = keeping.world.contexts[0]
    assert context["key"] == "k"
    assert len(context["fingerprint"]) == 64


async def test_another_request_under_the_same_key_is_a_conflict(keeping: Door) -> None:
    await touch(keeping, "k")
    response = await touch(keeping, "k", by=2)
    assert response.status_code == 409
    assert response.json()["errors"][0]["extensions"]["code"] == "IDEMPOTENCY_CONFLICT"


async def test_the_order_of_variables_does_not_matter(keeping: Door) -> None:
    query = "mutation ($a: Int, $b: Int) { touch(by: $a) b: touch(by: $b) }"
    headers = {**GOOD, "Idempotency-Key": "k"}
    first = await keeping.post(query, variables={"a": 1, "b": 2}, headers=headers)
    second = await keeping.post(query, variables={"b": 2, "a": 1}, headers=headers)
    assert first.content == second.content


async def test_the_contents_of_files_belong_to_the_request(keeping: Door) -> None:
    from tests.gateway.graphql.test_uploads import MAP, ONE, operations, part, send

    parts = (operations(ONE, file=None), MAP)
    first = await send(keeping, *parts, part("0", "text", "f"), Idempotency_Key="k", **GOOD)
    assert first.json()["data"] == {"upload": "f:text"}
    again = await send(keeping, *parts, part("0", "text", "f"), Idempotency_Key="k", **GOOD)
    assert again.headers["idempotency-replayed"] == "true"
    other = await send(keeping, *parts, part("0", "TEXT", "f"), Idempotency_Key="k", **GOOD)
    assert other.status_code == 409


@pytest.mark.parametrize("key", ["", " ", "x" * 256, "a\tb"])
async def test_a_key_has_to_be_printable_and_short(keeping: Door, key: str) -> None:
    response = await touch(keeping, key)
    assert response.status_code == 400
    assert "Idempotency-Key" in response.json()["errors"][0]["message"]
    assert keeping.world.touched == 0


async def test_queries_and_anonymous_requests_are_not_remembered(keeping: Door, memory: Memory) -> None:
    await keeping.post("{ hello }", headers={**GOOD, "Idempotency-Key": "k"})
    await keeping.post("mutation { touch }", headers={"Idempotency-Key": "k"})
    assert memory.kept == {}
    assert keeping.world.contexts[0]["key"] is None
    assert keeping.world.contexts[1]["key"] == "k"


async def test_a_bug_and_a_refusal_may_be_tried_again(keeping: Door, memory: Memory) -> None:
    headers = {**GOOD, "Idempotency-Key": "k"}
    assert (await keeping.post("mutation { fails }", headers=headers)).status_code == 200
    await keeping.post("mutation { missing }", headers=headers)
    assert memory.kept == {}


async def test_an_answer_that_cannot_be_kept_is_still_an_answer(
    keeping: Door, memory: Memory, caplog: pytest.LogCaptureFixture
) -> None:
    memory.broken = True
    assert (await touch(keeping, "k")).json()["data"] == {"touch": 1}
    assert "disk full" in caplog.text


async def test_what_the_domain_refuses_before_a_mutation_runs_keeps_its_status(door: Door) -> None:
    response = await touch(door, "busy")
    assert response.status_code == 503
    assert response.json()["errors"][0]["extensions"]["code"] == "UNAVAILABLE"


async def test_without_a_memory_the_key_still_reaches_the_resolvers(door: Door) -> None:
    await touch(door, "k")
    await touch(door, "k")
    assert door.world.touched == 2
    assert [context["key"] for context in door.world.contexts] == ["k", "k"]
