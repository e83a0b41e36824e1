"""Every limit of the GraphQL door, with the defaults that hold when nothing is configured."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class GraphQLLimits:
    """What one request, one operation and one socket may take; sizes in bytes, times in seconds."""

    # The request as it arrives
    body_bytes: int = 1_048_576
    body_timeout_seconds: float = 30.0
    upload_bytes: int = 53_477_376  # the whole multipart request: a file of 50 MiB and what stands beside it
    upload_timeout_seconds: float = 600.0
    upload_files: int = 10

    # The document as text
    document_characters: int = 100_000
    tokens: int = 2_000
    operations: int = 20  # in one document; each is measured and validated

    # The shape of an operation, fragments expanded
    depth: int = 12
    introspection_depth: int = 20  # the deepest introspection query of GraphiQL has 15 levels
    fields: int = 1_000
    repeated_fields: int = 50  # occurrences of one response path; validation compares them in pairs
    aliases: int = 50
    directives: int = 50
    root_fields: int = 20
    validation_errors: int = 20

    # What an operation may ask for
    page_size: int = 100
    default_page_size: int = 50
    offset: int = 10_000
    assumed_list_size: int = 10
    nodes: int = 10_000
    cost: int = 10_000
    mutation_cost: int = 10
    reckoned_cost: int = 5  # several statements for all parents, and arithmetic for each
    introspection_cost: int = 100
    anonymous_points: int = 20_000  # a minute from one address without a credential
    operation_timeout_seconds: float = 30.0

    # What validated documents may keep in memory
    cached_documents: int = 500
    cached_bytes: int = 16_777_216

    # Sockets and event streams
    operations_per_socket: int = 100
    message_bytes: int = 1_048_576
    connection_init_timeout_seconds: float = 10.0
    send_timeout_seconds: float = 10.0
    waiting_messages: int = 1_000  # one subscriber may be behind; it is cut off then, and resumes by its cursor
    waiting_bytes: int = 1_048_576
    keep_alive_seconds: float = 25.0  # below the usual 30 or 60 s after which proxies close a silent connection

    # What may be learned about the schema
    introspection: bool = True
    suggestions: bool = True


@dataclass(frozen=True, slots=True)
class DocumentTerms:
    """Which documents are run, and how many of those that clients name are remembered; sizes in bytes."""

    trusted_only: bool = False
    automatic: bool = True
    automatic_kept: int = 1_000
    automatic_bytes: int = 4_194_304
    trusted_bytes: int = 16_777_216
