"""Asking a language model: what is sent, what is taken for an answer, what a server that misbehaves brings about."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import select

import gateway.writing.client  # noqa: F401 - it takes a second to load, which none of the times below is for
from domain.errors import Code, DomainError
from domain.outside import WriterAnswer, WriterTask
from domain.viewer import Viewer
from domain.writing import WriterOutcome, WriterUse
from gateway.database import Database
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


@pytest.mark.parametrize(
    ("acts", "asked"),
    [
        pytest.param([says({"txt": 1}), says(FITS)], 2, id="wrong shape, then right"),
        pytest.param([says('{"text": "cut'), says(FITS)], 2, id="bad JSON, then right"),
        pytest.param([says(""), says(FITS)], 2, id="nothing, then right"),
        pytest.param([says({"text": "a\x00b"}), says(FITS)], 2, id="a NUL, then right"),
        pytest.param([says(FITS, finish_reason="length"), says(FITS)], 2, id="cut off, then whole"),
        pytest.param([says(f"<think>Hm.</think>\n{json.dumps(FITS)}")], 1, id="thoughts first"),
        pytest.param([says(f"```json\n{json.dumps(FITS)}\n```")], 1, id="fenced"),
        pytest.param([raw(200, b'{"choices": []}'), says(FITS)], 2, id="no choice, then right"),
        pytest.param([raw(200, b"[" * 100_000), says(FITS)], 2, id="brackets, then right"),
        pytest.param([raw(500), says(FITS)], 2, id="500, then fine"),
        pytest.param([raw(429, headers="Retry-After: 0\r\n"), raw(503), says(FITS)], 3, id="429, 503, then fine"),
        pytest.param([hangs_up(), says(FITS)], 2, id="reset, then fine"),
        pytest.param([hangs_up(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"), says(FITS)], 2, id="broken off"),
        pytest.param([raw(400, b'{"error": {"param": "response_format"}}'), says(FITS)], 2, id="no schemas"),
        pytest.param([raw(400), raw(422), says(FITS)], 3, id="no response_format at all"),
        pytest.param([raw(400, b"use max_completion_tokens instead"), says(FITS)], 2, id="the new name of the limit"),
    ],
)
async def test_what_a_server_does_wrong_is_mended(
    database: Database, viewer: Viewer, model: Model, acts: list[Act], asked: int
) -> None:
    model.does(*acts)

    assert (await write(database, viewer, model)).value == FITS

    assert len(model.told) == asked
    assert [use.outcome for use in await uses(database, viewer)] == [WriterOutcome.ANSWERED]


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


@pytest.mark.parametrize(
    ("acts", "outcome", "asked"),
    [
        pytest.param([says({"txt": 1})], WriterOutcome.UNUSABLE, 2, id="wrong shape twice"),
        pytest.param([raw(200, b"<html>")], WriterOutcome.UNUSABLE, 2, id="no chat completion"),
        pytest.param([floods()], WriterOutcome.UNUSABLE, 1, id="endless"),
        pytest.param([raw(200, b"", "Content-Encoding: gzip\r\n")], WriterOutcome.UNUSABLE, 1, id="compressed"),
        pytest.param([raw(500)], WriterOutcome.UNREACHABLE, 3, id="500 for ever"),
        pytest.param([hangs_up()], WriterOutcome.UNREACHABLE, 3, id="reset for ever"),
        pytest.param([raw(429, headers="Retry-After: 3600\r\n")], WriterOutcome.UNREACHABLE, 1, id="come back later"),
        pytest.param([raw(429, headers="Retry-After: 9\r\n")], WriterOutcome.UNREACHABLE, 1, id="no time for that"),
        pytest.param([raw(401)], WriterOutcome.REFUSED, 1, id="wrong key"),
        pytest.param([raw(400)], WriterOutcome.REFUSED, 3, id="refused in every form"),
        pytest.param([raw(302, headers="Location: /v1/else\r\n")], WriterOutcome.REFUSED, 1, id="redirect"),
        pytest.param([trickles()], WriterOutcome.UNREACHABLE, 1, id="slow"),
        pytest.param([is_silent()], WriterOutcome.UNREACHABLE, 1, id="silent"),
        pytest.param([raw(500), is_silent()], WriterOutcome.UNREACHABLE, 2, id="500, then silent"),
    ],
)
async def test_what_cannot_be_mended_ends_in_time_and_in_words_that_tell_nothing(
    database: Database, viewer: Viewer, model: Model, acts: list[Act], outcome: WriterOutcome, asked: int
) -> None:
    model.does(*acts)
    began = time.perf_counter()

    with pytest.raises(DomainError) as refused:
        await write(database, viewer, model, timeout_seconds=1.5, response_bytes=65_536)

    assert time.perf_counter() - began < 4
    assert refused.value.code is Code.UNAVAILABLE
    assert not any(each in refused.value.message for each in ("127.0.0.1", str(model.port), "hushhush", "small"))
    assert len(model.told) == asked
    assert {told.path for told in model.told} == {"/v1/chat/completions"}
    assert [use.outcome for use in await uses(database, viewer)] == [outcome]
    # What may have been worked on is charged, what was refused is not.
    charged = outcome is WriterOutcome.UNUSABLE or acts[-1].__qualname__.startswith(("hangs", "is_silent", "trickles"))
    assert ((await uses(database, viewer))[0].cost_micros > 0) == charged


async def test_nobody_listens(database: Database, viewer: Viewer) -> None:
    model = Model(port=1)
    with pytest.raises(DomainError, match="does not answer"):
        await write(database, viewer, model)
    (use,) = await uses(database, viewer)
    assert (use.outcome, use.cost_micros, use.estimated) == (WriterOutcome.UNREACHABLE, 0, False)


async def test_a_pause_that_was_asked_for_is_made(database: Database, viewer: Viewer, model: Model) -> None:
    model.does(raw(429, headers="Retry-After: 1\r\n"), says(FITS))
    began = time.perf_counter()
    await write(database, viewer, model)
    assert 1 <= time.perf_counter() - began < 3


async def test_a_server_that_keeps_failing_is_left_alone_for_a_while(
    database: Database, viewer: Viewer, model: Model
) -> None:
    model.does(raw(500))
    async with writing(database, model, retries=0, breaker_failures=2, breaker_seconds=0.5) as writer:
        for _ in range(4):
            with pytest.raises(DomainError):
                await writer.write(viewer, TASK)
        assert not await writer.available(viewer)
        assert len(model.told) == 2
        model.does(says(FITS))
        await asyncio.sleep(0.6)
        assert (await writer.write(viewer, TASK)).value == FITS


async def test_only_so_many_are_asked_at_once_and_waiting_counts(
    database: Database, viewer: Viewer, model: Model
) -> None:
    go = asyncio.Event()
    model.does(waits_for(go, says(FITS)))
    async with writing(database, model, at_once=2, timeout_seconds=1, retries=0) as writer:
        asked = [asyncio.create_task(writer.write(viewer, TASK)) for _ in range(5)]
        await until(lambda: model.under_way == 2, pause=0.01)
        done = await asyncio.gather(*asked, return_exceptions=True)
    assert model.most_under_way == 2
    assert [type(each) for each in done] == [DomainError] * 5
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
    given_up, answered = await uses(database, viewer)
    assert (given_up.outcome, given_up.estimated) == (WriterOutcome.UNFINISHED, True)
    assert given_up.cost_micros > answered.cost_micros


async def test_what_is_too_long_is_not_sent(database: Database, viewer: Viewer, model: Model) -> None:
    task = WriterTask("localize", "Translate.", {"text": "ä" * 1000}, SCHEMA)
    with pytest.raises(DomainError, match="too long"):
        await write(database, viewer, model, task, task_bytes=1024)
    assert model.told == []
    assert await uses(database, viewer) == []
