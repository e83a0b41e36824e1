"""Multipart requests with files."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.gateway.graphql.world import Door, World, door_of

ONE = "mutation ($file: Upload!) { upload(file: $file) }"
MANY = "mutation ($files: [Upload!]!) { uploads(files: $files) }"
BOUNDARY = "limit"


def part(name: str, content: str | bytes, filename: str | None = None) -> bytes:
    ending = f'; filename="{filename}"' if filename is not None else ""
    data = content if isinstance(content, bytes) else content.encode()
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"{ending}\r\n\r\n'
    return head.encode() + data + b"\r\n"


def operations(query: str = ONE, **variables: Any) -> bytes:
    return part("operations", json.dumps({"query": query, "variables": variables}))


def mapped(value: Any) -> bytes:
    return part("map", json.dumps(value))


async def send(door: Door, *parts: bytes, **headers: str) -> Any:
    sent = {
        "Content-Type": f"multipart/form-data; boundary={BOUNDARY}",
        "GraphQL-Require-Preflight": "1",
        "Accept": "application/graphql-response+json",
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    content = b"".join(parts) + f"--{BOUNDARY}--\r\n".encode()
    return await door.client.post("/graphql", content=content, headers=sent)


async def test_a_file_becomes_a_variable(door: Door) -> None:
    response = await send(door, operations(file=None), mapped({"0": ["variables.file"]}), part("0", "text", "a.csv"))
    assert response.json()["data"] == {"upload": "a.csv:text"}


async def test_files_in_a_list_and_one_file_in_two_places(door: Door) -> None:
    response = await send(
        door,
        operations(MANY, files=[None, None]),
        mapped({"a": ["variables.files.1"], "b": ["variables.files.0"]}),
        part("a", "1", "one"),
        part("b", "2", "two"),
    )
    assert response.json()["data"] == {"uploads": ["two:2", "one:1"]}


@pytest.mark.parametrize("header", ["GraphQL-Require-Preflight", "Apollo-Require-Preflight", "X-Requested-With"])
async def test_a_header_has_to_force_a_preflight(door: Door, header: str) -> None:
    parts = (operations(file=None), mapped({"0": ["variables.file"]}), part("0", "x", "f"))
    bare = await send(door, *parts, GraphQL_Require_Preflight="")
    assert bare.status_code == 400
    assert bare.json()["errors"][0]["extensions"]["code"] == "PREFLIGHT_REQUIRED"
    assert door.world.contexts == []
    with_header = {"GraphQL_Require_Preflight": "", header.replace("-", "_"): "yes"}
    assert (await send(door, *parts, **with_header)).status_code == 200


FILE = part("0", "x", "f")
MAP = mapped({"0": ["variables.file"]})


@pytest.mark.parametrize(
    ("parts", "says"),
    [
        ([], "exactly one text part `operations`"),
        ([MAP, FILE], "exactly one text part `operations`"),
        ([operations(file=None), FILE], "exactly one text part `map`"),
        ([operations(file=None), operations(file=None), FILE], "exactly one text part `operations`"),
        ([part("operations", "{}", "f"), MAP, FILE], "exactly one text part `operations`"),
        ([part("operations", "{"), MAP, FILE], "`operations` must be JSON"),
        ([part("operations", "[]"), MAP, FILE], "`operations` must be one JSON object"),
        ([part("operations", "{}"), MAP, FILE], "leads nowhere"),
        ([part("operations", b'{"query": "\xff"}'), MAP, FILE], "must be UTF-8"),
        ([part("operations", '{"variables": {"file": null}}'), MAP, FILE], "`query` is required"),
        ([operations(file=None), part("map", "x"), FILE], "`map` must be JSON"),
        ([operations(file=None), mapped([]), FILE], "`map` must be a JSON object"),
        ([operations(file=None), mapped({"0": []}), FILE], "must be a list of paths"),
        ([operations(file=None), mapped({"0": "variables.file"}), FILE], "must be a list of paths"),
        ([operations(file=None), mapped({"0": [1]}), FILE], "must be a list of paths"),
        ([operations(file=None), mapped({"0": ["variables.file"] * 11}), FILE], "more than 10 paths"),
        ([operations(file=None), mapped({"1": ["variables.file"]}), FILE], "which the body does not have"),
        ([operations(file=None), mapped({}), FILE], "not named in the part `map`"),
        ([operations(file=None), mapped({"0": ["variables.file"]}), FILE, FILE], "given more than once"),
        ([operations(file=None), mapped({"0": ["query"]}), FILE], "must begin with `variables.`"),
        ([operations(file=None), mapped({"0": ["variables"]}), FILE], "must begin with `variables.`"),
        ([operations(file=None), mapped({"0": [""]}), FILE], "must begin with `variables.`"),
        ([operations(file=None), mapped({"0": ["variables.other"]}), FILE], "leads nowhere"),
        ([operations(file=None), mapped({"0": ["variables.file.x"]}), FILE], "leads nowhere"),
        ([operations(file=None), mapped({"0": ["variables.file", "variables.file"]}), FILE], "must lead to a null"),
        ([operations(file="x"), MAP, FILE], "must lead to a null"),
        ([operations(file=[None]), mapped({"0": ["variables.file.1"]}), FILE], "leads nowhere"),
        ([operations(file=[None]), mapped({"0": ["variables.file.-1"]}), FILE], "leads nowhere"),
        ([operations(file=[None]), mapped({"0": ["variables.file.²"]}), FILE], "leads nowhere"),
        ([operations(file=[None]), mapped({"0": ["variables.file." + "9" * 5_000]}), FILE], "leads nowhere"),
        ([operations(file=None), mapped({"0": ["variables.__proto__.x"]}), FILE], "leads nowhere"),
        ([operations(file=None), MAP, part("0", "not a file")], "Too many fields"),
        ([operations(file=None), part("0", "not a file")], "exactly one text part `map`"),
        ([b"garbage"], "cannot be read"),
    ],
)
async def test_malformed_multipart_is_400_and_says_why(door: Door, parts: list[bytes], says: str) -> None:
    response = await send(door, *parts)
    assert response.status_code == 400
    (error,) = response.json()["errors"]
    assert error["extensions"]["code"] == "BAD_REQUEST"
    assert says in error["message"]
    assert door.world.contexts == []


async def test_a_boundary_is_required(door: Door) -> None:
    assert (await send(door, Content_Type="multipart/form-data")).status_code == 400
    headers = {"Content-Type": "multipart/form-data; boundary=x", "X-Requested-With": "y"}
    assert (await door.client.post("/graphql", content=b"", headers=headers)).status_code == 400


async def test_too_many_files(world: World) -> None:
    door = door_of(world, upload_files=1)
    response = await send(door, operations(MANY, files=[]), mapped({}), FILE, part("1", "y", "g"))
    assert response.status_code == 400
    assert "Too many files" in response.json()["errors"][0]["message"]


async def test_too_many_bytes(world: World) -> None:
    door = door_of(world, upload_bytes=2_000)
    parts = (operations(file=None), MAP, part("0", "x" * 2_000, "f"))
    assert (await send(door, *parts)).status_code == 413


async def test_a_large_file_goes_to_disk_and_is_closed_after_the_answer(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed: list[str] = []
    from starlette.datastructures import UploadFile

    original = UploadFile.close

    async def close(self: UploadFile) -> None:
        closed.append(str(self.filename))
        await original(self)

    monkeypatch.setattr(UploadFile, "close", close)
    content = "x" * 3_000_000
    response = await send(door, operations(file=None), MAP, part("0", content, "big"))
    assert response.json()["data"] == {"upload": f"big:{content}"}
    assert closed == ["big"]
