"""Trusted documents by the command line."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

from domain.documents import sha256_of
from tests.gateway.cli.conftest import Trigraph

LEADS = "query Leads($first: Int = 10) { leads(first: $first) { nodes { id email } } }\n"
_CREATE = "mutation Two($input: CreateLeadInput!) { createLead(input: $input) { lead { id } } }"
BOTH = f"query One {{ leads {{ totalCount }} }} {_CREATE}"
MD5 = "0cc175b9c0f1b6a831c399e269772661"


@pytest.fixture
def app(migrated: Path, tmp_path: Path) -> Path:
    """A folder with two documents and a manifest."""
    folder = tmp_path / "app"
    (folder / "below").mkdir(parents=True)
    (folder / "leads.graphql").write_text(LEADS)
    (folder / "below" / "both.gql").write_text(BOTH)
    (folder / "persisted-documents.json").write_text(json.dumps({MD5: "{ accounts { totalCount } }"}))
    return folder


def stored(folder: Path) -> set[str]:
    with sqlite3.connect(folder / "trigraph.db") as connection:
        return {each for (each,) in connection.execute("SELECT id FROM trusted_document")}


def test_documents_are_pushed_listed_and_dropped(trigraph: Trigraph, migrated: Path, app: Path) -> None:
    ran = trigraph("documents", "push", str(app))
    assert (ran.code, "3 documents are registered, 3 of them new." in ran.err) == (0, True)
    assert set(ran.out.splitlines()) == {
        f"sha256:{sha256_of(LEADS)}  leads.graphql",
        f"sha256:{sha256_of(BOTH)}  below/both.gql",
        f"{MD5}  persisted-documents.json: {MD5}",
    }
    assert "3 documents are registered, 0 of them new." in trigraph("documents", "push", str(app)).err
    assert stored(migrated) == {sha256_of(LEADS), sha256_of(BOTH), MD5}

    listed = trigraph("documents", "list").out
    (both,) = [line for line in listed.splitlines() if sha256_of(BOTH) in line]
    for word in ("query One { leads }", "mutation Two { createLead }", "below/both.gql", "valid"):
        assert word in both

    ran = trigraph("documents", "drop", f"sha256:{sha256_of(LEADS).upper()}", MD5)
    assert ran.code == 0, ran.err
    assert stored(migrated) == {sha256_of(BOTH)}
    ran = trigraph("documents", "drop", MD5)
    assert (ran.code, "does not exist" in ran.err) == (1, True)


def test_one_document_that_cannot_be_run_holds_back_all(trigraph: Trigraph, migrated: Path, app: Path) -> None:
    deep = "account { campaigns { nodes { " * 5 + "id" + " } } }" * 5
    for name, text in {
        "syntax.graphql": "query {",
        "unknown.graphql": "{\n  leads { wrong }\n}",
        "deep.graphql": f"{{ leads {{ nodes {{ {deep} }} }} }}",
        "page.graphql": "{ leads(first: 101) { totalCount } }",
        "costly.graphql": "query ($a: Int!) { leads(first: $a) { nodes { account { leads(first: 100) { nodes { account "
        "{ leads(first: 100) { nodes { account { id } } } } } } } } } }",
        "fragment.graphql": "fragment F on Lead { id }",
        "schema.graphql": "type Query { a: Int }",
        "empty.graphql": " \n",
        "nul.graphql": '{ lead(id: "\0") { id } }',
    }.items():
        (app / name).write_text(text)

    ran = trigraph("documents", "push", str(app))

    assert (ran.code, ran.out) == (1, "")
    assert stored(migrated) == set()
    lines = ran.err.splitlines()
    assert lines[0] == "Nothing was stored, for these documents cannot be run:"
    said = {line.partition(": ")[0]: line.partition(": ")[2] for line in lines[1:]}
    assert "Cannot query field 'wrong'" in said.pop("unknown.graphql")
    assert "(line 1, column 8)" in said.pop("syntax.graphql")
    assert "`first` of `leads` must be between 0 and 100" in said.pop("page.graphql")
    assert "nodes" in said.pop("costly.graphql")
    assert "deep" in said.pop("deep.graphql")
    assert "The document is empty." in said.pop("empty.graphql")
    assert "U+0000" in said.pop("nul.graphql")
    assert "not executable" in said.pop("schema.graphql")
    assert 'Fragment "F" is never used' in said.pop("fragment.graphql").replace("'", '"')
    assert said == {}


def test_limits_are_those_of_the_door(trigraph: Trigraph, app: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert trigraph("documents", "push", str(app)).code == 0
    monkeypatch.setenv("TRIGRAPH_GRAPHQL_TOKENS", "20")
    ran = trigraph("documents", "push", str(app))
    assert ran.code == 1
    assert "leads.graphql: Document contains more than 20 tokens" in ran.err
    # What was registered under other limits is shown for what it is by now.
    (line,) = [line for line in trigraph("documents", "list").out.splitlines() if sha256_of(LEADS) in line]
    assert "invalid: Document contains more than 20 tokens" in line


def test_a_document_too_dear_with_every_page_is_refused_and_one_that_may_be_cheap_is_not(
    trigraph: Trigraph, migrated: Path, tmp_path: Path
) -> None:
    last = "leads(first: $c) { nodes { id } }"
    pages = f"leads(first: $a) {{ nodes {{ account {{ leads(first: $b) {{ nodes {{ account {{ {last} }} }} }} }} }} }}"
    file = tmp_path / "pages.graphql"
    file.write_text(f"query ($a: Int!, $b: Int!, $c: Int) {{ {pages} }}")
    ran = trigraph("documents", "push", str(file))
    assert ran.code == 0, ran.err
    assert len(stored(migrated)) == 1


def test_what_is_no_id_is_named(trigraph: Trigraph, migrated: Path) -> None:
    ran = trigraph("documents", "drop", "sha256:abc")
    assert (ran.code, "'sha256:abc' must have 64 hexadecimal digits" in ran.err) == (1, True)
