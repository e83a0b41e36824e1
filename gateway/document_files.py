"""Documents in files: GraphQL texts by themselves, and the manifests that compilers of clients write."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from domain.documents import identifier, is_hash, sha256_of
from gateway import json

_TEXTS = (".graphql", ".gql")
_MANIFEST = ".json"
_MANIFESTS = frozenset(
    ("persisted-query-manifest.json", "persisted-documents.json", "persisted-queries.json", "persisted_queries.json")
)
"""Names under which Apollo's tools, GraphQL Code Generator and the Relay compiler write manifests."""
_NOT_OURS = "node_modules"


@dataclass(frozen=True, slots=True)
class Found:
    """A document as a file has it; `id` is what clients call it."""

    id: str
    text: str
    source: str


@dataclass(slots=True)
class Findings:
    """What was found, each identifier once, and what cannot be used: `file: why`."""

    documents: dict[str, Found] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def add(self, found: Found) -> None:
        """Take a document, unless its name stands for another one already."""
        known = self.documents.setdefault(found.id, found)
        if known.text != found.text:
            self.problems.append(f"{found.source}: {found.id} is another document in {known.source}.")


def read(paths: Sequence[Path]) -> Findings:
    """The documents of files and of folders, with the folders in them.

    In a folder, files that end in `.graphql` and `.gql` are read, and manifests by the names that compilers give them.
    A file that is named itself is a manifest when it ends in `.json`.
    """
    findings = Findings()
    for path in paths:
        files = list(_files(path)) if path.is_dir() else [(path, path.name)]
        if not files:
            findings.problems.append(f"{path}: no documents are in this folder (*.graphql, *.gql, or a manifest).")
        for file, source in files:
            _read(file, source, findings)
    return findings


def _files(folder: Path) -> Iterator[tuple[Path, str]]:
    for file in sorted(folder.rglob("*")):
        parts = file.relative_to(folder).parts
        if any(part.startswith(".") or part == _NOT_OURS for part in parts) or not file.is_file():
            continue
        if file.suffix in _TEXTS or file.name in _MANIFESTS:
            yield file, "/".join(parts)


def _read(file: Path, source: str, findings: Findings) -> None:
    if file.suffix not in (*_TEXTS, _MANIFEST):
        findings.problems.append(f"{source}: must end in .graphql, .gql, or .json for a manifest.")
        return
    try:
        # As it is, byte for byte: line ends belong to what is hashed.
        text = file.read_bytes().decode("utf-8")
        if file.suffix in _TEXTS:
            findings.add(Found(sha256_of(text), text, source))
            return
        entries = list(_entries(json.loads(text)))
    except UnicodeDecodeError:
        findings.problems.append(f"{source}: must be UTF-8.")
        return
    except ValueError as error:
        findings.problems.append(f"{source}: {error}.")
        return
    for given, name, body in entries:
        _take(given, body, f"{source}: {name}", findings)


def _take(given: str, body: Any, source: str, findings: Findings) -> None:
    if not isinstance(body, str):
        findings.problems.append(f"{source}: the document must be a string.")
        return
    try:
        called = identifier(given)
    except ValueError as error:
        findings.problems.append(f"{source}: the id {error}.")
        return
    if is_hash(called) and called != sha256_of(body):
        findings.problems.append(f"{source}: the id is not the SHA-256 of its document, which is {sha256_of(body)}.")
        return
    findings.add(Found(called, body, source))


def _entries(manifest: Any) -> Iterator[tuple[str, str, Any]]:
    """(id, what to call it in messages, document) of a manifest.

    Raises:
        ValueError: it has none of the known forms.
    """
    if not isinstance(manifest, dict):
        raise ValueError("must be a JSON object: of ids to documents, or with `operations`")
    operations = manifest.get("operations")
    if not isinstance(operations, list):
        yield from ((given, given[:80], body) for given, body in manifest.items())
        return
    for place, each in enumerate(operations):
        if not isinstance(each, dict) or not isinstance(each.get("id"), str):
            raise ValueError(f"`operations[{place}]` must be an object with `id` and `body`")
        yield each["id"], str(each.get("name") or each["id"])[:80], each.get("body")
