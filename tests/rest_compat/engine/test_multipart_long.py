"""Long texts of JSON bodies: set aside while they arrive, however they are written and cut."""

from __future__ import annotations

import base64
import json
import random
from typing import Any

import pytest

from rest_compat.engine.app import DialectApp
from rest_compat.engine.services import DoorSettings
from rest_compat.engine.uploads import IN_MEMORY
from tests.rest_compat.asgi import Answer, call
from tests.rest_compat.library.dialect import LIBRARY

JSON = {"x-api-key": "good", "content-type": "application/json"}
ANY = list('az09 \\"/\b\f\n\r\t\u007f\u00fc\u20ac\U0001f600\u2028')


@pytest.fixture
def app(library, services) -> DialectApp:
    settings = DoorSettings("https://graph.example", max_body_bytes=300_000, max_file_bytes=2_000_000)
    return DialectApp(LIBRARY, library.schema(), services, settings)


async def send(app: DialectApp, body: bytes, **more: Any) -> Answer:
    return await call(app, "POST", "/v9/scans", body=body, headers=JSON, **more)


@pytest.mark.parametrize("ascii", [True, False])
@pytest.mark.parametrize("chunks", [1, 7, 1009])
async def test_a_long_text_is_what_json_says(app, library, ascii, chunks):
    made = random.Random(chunks)
    text = "".join(made.choices(ANY, k=IN_MEMORY)) + "\\"
    beside = "".join(made.choices(ANY, k=70_000))
    sent = {"about": {"source": beside, "x": ["\\", '"', text[:9]]}, "paper": text, "tags": ["\0", "a"][1:]}
    body = json.dumps(sent, ensure_ascii=ascii).encode()
    assert (await send(app, body, chunks=chunks)).status == 200
    (seen,) = library.seen
    assert seen["bytes"].decode() == text
    assert (seen["details"], seen["tags"]) == ({"source": beside}, ["a"])


async def test_a_long_file_in_every_notation(app, library):
    content = bytes(range(256)) * 4000
    plain = base64.b64encode(content).decode()
    lines = base64.encodebytes(content).decode()
    escaped = json.dumps({"paper": lines}).replace("/", "\\/")
    for sent in (json.dumps({"paper": plain}), escaped, json.dumps({"paper": f"data:a/b;base64,{plain}"})):
        assert (await send(app, sent.encode(), chunks=13)).status == 200
    percent = "".join(f"%{each:02x}" for each in content[:40_000])
    assert (await send(app, json.dumps({"paper": f"data:,{percent}"}).encode())).status == 200
    assert [each["bytes"] for each in library.seen] == [content] * 3 + [content[:40_000]]
    assert [each["type"] for each in library.seen] == [None, None, "a/b", "text/plain;charset=us-ascii"]
    assert all(file.closed for file in library.files)


LONG = "x " * 50_000


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (json.dumps({"paper": LONG})[:-2], 400),
        (json.dumps({"paper": LONG})[:-1], 400),
        (f'{{"paper": "{LONG}\\u12"}}', 400),
        (f'{{"paper": "{LONG}\\ud800"}}', 400),
        (f'{{"paper": "{LONG}\\ud800 and more of it"}}', 400),
        (f'{{"paper": "{LONG}\n"}}', 400),
        (f'{{"paper": "{LONG}\\x"}}', 400),
        (f'{{"paper": "data:;base64,{LONG}"}}', 400),
        (f'["{LONG}"]', 400),
        (f'{{"{LONG}": 1, "sheets": 1}}', 200),
        ('{"paper": "\\u00000"}', 200),
        # What stands beside a file is bounded as any body is, however it is made up.
        (json.dumps({"extra": {"a": [1] * 200_000}}), 413),
        (json.dumps({"about": {"source": LONG * 4}}), 413),
        (json.dumps({"tags": [LONG[:80_000]] * 20}), 413),
        (json.dumps({"tags": [LONG[:80_000]] * 3}), 200),
    ],
)
async def test_long_bodies_that_are_none(app, library, body, status):
    answer = await send(app, body.encode(), chunks=5)
    assert answer.status == status, answer.body
    assert len(library.seen) == (status == 200)


async def test_a_long_body_is_known_again(app, library):
    body = json.dumps({"paper": LONG}).encode()
    for _ in range(2):
        head = JSON | {"idempotency-key": "k"}
        answer = await call(app, "POST", "/v9/scans", body=body, headers=head)
    assert (answer.headers["idempotency-replayed"], len(library.seen)) == ("true", 1)
