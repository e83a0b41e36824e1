"""Asking a language model: what is sent, what is taken for an answer, what a server that misbehaves brings about."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import select

import gateway.writing.client  # noqa: F401 - it takes a second to load, which none of the times below is for
from domain.errors import Code, DomainError
from domain.outside import WriterAnswer, WriterTask
from domain.viewer import Viewer
from domain.writing import WriterOutcome, WriterUse
from gateway.database import Database
from gateway.writing import conversation
from tests.factories.models import (
    Act,
    Model,
    floods,
    hangs_up,
    is_silent,
    modelling,
    raw,
    says,
    trickles,
    waits_for,
    writing,
)
from tests.waiting import until

SCHEMA = {
    "type": "object",
    "properties": {"text": {"type": "string", "minLength": 1}},
    "required": ["text"],
    "additionalProperties": False,
}
TASK = WriterTask("localize", "Translate into German.", {"text": "Free shipping"}, SCHEMA, 200)
FITS = {"text": "Kostenloser Versand"}


@pytest.fixture
async def database(embedded: Database) -> Database:
    """What is asked of a model is the same on both databases; the budget's own tests run on both."""
    return embedded


@pytest.fixture
async def model() -> AsyncIterator[Model]:
    async with modelling() as model:
        model.does(says(FITS))
        yield model


async def write(
    database: Database, viewer: Viewer, model: Model, task: WriterTask = TASK, **settings: Any
) -> WriterAnswer:
    async with writing(database, model, **settings) as writer:
        return await writer.write(viewer, task)


async def uses(database: Database, viewer: Viewer) -> list[Any]:
    statement = select(*WriterUse.__table__.columns).where(WriterUse.organization_id == viewer.organization_id)
    return list(await database.rows(statement.order_by(WriterUse.id)))


