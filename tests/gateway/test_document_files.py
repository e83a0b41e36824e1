"""Documents in files and folders, and the manifests of other people's tools."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from domain.documents import sha256_of
from gateway.document_files import read

HELLO = "query Hello { hello }"
MD5 = "0cc175b9c0f1b6a831c399e269772661"


def apollo(*operations: dict[str, Any]) -> str:
    """A manifest as Apollo's generator writes it."""
    return json.dumps({"format": "apollo-persisted-query-manifest", "version": 1, "operations": operations})


def test_a_folder_is_read_with_the_folders_in_it(tmp_path: Path) -> None:
    for name, text in {
        "a.graphql": "{ a }",
        "below/b.gql": "{ b }\r\n",
        "persisted_queries.json": json.dumps({MD5: "{ c }"}),
        "below/persisted-query-manifest.json": apollo({"id": sha256_of(HELLO), "name": "Hello", "body": HELLO}),
        "package.json": '{"name": "app"}',
        "README.md": "no document",
        ".cache/d.graphql": "{ d }",
        "node_modules/library/e.graphql": "{ e }",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(text.encode())

    findings = read([tmp_path])

    assert findings.problems == []
    assert {(each.id, each.text, each.source) for each in findings.documents.values()} == {
        (sha256_of("{ a }"), "{ a }", "a.graphql"),
        # Byte for byte: the line end belongs to the hash.
        (sha256_of("{ b }\r\n"), "{ b }\r\n", "below/b.gql"),
        (MD5, "{ c }", f"persisted_queries.json: {MD5}"),
        (sha256_of(HELLO), HELLO, "below/persisted-query-manifest.json: Hello"),
    }


def test_a_manifest_may_have_any_name_when_it_is_named(tmp_path: Path) -> None:
    file = tmp_path / "ids.json"
    file.write_text(json.dumps({"Hello-v1": HELLO, f"sha256:{sha256_of('{ a }').upper()}": "{ a }"}))
    findings = read([file])
    assert findings.problems == []
    assert {each.id: each.text for each in findings.documents.values()} == {
        "Hello-v1": HELLO,
        sha256_of("{ a }"): "{ a }",
    }


def test_what_is_there_twice_is_there_once(tmp_path: Path) -> None:
    for name in ("a.graphql", "b.graphql"):
        (tmp_path / name).write_text(HELLO)
    (found,) = read([tmp_path]).documents.values()
    assert found.source == "a.graphql"


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.json", b"[]", "a.json: must be a JSON object"),
        ("a.json", b"{", "a.json: "),
        ("a.json", b'{"x": 1}', "a.json: x: the document must be a string."),
        ("a.json", b'{"a b": "{ a }"}', "a.json: a b: the id must be 1 to 128 printable"),
        ("a.json", b'{"md5:1": "{ a }"}', "a.json: md5:1: the id must begin with `sha256:`"),
        ("a.json", f'{{"{"0" * 64}": "{{ a }}"}}'.encode(), f"which is {sha256_of('{ a }')}"),
        ("a.json", apollo({"name": "A"}).encode(), "a.json: `operations[0]` must be an object with `id` and `body`."),
        ("a.json", apollo({"id": "A"}).encode(), "a.json: A: the document must be a string."),
        ("a.json", apollo({"id": "A", "body": "{ a }"}, {"id": "A", "body": "{ b }"}).encode(), "another document in"),
        ("a.graphql", b"\xff", "a.graphql: must be UTF-8."),
        ("a.txt", b"{ a }", "a.txt: must end in .graphql, .gql, or .json"),
    ],
)
def test_what_cannot_be_used_is_told_by_its_file(tmp_path: Path, name: str, content: bytes, says: str) -> None:
    (tmp_path / name).write_bytes(content)
    (problem,) = read([tmp_path / name]).problems
    assert says in problem


def test_a_folder_without_documents_is_a_mistake(tmp_path: Path) -> None:
    (problem,) = read([tmp_path]).problems
    assert "no documents are in this folder" in problem
