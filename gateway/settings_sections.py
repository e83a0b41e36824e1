"""Groups of settings, so that each part of the process is handed its own and nothing else."""

from __future__ import annotations

from datetime import UTC, date, datetime
from email.utils import parseaddr
from enum import StrEnum
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    field_validator,
    model_validator,
)

from domain.lifetimes import CODE_SECONDS, REFRESH_SECONDS
from domain.limits import POINTS_PER_MINUTE
from gateway.graphql.limits import GraphQLLimits


def split(value: object) -> object:
    """A comma-separated text as a tuple of its parts."""
    return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value


def _moment(value: object) -> object:
    """A bare date as the start of that day in UTC."""
    if isinstance(value, str) and len(value) == len("2026-01-31"):
        day = date.fromisoformat(value)
        return datetime(day.year, day.month, day.day, tzinfo=UTC)
    return value


def _networks(values: tuple[str, ...]) -> tuple[str, ...]:
    """The values, each a network or one address."""
    for value in values:
        ip_network(value)
    return values


def _mailbox(value: str) -> str:
    """The value, which is an address that mail can come from."""
    if not value.isprintable() or not all(parseaddr(value)[1].partition("@")):
        raise ValueError('should be an address such as "Trigraph <trigraph@example.com>"')
    return value


Mailbox = Annotated[str, AfterValidator(_mailbox)]
Names = Annotated[tuple[str, ...], BeforeValidator(split)]
Networks = Annotated[Names, AfterValidator(_networks)]
Moment = Annotated[datetime, BeforeValidator(_moment)]