async def test_what_is_sent_and_answered(
    database: Database, viewer: Viewer, model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "ALL_PROXY", "http_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setenv("OPENAI_API_KEY", "sk-environment")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("OPENAI_ORG_ID", "org-environment")
    monkeypatch.setenv(
        "OPENAI_CUSTOM_HEADERS", "X-Environment: yes\nAuthorization: Bearer sk-environment\nHost: elsewhere"
    )
    async with writing(database, model) as writer:
        assert await writer.available(viewer)
        assert await writer.write(viewer, TASK) == WriterAnswer(FITS, "small")
        await writer.write(viewer, TASK)

    first = model.told[0]
    assert first.path == "/v1/chat/completions"
    headers = dict(first.headers)
    assert headers.pop("user-agent").startswith("Trigraph/")
    assert headers == {
        "host": f"127.0.0.1:{model.port}",
        "content-type": "application/json",
        "content-length": str(len(first.body)),
        "authorization": "Bearer sk-hushhush",
        "accept": "application/json",
        "accept-encoding": "identity",
    }
    body = first.json
    system, user = body.pop("messages")
    assert body == {
        "model": "small",
        "max_tokens": 200,
        "response_format": {
            "type": "json_schema",
            "json_schema": {"name": "localize", "schema": SCHEMA, "strict": True},
        },
    }
    assert (system["role"], user["role"]) == ("system", "user")
    assert system["content"].endswith("\n\nTranslate into German.")
    assert json.loads(user["content"]) == {"text": "Free shipping"}
    use = (await uses(database, viewer))[0]
    assert (use.purpose, use.model, use.outcome) == ("localize", "small", WriterOutcome.ANSWERED)
    assert (use.prompt_tokens, use.completion_tokens, use.cost_micros, use.estimated) == (100, 10, 120, False)


async def test_a_server_without_a_key_is_sent_none(database: Database, viewer: Viewer, model: Model) -> None:
    await write(database, viewer, model, api_key=None, max_tokens=150)
    assert "authorization" not in model.told[0].headers
    assert model.told[0].json["max_tokens"] == 150


async def test_addresses_and_numbers_stay_in_the_house_and_are_in_the_answer(
    database: Database, viewer: Viewer, model: Model
) -> None:
    secret = ("ada@example.com", "+49 30 1234567", "bob@example.com")
    task = WriterTask(
        "reply",
        f"Answer {secret[0]} politely.",
        {"feedback": [f"Call me: {secret[1]}", {secret[2]: f"or write to {secret[0]}"}]},
        {"type": "object", "properties": {"to": {"enum": list(secret[::2])}, "text": {"type": "string"}}},
    )
    model.does(says({"to": "[email 7]", "text": "?"}), says({"to": "[email 1]", "text": "[Phone 1], nicht [email 2]."}))

    answered = await write(database, viewer, model, task)

    assert answered.value == {"to": secret[0], "text": f"{secret[1]}, nicht {secret[2]}."}
    sent = b"".join(told.body for told in model.told).decode()
    assert not any(each in sent for each in (*secret, "1234567", "example.com"))
    assert "[email 7] was not in the task" in model.words[1][3]


MENDED: list[tuple[str, list[Act], int]] = [
    ("wrong shape, then right", [says({"txt": 1}), says(FITS)], 2),
    ("bad JSON, then right", [says('{"text": "cut'), says(FITS)], 2),
    ("nothing, then right", [says(""), says(FITS)], 2),
    ("a NUL, then right", [says({"text": "a\x00b"}), says(FITS)], 2),
    ("cut off, then whole", [says(FITS, finish_reason="length"), says(FITS)], 2),
    ("thoughts first", [says(f"<think>Hm.</think>\n{json.dumps(FITS)}")], 1),
    ("fenced", [says(f"```json\n{json.dumps(FITS)}\n```")], 1),
    ("no choice, then right", [raw(200, b'{"choices": []}'), says(FITS)], 2),
    ("brackets, then right", [raw(200, b"[" * 100_000), says(FITS)], 2),
    ("500, then fine", [raw(500), says(FITS)], 2),
    ("429, 503, then fine", [raw(429, headers="Retry-After: 0\r\n"), raw(503), says(FITS)], 3),
    ("reset, then fine", [hangs_up(), says(FITS)], 2),
    ("broken off", [hangs_up(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"), says(FITS)], 2),
    ("no schemas", [raw(400, b'{"error": {"param": "response_format"}}'), says(FITS)], 2),
    ("no response_format at all", [raw(400), raw(422), says(FITS)], 3),
    ("the new name of the limit", [raw(400, b"use max_completion_tokens instead"), says(FITS)], 2),
]


async def test_what_a_server_does_wrong_is_mended(database: Database, viewer: Viewer) -> None:
    async def mended(name: str, acts: list[Act], asked: int) -> None:
        async with modelling() as model:
            model.does(*acts)
            answer = await write(database, viewer, model, replace(TASK, purpose=name))
        assert (answer.value, len(model.told)) == (FITS, asked), name

    await asyncio.gather(*(mended(*each) for each in MENDED))
    assert {use.purpose: use.outcome for use in await uses(database, viewer)} == {
        name: WriterOutcome.ANSWERED for name, _, _ in MENDED
    }


async def test_a_correction_is_asked_for_with_the_answer_and_what_is_wrong(
    database: Database, viewer: Viewer, model: Model
) -> None:
    model.does(says({"text": "", "to": "eve@example.com"}), says(FITS))
    await write(database, viewer, model)

    _, _, answered, complaint = model.words[1]
    assert json.loads(answered) == {"text": "", "to": "[email 1]"}
    assert "$" in complaint
    assert "eve@example.com" not in complaint
    (use,) = await uses(database, viewer)
    assert (use.prompt_tokens, use.completion_tokens, use.cost_micros) == (200, 20, 240)


async def test_what_a_server_refuses_it_is_not_asked_again(database: Database, viewer: Viewer, model: Model) -> None:
    model.does(raw(400, b"max_completion_tokens"), raw(400), says(FITS))
    async with writing(database, model) as writer:
        await writer.write(viewer, TASK)
        await writer.write(viewer, TASK)

    forms = [(told.json.get("response_format", {}).get("type"), "max_tokens" in told.json) for told in model.told]
    assert forms == [("json_schema", True), ("json_schema", False), ("json_object", False), ("json_object", False)]
    assert json.dumps(SCHEMA, separators=(",", ":")) in model.words[3][0]


FAILING: list[tuple[str, list[Act], WriterOutcome, int]] = [
    ("wrong shape twice", [says({"txt": 1})], WriterOutcome.UNUSABLE, 2),
    ("no chat completion", [raw(200, b"<html>")], WriterOutcome.UNUSABLE, 2),
    ("endless", [floods()], WriterOutcome.UNUSABLE, 1),
    ("compressed", [raw(200, b"", "Content-Encoding: gzip\r\n")], WriterOutcome.UNUSABLE, 1),
    ("500 for ever", [raw(500)], WriterOutcome.UNREACHABLE, 3),
    ("reset for ever", [hangs_up()], WriterOutcome.UNREACHABLE, 3),
    ("come back later", [raw(429, headers="Retry-After: 3600\r\n")], WriterOutcome.UNREACHABLE, 1),
    ("no time for that", [raw(429, headers="Retry-After: 9\r\n")], WriterOutcome.UNREACHABLE, 1),
    ("wrong key", [raw(401)], WriterOutcome.REFUSED, 1),
    ("refused in every form", [raw(400)], WriterOutcome.REFUSED, 3),
    ("redirect", [raw(302, headers="Location: /v1/else\r\n")], WriterOutcome.REFUSED, 1),
    ("slow", [trickles()], WriterOutcome.UNREACHABLE, 1),
    ("silent", [is_silent()], WriterOutcome.UNREACHABLE, 1),
    ("500, then silent", [raw(500), is_silent()], WriterOutcome.UNREACHABLE, 2),
]


async def test_what_cannot_be_mended_ends_in_time_and_in_words_that_tell_nothing(
    database: Database, viewer: Viewer
) -> None:
    async def failing(name: str, acts: list[Act], outcome: WriterOutcome, asked: int) -> None:
        async with modelling() as model:
            model.does(*acts)
            task = replace(TASK, purpose=name)
            began = time.perf_counter()
            with pytest.raises(DomainError) as refused:
                await write(database, viewer, model, task, timeout_seconds=1.5, response_bytes=65_536)
        assert time.perf_counter() - began < 4, name
        assert refused.value.code is Code.UNAVAILABLE
        assert not any(each in refused.value.message for each in ("127.0.0.1", str(model.port), "hushhush", "small"))
        assert len(model.told) == asked, name
        assert {told.path for told in model.told} == {"/v1/chat/completions"}
        (use,) = [use for use in await uses(database, viewer) if use.purpose == name]
        # What may have been worked on is charged, what was refused is not.
        paid = outcome is WriterOutcome.UNUSABLE or acts[-1].__qualname__.startswith(("hangs", "is_silent", "trickles"))
        assert (use.outcome, use.cost_micros > 0) == (outcome, paid), name

    await asyncio.gather(*(failing(*each) for each in FAILING))


async def test_nobody_listens(database: Database, viewer: Viewer) -> None:
    model = Model(port=1)
    with pytest.raises(DomainError, match="does not answer"):
        await write(database, viewer, model)
    (use,) = await uses(database, viewer)
    assert (use.outcome, use.cost_micros, use.estimated) == (WriterOutcome.UNREACHABLE, 0, False)


async def test_a_pause_that_was_asked_for_is_made(
    database: Database, viewer: Viewer, model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    paused: list[float] = []

    async def sleep(seconds: float) -> None:
        paused.append(seconds)

    monkeypatch.setattr(conversation, "asyncio", SimpleNamespace(sleep=sleep, CancelledError=asyncio.CancelledError))
    model.does(raw(429, headers="Retry-After: 4\r\n"), raw(503), says(FITS))
    await write(database, viewer, model)
    asked_for, own = paused
    assert 4 <= asked_for <= 6
    assert 0.02 <= own <= 0.03


async def test_a_server_that_keeps_failing_is_left_alone_for_a_while(
    database: Database, viewer: Viewer, model: Model
) -> None:
    model.does(raw(500))
    async with writing(database, model, retries=0, breaker_failures=2, breaker_seconds=0.3) as writer:
        for _ in range(4):
            with pytest.raises(DomainError):
                await writer.write(viewer, TASK)
        assert not await writer.available(viewer)
        assert len(model.told) == 2
        model.does(says(FITS))
        await asyncio.sleep(0.35)
        assert (await writer.write(viewer, TASK)).value == FITS


async def test_only_so_many_are_asked_at_once_and_waiting_counts(
    database: Database, viewer: Viewer, model: Model
) -> None:
    go = asyncio.Event()
    model.does(waits_for(go, says(FITS)))
    async with writing(database, model, at_once=2, timeout_seconds=0.5, retries=0) as writer:
        asked = [asyncio.create_task(writer.write(viewer, TASK)) for _ in range(5)]
        await until(lambda: model.under_way == 2, pause=0.01)
        done = await asyncio.gather(*asked, return_exceptions=True)
    assert model.most_under_way == 2
    assert [type(each) for each in done] == [DomainError] * 5
    assert {outcome: sum(each.counts) for outcome, each in writer.timings.by_outcome.items()} == {"unreachable": 5}
    assert len(await uses(database, viewer)) == 2


async def test_whoever_gives_up_leaves_no_place_taken_and_a_note(
    database: Database, viewer: Viewer, model: Model
) -> None:
    model.does(is_silent(), says(FITS))
    async with writing(database, model, at_once=1) as writer:
        asked = asyncio.create_task(writer.write(viewer, TASK))
        await until(lambda: model.under_way == 1, pause=0.01)
        asked.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asked
        assert (await writer.write(viewer, TASK)).value == FITS
    assert sorted(writer.timings.by_outcome) == ["answered", "unfinished"]
    given_up, answered = await uses(database, viewer)
    assert writer.spent_micros == given_up.cost_micros + answered.cost_micros
    assert (given_up.outcome, given_up.estimated) == (WriterOutcome.UNFINISHED, True)
    assert given_up.cost_micros > answered.cost_micros


async def test_what_is_too_long_is_not_sent(database: Database, viewer: Viewer, model: Model) -> None:
    task = WriterTask("localize", "Translate.", {"text": "ä" * 1000}, SCHEMA)
    with pytest.raises(DomainError, match="too long"):
        await write(database, viewer, model, task, task_bytes=1024)
    assert model.told == []
    assert await uses(database, viewer) == []
