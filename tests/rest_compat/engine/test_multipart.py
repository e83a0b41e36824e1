"""Files through the invented dialect: as parts, as texts in JSON, and bodies that are broken in every way."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from rest_compat.engine.app import DialectApp
from rest_compat.engine.services import DoorSettings
from rest_compat.engine.uploads import IN_MEMORY, UploadedFile
from tests.rest_compat.asgi import Answer, call
from tests.rest_compat.library.dialect import LIBRARY

KEY = {"x-api-key": "good"}
FORM = {**KEY, "content-type": "multipart/form-data; boundary=limit"}
JSON = {**KEY, "content-type": "application/json"}


def part(name: str, content: str | bytes, filename: str | None = None, *lines: str) -> bytes:
    ending = f'; filename="{filename}"' if filename is not None else ""
    head = "\r\n".join(["--limit", f'Content-Disposition: form-data; name="{name}"{ending}', *lines])
    return head.encode() + b"\r\n\r\n" + (content if isinstance(content, bytes) else content.encode()) + b"\r\n"


async def send(app: DialectApp, *parts: bytes, end: bytes = b"--limit--\r\n", **more: Any) -> Answer:
    return await call(app, "POST", "/v9/scans", body=b"".join(parts) + end, headers=FORM | more.pop("head", {}), **more)


async def send_json(app: DialectApp, value: object, **head: str) -> Answer:
    return await call(app, "POST", "/v9/scans", body=json.dumps(value).encode(), headers=JSON | head)


def error(answer: Answer) -> tuple[int, str, dict[str, str]]:
    told = answer.json()["error"]
    return answer.status, told["code"], told["fields"]


@pytest.mark.parametrize("chunks", [1, 50])
async def test_parts_become_a_file_and_typed_values(app, library, chunks):
    content = bytes(range(256)) * 2000 + b"\r\n--limi"
    assert len(content) > IN_MEMORY
    answer = await send(
        app,
        part("paper", content, r"C:\in\Gesetz ä.pdf", "Content-Type: application/pdf"),
        part("sheets", "12"),
        part("tags", "a,b"),
        part("about[source]", "EU ü"),
        part("about.year", "1958"),
        part("extra", '{"deep": [1]}'),
        part("unknown", "x" * 100),
        part("other", b"\xff" * 100, "unknown.bin"),
        chunks=chunks,
    )
    assert (answer.status, answer.json()) == (200, {"success": True, "data": {"text": "read"}})
    details = {"source": "EU ü", "year": 1958}
    read = {"name": "Gesetz ä.pdf", "type": "application/pdf", "bytes": content}
    rest = {"pages": 12, "tags": ["a", "b"], "details": details, "extra": {"deep": [1]}}
    assert library.seen == [rest | read]
    assert all(file.closed for file in library.files)


async def test_an_object_as_one_json_text_and_lists_in_parts(app, library):
    await send(app, part("about", '{"source": "EU"}'), part("about[year]", "1958"), part("tags[]", "a"))
    await send(app, part("about", '{"source": "EU"}', None, "Content-Type: application/json"), part("paper", "", ""))
    assert library.seen == [
        {"tags": ["a"], "details": {"source": "EU", "year": 1958}},
        {"details": {"source": "EU"}},
    ]


PDF = base64.b64encode(b"%PDF-1.7 and so on").decode()
TEXT = ("text/plain; charset=utf-8", None)


@pytest.mark.parametrize(
    ("sent", "content", "media_type"),
    [
        (PDF, b"%PDF-1.7 and so on", None),
        (PDF.rstrip("="), b"%PDF-1.7 and so on", None),
        (base64.encodebytes(b"\xfb\xff" * 60).decode(), b"\xfb\xff" * 60, None),
        (base64.urlsafe_b64encode(b"\xfb\xff" * 60).decode(), b"\xfb\xff" * 60, None),
        (base64.b64encode("Größe".encode()).decode(), "Größe".encode(), None),
        (f"data:application/pdf;name=a.pdf;base64,{PDF}", b"%PDF-1.7 and so on", "application/pdf;name=a.pdf"),
        ("data:text/html,%3Cp%3E%C3%BC", b"<p>\xc3\xbc", "text/html"),
        ("Within 72 hours it shall be told.", b"Within 72 hours it shall be told.", TEXT[0]),
        ("word", b"word", TEXT[0]),
        ("words without any other sign " * 8, b"words without any other sign " * 8, TEXT[0]),
        ("See https://example.com/law.pdf", b"See https://example.com/law.pdf", TEXT[0]),
        ("It cost 3.50", b"It cost 3.50", TEXT[0]),
    ],
)
async def test_a_text_in_json_is_what_it_looks_like(app, library, sent, content, media_type):
    assert (await send_json(app, {"paper": sent, "sheets": 1})).status == 200
    # A part without the name of a file is such a text too.
    assert (await send(app, part("paper", sent))).status == 200
    seen = {"name": None, "type": media_type, "bytes": content}
    assert library.seen == [{"pages": 1} | seen, seen]


@pytest.mark.parametrize(
    ("sent", "title"),
    [("document.pdf", "document.pdf"), ("path/to/My law.PDF", "My law.PDF"), (r"C:\x\a-b.xyz", "a-b.xyz")],
)
async def test_a_name_alone_opens_nothing(app, library, sent, title):
    await send_json(app, {"paper": sent})
    # The printed form: a multipart label over bare JSON, which has no boundary (CB-02).
    body = json.dumps({"paper": sent, "about": {"year": 1958}}).encode()
    answer = await call(
        app, "POST", "/v9/scans", body=b"\n" + body, headers=KEY | {"content-type": "multipart/form-data"}
    )
    assert answer.status == 200
    assert library.seen == [{"title": title}, {"title": title, "details": {"year": 1958}}]


FILE = part("paper", "x", "a.txt")


@pytest.mark.parametrize(
    ("parts", "end", "says", "fields"),
    [
        ([FILE], b"", "ends before its last boundary", {"paper": "it ends before its last boundary"}),
        ([FILE[:-9]], b"", "ends before its last boundary", {}),
        ([b"no parts"], b"", "cannot be told apart", {}),
        ([], b"", "ends before its last boundary", {}),
        ([b"--limit\r\n\r\nx\r\n"], b"--limit--", "Content-Disposition", {}),
        ([b'--limit\r\nContent-Disposition: form-data; filename="a"\r\n\r\nx\r\n'], b"--limit--", "with a name", {}),
        ([b"--limit\r\nX\0: y\r\n\r\n"], b"--limit--", "cannot be told apart", {}),
        ([b"--limit\r\n" + b"X: y\r\n" * 50 + b"\r\n"], b"--limit--", "cannot be told apart", {}),
        ([b"--limit\r\nX: " + b"y" * 9000 + b"\r\n\r\n"], b"--limit--", "cannot be told apart", {}),
        ([part("a", "")] * 101, b"--limit--", "more than 100 parts", {}),
        ([FILE, FILE], b"--limit--", "given more than once", {"paper": "it is given more than once"}),
        ([part("sheets", "1")] * 2, b"--limit--", "more than once", {"sheets": "it is given more than once"}),
        (
            [part("about", '{"year": 1}'), part("about.year", "1")],
            b"--limit--",
            "more than once",
            {"about.year": "it is given more than once"},
        ),
        ([part("about", "{")], b"--limit--", "must be JSON", {"about": "it must be JSON in UTF-8"}),
        ([part("tags", b"\xff")], b"--limit--", "must be UTF-8", {"tags": "its text must be UTF-8"}),
        (
            [part("sheets", "1", "a.txt")],
            b"--limit--",
            "is a file",
            {"sheets": "it is a file where a text was expected"},
        ),
        (
            [part("paper", "eA==", "a", "Content-Transfer-Encoding: base64")],
            b"--limit--",
            "without a Content-Transfer-Encoding",
            {"paper": "parts must be sent as they are, without a Content-Transfer-Encoding"},
        ),
    ],
)  # fmt: skip
async def test_broken_bodies_are_refused_with_the_part_at_fault(app, library, parts, end, says, fields):
    answer = await send(app, *parts, end=end, chunks=3)
    assert error(answer) == (400, "UNREADABLE", fields)
    assert says in answer.json()["error"]["message"]
    assert library.seen == []


@pytest.mark.parametrize(
    ("label", "body", "status", "says"),
    [
        ("multipart/form-data", b"--limit\r\n", 400, "names no boundary"),
        ("multipart/form-data; boundary=" + "b" * 300, b"--b\r\n", 400, "cannot be told apart"),
        ("application/pdf", b"%PDF-", 415, "must be multipart/form-data or application/json, not application/pdf"),
        ("application/json", b'{"paper": ', 400, "not valid JSON"),
        ("application/json", b'{"paper": "data:x;base64,*"}', 400, "paper has no valid base64"),
    ],
)
async def test_labels_have_to_fit(app, library, label, body, status, says):
    answer = await call(app, "POST", "/v9/scans", body=body, headers=KEY | {"content-type": label})
    assert (answer.status, library.seen) == (status, [])
    assert says in answer.json()["error"]["message"]


@pytest.mark.parametrize("wrong", [7, ["x"], {"a": 1}, ""])
async def test_what_is_no_file_is_refused(app, wrong):
    status, code, fields = error(await send_json(app, {"paper": wrong}))
    assert (status, code, list(fields)) == (400, "INVALID_FIELD", ["paper"])
    assert fields["paper"].startswith("must be a file: as a part")


@pytest.fixture
def strict(library, services) -> DialectApp:
    settings = DoorSettings(
        "https://graph.example",
        max_body_bytes=2000,
        max_file_bytes=300_000,
        body_timeout_seconds=0.05,
        upload_timeout_seconds=0.2,
    )
    return DialectApp(LIBRARY, library.schema(), services, settings)


async def test_files_have_their_own_limit_and_texts_theirs(strict, library):
    assert (await send(strict, part("paper", "x" * 300_000, "a"))).status == 200
    assert (await send_json(strict, {"paper": base64.encodebytes(b"\xff" * 300_000).decode()})).status == 200
    told = {"paper": "must have at most 300000 bytes"}
    assert error(await send(strict, part("paper", "x" * 300_001, "a"))) == (413, "TOO_LARGE", told)
    sent = {"paper": base64.b64encode(b"\xff" * 300_001).decode()}
    assert error(await send_json(strict, sent)) == (413, "TOO_LARGE", told)
    assert error(await send_json(strict, {"paper": "x y" * 100_001})) == (413, "TOO_LARGE", told)
    assert error(await send_json(strict, {"paper": "x y" * 200_000})) == (413, "TOO_LARGE", {})
    assert error(await send(strict, part("tags", "x" * 2001))) == (413, "TOO_LARGE", {"tags": "is too long"})
    announced = await send(strict, FILE, head={"content-length": "302001"})
    assert error(announced) == (413, "TOO_LARGE", {})
    assert len(library.seen) == 2


async def test_a_file_that_stops_arriving_is_refused_in_time(strict, library):
    answer = await send(strict, FILE, end=b"", stalls=True)
    assert (answer.status, answer.headers["connection"]) == (408, "close")
    assert answer.json()["error"]["message"] == "nothing of the body arrived for 0.05 seconds"
    assert library.seen == []


async def test_a_client_that_leaves_within_a_file_leaves_nothing_behind(app, library, monkeypatch):
    opened: list[UploadedFile] = []

    class Recorded(UploadedFile):
        def __init__(self, *known: Any) -> None:
            super().__init__(*known)
            opened.append(self)

    monkeypatch.setattr("rest_compat.engine.multipart.UploadedFile", Recorded)

    async def receive():
        return messages.pop(0)

    messages = [{"type": "http.request", "body": FILE[:-2], "more_body": True}, {"type": "http.disconnect"}]
    sent: list[Any] = []

    async def say(message):
        sent.append(message)

    headers = [(name.encode(), value.encode()) for name, value in FORM.items()]
    scope = {"type": "http", "method": "POST", "path": "/v9/scans", "raw_path": b"/v9/scans", "query_string": b""}
    await app({**scope, "headers": headers}, receive, say)
    assert (sent, library.seen) == ([], [])
    assert [each.file.closed for each in opened] == [True]


async def test_the_same_key_knows_a_file_again_whatever_its_boundary(app, library):
    head = {"idempotency-key": "k1"}
    assert (await send(app, FILE, head=head)).status == 200
    other = {**FORM, **head, "content-type": 'multipart/form-data; boundary="another one"'}
    body = (FILE + b"--limit--\r\n").replace(b"--limit", b"--another one")
    again = await call(app, "POST", "/v9/scans", body=body, headers=other)
    assert (again.status, again.headers["idempotency-replayed"]) == (200, "true")
    assert (await send(app, part("paper", "y", "a.txt"), head=head)).status == 409
    assert (await send_json(app, {"paper": "x"}, **head)).status == 409
    assert len(library.seen) == 1


async def test_both_forms_are_documented(app):
    document = (await call(app, "GET", "/openapi.json")).json()
    content = document["paths"]["/scans"]["post"]["requestBody"]["content"]
    assert list(content) == ["multipart/form-data", "application/json"]
    papers = [each["schema"]["properties"]["paper"] for each in content.values()]
    assert papers[0] == {"type": "string", "format": "binary"}
    assert papers[1]["type"] == ["string", "null"]
    assert "base64" in papers[1]["description"]
