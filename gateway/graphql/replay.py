"""Giving the first answer again to a mutation that is repeated under the same key."""

from __future__ import annotations

import hashlib
import logging
from dataclasses import dataclass
from typing import Any, Protocol

from starlette.datastructures import UploadFile

from domain.viewer import Viewer
from gateway import json
from gateway.graphql.answers import Answer
from gateway.graphql.callers import Caller
from gateway.graphql.errors import malformed
from gateway.graphql.request import GraphQLRequest

log = logging.getLogger(__name__)

_LONGEST_KEY = 255
_STEP = 1024 * 1024
# Answers after which the same request deserves another try.
_NOT_KEPT = frozenset({"INTERNAL_ERROR", "TIMEOUT", "UNAVAILABLE", "RATE_LIMITED"})


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """What was answered the first time."""

    status: int
    body: bytes


class Replay(Protocol):
    """The memory of answers, per viewer and key."""

    async def before(self, viewer: Viewer, key: str, fingerprint: str) -> StoredAnswer | None:
        """The answer kept under this key, if there is one.

        Raises:
            DomainError: CONFLICT when the key belongs to another request.
        """
        ...

    async def after(self, viewer: Viewer, key: str, fingerprint: str, status: int, body: bytes) -> None:
        """Keep the answer of a mutation that has run."""
        ...


def checked_key(header: str | None) -> str | None:
    """The Idempotency-Key of a request.

    Raises:
        Refused: 400 when it is empty, too long or not printable ASCII.
    """
    if header is None:
        return None
    key = header.strip()
    if not (0 < len(key) <= _LONGEST_KEY and key.isascii() and key.isprintable()):
        raise malformed(f"The header Idempotency-Key must be 1 to {_LONGEST_KEY} printable ASCII characters.")
    return key


def fingerprint(request: GraphQLRequest) -> str:
    """A digest that is the same for the same document, operation and variables, contents of files included."""
    parts = {"query": request.query, "operationName": request.operation_name, "variables": _plain(request.variables)}
    return hashlib.sha256(json.dumps(parts, sort_keys=True)).hexdigest()


async def keep(replay: Replay, caller: Caller, answer: Answer) -> None:
    """Store the answer of a mutation; the mutation has run, so a failure here must not hide its answer.

    An answer that shows a secret is not stored: a repeat is answered from the claim, without the secret.
    """
    if caller.viewer is None or caller.idempotency_key is None or _NOT_KEPT.intersection(answer.codes) or answer.once:
        return
    try:
        await replay.after(caller.viewer, caller.idempotency_key, caller.fingerprint, 200, answer.body)
    except Exception:
        log.exception("The answer of GraphQL request %s was not kept for its idempotency key", caller.request_id)


def _plain(value: Any) -> Any:
    if isinstance(value, UploadFile):
        digest = hashlib.sha256()
        value.file.seek(0)
        while block := value.file.read(_STEP):
            digest.update(block)
        value.file.seek(0)
        return {"filename": value.filename, "sha256": digest.hexdigest()}
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value
