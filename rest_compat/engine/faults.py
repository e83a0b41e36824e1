"""What goes wrong at a REST door, and how a dialect says it: one table from reason to status, code and message."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from domain.errors import Code, DomainError, Kind
from rest_compat.engine.spelling import JsonSchema


class Refusal(StrEnum):
    """What the door refuses by itself, before or beside the domain."""

    UNREADABLE = "UNREADABLE"
    UNKNOWN_PATH = "UNKNOWN_PATH"
    METHOD = "METHOD"
    TOO_SLOW = "TOO_SLOW"
    TOO_LARGE = "TOO_LARGE"
    MEDIA_TYPE = "MEDIA_TYPE"
    INTERNAL = "INTERNAL"


Reason = Kind | Refusal


class Fault(Exception):
    """A request that is answered by an error: why, in which words, and about which of the route's own names; `what` it
    was that is not there.
    """

    def __init__(
        self,
        reason: Reason,
        message: str = "",
        *,
        code: Code | None = None,
        fields: Mapping[str, str] | None = None,
        retry_after: int | None = None,
        data: Mapping[str, object] | None = None,
        headers: tuple[tuple[str, str], ...] = (),
        what: str = "",
    ) -> None:
        super().__init__(message or reason.value)
        self.what = what
        self.reason = reason
        self.message = message
        self.code = code
        self.fields = dict(fields or {})
        self.retry_after = retry_after
        self.data = data or {}
        self.headers = headers

    @classmethod
    def of(cls, error: DomainError, fields: Mapping[str, str] | None = None) -> Fault:
        """The fault that tells a domain error; `fields` are its problems under the route's names."""
        wait = error.data.get("retry_after")
        return cls(
            error.kind,
            error.message,
            code=error.code,
            fields=fields,
            retry_after=wait if isinstance(wait, int) else None,
            data=error.data,
        )


@dataclass(frozen=True)
class ErrorRow:
    """How one reason is answered. `message` may hold {message} (what happened) and {retry_after} (seconds)."""

    status: int
    code: str
    message: str
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class ErrorFacts:
    """Everything an envelope may print; `site` is where the dialect's own pages are."""

    status: int
    code: str
    message: str
    fields: Mapping[str, str]
    data: Mapping[str, object]
    retry_after: int | None
    request_id: str
    at: datetime
    site: str = ""


@dataclass(frozen=True)
class Refused:
    """An error ready to be written: status, code, headers, and the body as what JSON knows."""

    status: int
    code: str
    headers: tuple[tuple[str, str], ...]
    body: object


def slug(code: str) -> str:
    """A code as a part of an address: small letters with hyphens."""
    return code.lower().replace("_", "-")


def challenge(realm: str, error: str = "") -> tuple[tuple[str, str], ...]:
    """The header of a 401, or of a 403 that another token would not get; `error` names what is wrong with the one that
    was presented (RFC 6750, 3.1).
    """
    told = f', error="{error}"' if error else ""
    return (("WWW-Authenticate", f'Bearer realm="{realm}"{told}'),)


@dataclass(frozen=True)
class ErrorTable:
    """A dialect's words for every reason; a row for a code wins over the row of its kind, and where something is not
    there, the row for what it is (`missing`) over both.

    `schema` gives the JSON Schema of the envelope at a status.
    """

    rows: Mapping[Reason, ErrorRow]
    envelope: Callable[[ErrorFacts], object]
    schema: Callable[[int], JsonSchema]
    codes: Mapping[Code, ErrorRow] = field(default_factory=dict)
    missing: Mapping[str, ErrorRow] = field(default_factory=dict)

    def __post_init__(self) -> None:
        missing = [reason for reason in (*Kind, *Refusal) if reason not in self.rows]
        if missing:
            raise ValueError(f"no row for {', '.join(missing)}")

    def every_row(self) -> Sequence[ErrorRow]:
        """All rows, those of single codes and things last."""
        return (*self.rows.values(), *self.codes.values(), *self.missing.values())

    def row(self, fault: Fault) -> ErrorRow:
        """The row that answers a fault."""
        if fault.reason is Kind.NOT_FOUND and fault.what in self.missing:
            return self.missing[fault.what]
        if fault.code is not None and fault.code in self.codes:
            return self.codes[fault.code]
        return self.rows[fault.reason]

    def facts(self, fault: Fault, request_id: str, at: datetime, site: str = "") -> ErrorFacts:
        """What the envelope of this fault prints."""
        row = self.row(fault)
        wait, resets_at = fault.retry_after, fault.data.get("resets_at")
        if row.status == 429:
            known = int((resets_at - at).total_seconds()) if wait is None and isinstance(resets_at, datetime) else wait
            # A client told to wait zero seconds would come straight back.
            wait = max(1, known or 1)
        message = row.message.format(message=fault.message, retry_after=wait).rstrip()
        return ErrorFacts(row.status, row.code, message, fault.fields, fault.data, wait, request_id, at, site)

    def tell(self, fault: Fault, request_id: str, at: datetime, site: str) -> Refused:
        """The answer to a request with this fault."""
        facts = self.facts(fault, request_id, at, site)
        headers = (*self.row(fault).headers, *fault.headers)
        if facts.retry_after is not None:
            headers += (("Retry-After", str(facts.retry_after)),)
        return Refused(facts.status, facts.code, headers, self.envelope(facts))
