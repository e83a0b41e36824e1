"""Groups of settings, so that each part of the process is handed its own and nothing else."""

from __future__ import annotations

from datetime import UTC, date, datetime
from email.utils import parseaddr
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, field_validator, model_validator

MEBIBYTE = 1024 * 1024


def _split(value: object) -> object:
    """A comma-separated text as a tuple of its parts."""
    return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value


def _moment(value: object) -> object:
    """A bare date as the start of that day in UTC."""
    if isinstance(value, str) and len(value) == len("2026-01-31"):
        day = date.fromisoformat(value)
        return datetime(day.year, day.month, day.day, tzinfo=UTC)
    return value


Names = Annotated[tuple[str, ...], BeforeValidator(_split)]
Moment = Annotated[datetime, BeforeValidator(_moment)]


class Section(BaseModel):
    """Settings that share a prefix; a misspelt name is refused, a wrong value is never echoed with a secret."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class GraphQLLimits(Section):
    """What one GraphQL client may ask for."""

    body_bytes: int = Field(MEBIBYTE, ge=1024, description="Largest body of a GraphQL request, in bytes")
    tokens: int = Field(4000, ge=1, description="Lexical tokens in one document")
    depth: int = Field(15, ge=1, description="Nesting of fields in one operation")
    aliases: int = Field(60, ge=0, description="Aliases in one operation")
    directives: int = Field(60, ge=0, description="Directives in one operation")
    root_fields: int = Field(20, ge=1, description="Fields at the top of one operation")
    page_size: int = Field(100, ge=1, description="Most rows a connection gives per page")
    default_page_size: int = Field(50, ge=1, description="Rows of a page when neither `first` nor `last` is given")
    nodes: int = Field(10_000, ge=1, description="Most rows one operation could ask for, all pages multiplied out")
    cost: int = Field(10_000, ge=1, description="Highest computed cost of one operation (see `extensions.cost`)")
    operation_timeout_seconds: float = Field(15, gt=0, description="Time one query or mutation may take")
    upload_files: int = Field(5, ge=0, description="Files in one multipart request")
    upload_bytes: int = Field(10 * MEBIBYTE, ge=0, description="Largest multipart request, in bytes")
    connection_init_timeout_seconds: float = Field(
        10, gt=0, description="How long a websocket may stay silent before `connection_init`"
    )
    operations_per_socket: int = Field(50, ge=1, description="Operations running at once on one websocket")
    message_bytes: int = Field(MEBIBYTE, ge=1024, description="Largest websocket message, in bytes")
    stream_buffer: int = Field(
        256, ge=1, description="Messages waiting for one slow subscriber before its stream is closed"
    )

    @model_validator(mode="after")
    def _pages(self) -> Self:
        if self.default_page_size > self.page_size:
            raise ValueError("the default page size must not exceed the page size")
        return self


class RestLimits(Section):
    """What one REST client may ask for."""

    body_bytes: int = Field(MEBIBYTE, ge=1024, description="Largest body of a REST request, in bytes")
    page_rows: int = Field(
        10_000,
        ge=1,
        description="Most rows a documented list without pages gives; the GraphQL page size does not apply",
    )


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


class MailSettings(Section):
    """Outgoing mail, whichever way it leaves."""

    sender: str = Field("Trigraph <trigraph@localhost>", description="`From` of every message")
    folder: Path | None = Field(
        None,
        description="Where messages are written while no SMTP host is set",
        json_schema_extra={"default": "`mail` in the data directory"},
    )
    attempts: int = Field(5, ge=1, description="How often a message is tried before it counts as failed")
    retry_seconds: float = Field(
        60, gt=0, description="Pause after the first failed attempt; doubled after each further one"
    )
    poll_seconds: float = Field(5, gt=0, description="How often scheduled mail that is due is looked for")

    @field_validator("sender")
    @classmethod
    def _address(cls, value: str) -> str:
        address = parseaddr(value)[1]
        if not value.isprintable() or not all(address.partition("@")):
            raise ValueError('should be an address such as "Trigraph <trigraph@example.com>"')
        return value


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
