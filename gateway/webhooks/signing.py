"""Signing deliveries: as the products document it, and by Standard Webhooks beside it."""

from __future__ import annotations

import hmac
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

from domain.receivers import STANDARD

GRAPH_SIGNATURE = "X-Trigraph-Signature"
"""Carries the hex signature of deliveries that no product documents."""


@dataclass(frozen=True, slots=True)
class Signed:
    """What is signed: a delivery's id, its bytes, and the second of this attempt since 1970."""

    id: str
    body: bytes
    at: int


def headers(signed: Signed, secrets: Sequence[str], documented: str) -> Mapping[str, str]:
    """The headers that prove who sent a delivery; `secrets` are those in force, the newest first.

    The header a product documents carries the newest one's signature, that of Standard Webhooks all of them: during a
    rotation a receiver that knows either secret accepts the delivery. Without a secret nothing is signed.
    """
    told = {"webhook-id": signed.id, "webhook-timestamp": str(signed.at)}
    if secrets:
        told[documented] = hmac.new(secrets[0].encode(), signed.body, sha256).hexdigest()
        told["webhook-signature"] = " ".join(_standard(signed, secret) for secret in secrets)
    return told


def _standard(signed: Signed, secret: str) -> str:
    content = f"{signed.id}.{signed.at}.".encode() + signed.body
    return "v1," + b64encode(hmac.digest(_key(secret), content, "sha256")).decode()


def _key(secret: str) -> bytes:
    return b64decode(secret.removeprefix(STANDARD)) if secret.startswith(STANDARD) else secret.encode()
