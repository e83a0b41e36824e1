"""Settings of documents that clients name instead of sending them."""

from __future__ import annotations

from pydantic import Field

from gateway.graphql.limits import DocumentTerms
from gateway.settings_sections import Section

# The door itself says what is safe when nothing is set.
_SAFE = DocumentTerms()


class DocumentSettings(Section):
    """Which documents the GraphQL door runs by name, and whether it runs others at all."""

    trusted_only: bool = Field(
        _SAFE.trusted_only,
        description="Run only documents that `trigraph documents push` has registered, over HTTP, websockets and event "
        "streams; what the REST doors and webhooks ask the graph is not concerned",
    )
    automatic: bool = Field(
        _SAFE.automatic,
        description="Whether clients may register a document by its hash themselves (automatic persisted queries); "
        "never with `TRIGRAPH_DOCUMENTS_TRUSTED_ONLY`",
    )
    automatic_kept: int = Field(
        _SAFE.automatic_kept, ge=1, description="Most documents that clients have registered themselves, per process"
    )
    automatic_bytes: int = Field(
        _SAFE.automatic_bytes,
        ge=1024,
        description="Memory for documents that clients have registered themselves, in bytes",
    )
    trusted_bytes: int = Field(
        _SAFE.trusted_bytes, ge=1024, description="Memory for trusted documents that were asked for before, in bytes"
    )