class Section(BaseModel):
    """Settings that share a prefix; a misspelt name is refused, a wrong value is never echoed with a secret."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


# The door itself says what is safe when nothing is set.
_SAFE = GraphQLLimits()


class GraphQLSettings(Section):
    """What one GraphQL client may ask for."""

    body_bytes: int = Field(_SAFE.body_bytes, ge=1024, description="Largest body of a GraphQL request, in bytes")
    body_timeout_seconds: float = Field(_SAFE.body_timeout_seconds, gt=0, description="Time a body may take to arrive")
    upload_bytes: int = Field(_SAFE.upload_bytes, ge=0, description="Largest multipart request, in bytes")
    upload_timeout_seconds: float = Field(
        _SAFE.upload_timeout_seconds, gt=0, description="Time a multipart request may take to arrive"
    )
    upload_files: int = Field(_SAFE.upload_files, ge=0, description="Files in one multipart request")
    document_characters: int = Field(_SAFE.document_characters, ge=1, description="Characters of one document")
    tokens: int = Field(_SAFE.tokens, ge=1, description="Lexical tokens of one document")
    operations: int = Field(_SAFE.operations, ge=1, description="Operations of one document; each is measured")
    depth: int = Field(_SAFE.depth, ge=1, description="Nesting of fields in one operation")
    introspection_depth: int = Field(
        _SAFE.introspection_depth, ge=1, description="Nesting of fields in a question about the schema"
    )
    fields: int = Field(_SAFE.fields, ge=1, description="Fields in one operation, fragments expanded")
    repeated_fields: int = Field(_SAFE.repeated_fields, ge=1, description="Occurrences of one field at one place")
    aliases: int = Field(_SAFE.aliases, ge=0, description="Aliases in one operation")
    directives: int = Field(_SAFE.directives, ge=0, description="Directives in one operation")
    root_fields: int = Field(_SAFE.root_fields, ge=1, description="Fields at the top of one operation")
    validation_errors: int = Field(_SAFE.validation_errors, ge=1, description="Mistakes of one document that are told")
    page_size: int = Field(_SAFE.page_size, ge=1, description="Most rows a connection gives per page")
    default_page_size: int = Field(
        _SAFE.default_page_size, ge=1, description="Rows of a page when neither `first` nor `last` is given"
    )
    offset: int = Field(_SAFE.offset, ge=0, description="Most rows a page may skip by `offset`")
    assumed_list_size: int = Field(
        _SAFE.assumed_list_size, ge=1, description="Items that the cost assumes in a list without pages"
    )
    nodes: int = Field(_SAFE.nodes, ge=1, description="Most rows one operation could ask for, pages multiplied out")
    cost: int = Field(_SAFE.cost, ge=1, description="Highest cost of one operation (`extensions.cost` tells it)")
    mutation_cost: int = Field(_SAFE.mutation_cost, ge=0, description="Cost of one mutation, besides what it answers")
    reckoned_cost: int = Field(
        _SAFE.reckoned_cost, ge=1, description="Cost of an answer that is computed beside a row, such as an insight"
    )
    introspection_cost: int = Field(_SAFE.introspection_cost, ge=0, description="Cost of a question about the schema")
    anonymous_points: int = Field(
        _SAFE.anonymous_points,
        ge=1,
        le=2**31 - 1,
        description="Points of operations without a credential that one network address may spend a minute",
    )
    operation_timeout_seconds: float = Field(
        _SAFE.operation_timeout_seconds, gt=0, description="Time one query or mutation may take"
    )
    cached_documents: int = Field(_SAFE.cached_documents, ge=0, description="Validated documents kept in memory")
    cached_bytes: int = Field(_SAFE.cached_bytes, ge=0, description="Text of the documents kept in memory, in bytes")
    operations_per_socket: int = Field(
        _SAFE.operations_per_socket, ge=1, description="Operations running at once on one websocket"
    )
    message_bytes: int = Field(_SAFE.message_bytes, ge=1024, description="Largest websocket message, in bytes")
    connection_init_timeout_seconds: float = Field(
        _SAFE.connection_init_timeout_seconds, gt=0, description="Time a websocket has until `connection_init`"
    )
    send_timeout_seconds: float = Field(
        _SAFE.send_timeout_seconds, gt=0, description="Time a subscriber has to take a message before it is cut off"
    )
    waiting_messages: int = Field(
        _SAFE.waiting_messages, ge=1, description="Messages a subscriber may be behind before it is cut off"
    )
    waiting_bytes: int = Field(
        _SAFE.waiting_bytes, ge=1, description="Bytes of messages a subscriber may be behind before it is cut off"
    )
    keep_alive_seconds: float = Field(
        _SAFE.keep_alive_seconds, gt=0, description="Pause after which a silent stream says that it lives"
    )

    @model_validator(mode="after")
    def _pages(self) -> Self:
        if self.default_page_size > self.page_size:
            raise ValueError("the default page size must not exceed the page size")
        return self


class RestSettings(Section):
    """What one REST client may ask for."""

    body_bytes: int = Field(1024 * 1024, ge=1024, description="Largest body of a REST request, in bytes")
    body_timeout_seconds: float = Field(30, gt=0, description="Time the body of a REST request may take to arrive")
    upload_timeout_seconds: float = Field(
        600,
        gt=0,
        description="Time a body with a file may take to arrive; it must not pause for longer than other bodies take",
    )
    body_depth: int = Field(32, ge=1, description="Nesting of objects and lists in a body")
    page_rows: int = Field(
        10_000,
        ge=1,
        description="Most rows a documented list without pages gives; the GraphQL page size does not apply",
    )
    support_contact: str | None = Field(
        None,
        description="Who helps clients: an e-mail address or a web address (`https://...`), named on support pages",
    )

    @field_validator("support_contact")
    @classmethod
    def _reachable(cls, value: str | None) -> str | None:
        web = value is not None and value.startswith(("http://", "https://"))
        if value is not None and not web and not all(value.partition("@")):
            raise ValueError("should be an e-mail address or begin with https://")
        return value


_MOST_POINTS = 2**31 - 1
"""What a GraphQL Int can say."""


def _points(tier: str) -> int:
    text = f"Points of GraphQL operations (`extensions.cost`) a client of the tier {tier} may spend a minute"
    return Field(POINTS_PER_MINUTE[tier], ge=1, le=_MOST_POINTS, description=text)


class LimitSettings(Section):
    """How much clients may ask for in a minute, an hour, a month."""

    factor: float = Field(
        1, gt=0, description="Raises or lowers every limit that the REST products document; 2 doubles them all"
    )
    points_free: int = _points("Free")
    points_basic: int = _points("Basic")
    points_professional: int = _points("Professional")
    points_standard: int = _points("Standard")
    points_ultimate: int = _points("Ultimate")
    points_enterprise: int = _points("Enterprise")
    counters: int = Field(
        100_000, ge=1, description="Counters of one length of window that are kept in memory, the newest of them"
    )


class RedisSettings(Section):
    """The Redis that counts limits for several processes."""

    url: SecretStr | None = Field(
        None,
        description="Where limits are counted for all processes together, such as redis://host:6379/0 "
        "(rediss:// with TLS); without it, and while it is away, each process counts alone",
    )
    cluster: bool = Field(False, description="Whether it is a Redis Cluster")
    connections: int = Field(10, ge=1, description="Connections to Redis per process (and node of a cluster)")
    timeout_seconds: float = Field(
        1, gt=0, description="How long one request waits for Redis, before this process counts alone"
    )
    retry_seconds: float = Field(1, gt=0, description="How often an absent Redis is looked for")

    @field_validator("url")
    @classmethod
    def _redis(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            parts = urlsplit(value.get_secret_value())
            there = parts.path if parts.scheme == "unix" else parts.hostname
            # Asking for the port is what finds one that is no number.
            if parts.scheme not in {"redis", "rediss", "unix"} or not there or parts.port == 0:
                raise ValueError("should be redis://user:password@host:port/number, rediss:// or unix://")
        return value


class DialectSettings(Section):
    """How one REST dialect is reached, and when it ends."""

    hosts: Names = Field((), description="Host names that belong to this dialect, separated by commas")
    deprecation: Moment | None = Field(
        None, description="Moment (or date) from which answers carry the `Deprecation` header"
    )
    sunset: Moment | None = Field(
        None, description="Moment (or date) after which the dialect may be gone: `Sunset` header"
    )

    @field_validator("deprecation", "sunset")
    @classmethod
    def _utc(cls, value: datetime | None) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)

    @model_validator(mode="after")
    def _order(self) -> Self:
        if self.deprecation and self.sunset and self.sunset < self.deprecation:
            raise ValueError("the sunset must not be earlier than the deprecation (RFC 8594 and RFC 9745)")
        return self


class SandboxedSettings(DialectSettings):
    """A dialect with hosts where only test credentials open, and only test data is (CB-45)."""

    sandbox_hosts: Names = Field((), description="Host names of its sandbox, separated by commas")


class OAuthSettings(Section):
    """The OAuth 2.0 authorization server."""

    access_seconds: int | None = Field(
        None,
        ge=60,
        description="Life of access tokens, the same for every product",
        json_schema_extra={"default": "as documented: 7200 for CRM-Ultra, 3600 for the others"},
    )
    refresh_seconds: int = Field(
        REFRESH_SECONDS,
        ge=60,
        description="Life of a refresh token; each exchange gives a fresh one, except to clients that keep theirs",
    )
    code_seconds: int = Field(
        CODE_SECONDS, ge=10, le=600, description="Life of an authorization code; RFC 6749 advises at most 600"
    )
    body_bytes: int = Field(16 * 1024, ge=1024, description="Largest body of a request for a token, in bytes")
    requests_per_minute: int = Field(
        600, ge=1, description="Requests for tokens a minute from one network address (IPv6: from one /64 network)"
    )
    failures_per_minute: int = Field(
        30,
        ge=1,
        description="Requests a minute from one network address whose client could not prove who it is, after which "
        "even the right one waits, and in the name of one client, after which only the right one is answered",
    )


class LoginSettings(Section):
    """Signing in on the pages, and what guards it."""

    session_hours: float = Field(
        12, gt=0, description="Life of a session in a browser, however much it is used; the API knows no sessions"
    )
    password_length: int = Field(12, ge=8, le=64, description="Fewest characters of a new password")
    failures_per_email_minute: int = Field(
        10, ge=1, description="Failed logins a minute with one e-mail address, after which even the right one waits"
    )
    failures_per_email_hour: int = Field(100, ge=1, description="Failed logins an hour with one e-mail address")
    failures_per_address_minute: int = Field(
        50, ge=1, description="Failed logins a minute from one network address (IPv6: from one /64 network)"
    )
    failures_per_address_hour: int = Field(500, ge=1, description="Failed logins an hour from one network address")
    known_days: int = Field(
        90,
        ge=0,
        le=400,
        description="How many days a browser is known for the user who signed in with it: that user's failures in it "
        "are counted by themselves, up to the limits of an e-mail address, so that strangers who fail cannot shut them "
        "out of it; 0 knows none",
    )
    waiting: int = Field(
        100, ge=1, description="Logins that may wait for their turn, since a password takes a while to check; then 503"
    )
    form_bytes: int = Field(16 * 1024, ge=4096, description="Largest body of a form, in bytes")


class AuditSettings(Section):
    """The log of calls, and how long it is kept."""

    days: int = Field(90, ge=0, description="How many days entries of the audit log are kept; 0 keeps them for ever")
    flush_seconds: float = Field(
        0.25, gt=0, le=60, description="How long entries are gathered before they are written together"
    )
    batch: int = Field(1000, ge=1, le=1000, description="Entries that are written at once, without waiting for more")
    kept: int = Field(
        10_000,
        ge=1,
        description="Entries kept in memory while the database is away; further ones go to the process's log instead",
    )


class MailSettings(Section):
    """Outgoing mail, whichever way it leaves."""

    sender: Mailbox = Field("Trigraph <trigraph@localhost>", description="`From` of every message")
    folder: Path | None = Field(
        None,
        description="Where messages are written while no SMTP host is set",
        json_schema_extra={"default": "`mail` in the data directory"},
    )
    attempts: int = Field(5, ge=1, description="How often a message is tried before it counts as failed")
    retry_seconds: float = Field(
        60, gt=0, description="Pause after the first failed attempt; doubled after each further one"
    )
    wait_seconds: float = Field(
        5, gt=0, description="How long a request waits for its message to leave; afterwards it leaves without it"
    )
    track_opens: bool = Field(
        True, description="Whether messages to leads carry a picture that tells when they are opened"
    )
    track_clicks: bool = Field(
        True,
        description="Whether links in messages to leads go by way of this server, which notes that they are followed",
    )


class SmtpSecurity(StrEnum):
    """How the connection to the mail server is protected."""

    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"


class SmtpSettings(Section):
    """The mail server, when there is one."""

    host: str | None = Field(None, min_length=1, description="Mail server; without one, mail is written to a folder")
    port: int = Field(587, ge=1, le=65535, description="Port of the mail server")
    security: SmtpSecurity = Field(
        SmtpSecurity.STARTTLS, description="`starttls` (usually port 587), `tls` (usually port 465) or `none`"
    )
    username: str | None = Field(None, min_length=1, description="User name at the mail server")
    password: SecretStr | None = Field(None, description="Password at the mail server")
    timeout_seconds: float = Field(30, gt=0, description="Time the mail server has for each answer")

    @model_validator(mode="after")
    def _credentials(self) -> Self:
        if (self.username is None) != (self.password is None):
            raise ValueError("a user name and a password are set together or not at all")
        return self
