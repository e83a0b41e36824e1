"""Settings of documents that clients name instead of sending them."""

from __future__ import annotations

from pydantic import Field

from gateway.settings_sections import Section


class DocumentSettings(Section):
    """Which documents the GraphQL door runs by name, and whether it runs others at all."""

    trusted_only: bool = Field(
        False,
        description="Run only documents that `trigraph documents push` has registered, by GraphQL over HTTP, websockets "
        "and event streams; what the REST doors and webhooks ask the graph is not concerned",
    )
    automatic: bool = Field(
        True,
        description="Whether clients may register a document by its hash themselves (automatic persisted queries); "
        "never with `TRIGRAPH_DOCUMENTS_TRUSTED_ONLY`",
    )
    automatic_kept: int = Field(
        1_000, ge=1, description="Most documents that clients have registered themselves, per process"
    )
    automatic_bytes: int = Field(
        4_194_304, ge=1024, description="Memory for documents that clients have registered themselves, in bytes"
    )
    trusted_bytes: int = Field(
        16_777_216, ge=1024, description="Memory for trusted documents that were asked for before, in bytes"
    )
