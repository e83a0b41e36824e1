"""Memory of writes that carried an idempotency key (decision 0004)."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Mapped, mapped_column

from domain.entity import Entity


class IdempotencyClaim(Entity):
    """A write that was committed under a key: what it did, stored in the very transaction that did it.

    `client_id` is whose key it is as `Viewer.counted_as` says: people who use one application have keys of their own.
    """

    __tablename__ = "idempotency_claim"

    client_id: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    path: Mapped[str] = mapped_column(primary_key=True)
    fingerprint: Mapped[str]
    result: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]


class IdempotencyAnswer(Entity):
    """The bytes that were answered under a key, to be answered again."""

    __tablename__ = "idempotency_answer"

    client_id: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    fingerprint: Mapped[str]
    status: Mapped[int]
    headers: Mapped[dict[str, Any]]
    body: Mapped[bytes]
    created_at: Mapped[datetime]
