"""What can go wrong, as data: a kind, a code, a message, a field. Doors render, the domain never names a status."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum


class Kind(StrEnum):
    """The nine ways a request can fail; each door has one table from kind to its own words."""

    INVALID = "INVALID"
    NOT_FOUND = "NOT_FOUND"
    FORBIDDEN = "FORBIDDEN"
    UNAUTHENTICATED = "UNAUTHENTICATED"
    CONFLICT = "CONFLICT"
    RATE_LIMITED = "RATE_LIMITED"
    QUOTA_EXCEEDED = "QUOTA_EXCEEDED"
    UNAVAILABLE = "UNAVAILABLE"
    TIMEOUT = "TIMEOUT"


class Code(StrEnum):
    """Stable machine-readable names of problems; clients may switch on them."""

    INVALID = "INVALID"
    REQUIRED = "REQUIRED"
    UNKNOWN_SOURCE = "UNKNOWN_SOURCE"
    UNKNOWN_REFERENCE = "UNKNOWN_REFERENCE"
    NOT_FOUND = "NOT_FOUND"
    CURSOR_EXPIRED = "CURSOR_EXPIRED"
    CONFLICT = "CONFLICT"
    TASK_CLOSED = "TASK_CLOSED"
    IDEMPOTENCY_CONFLICT = "IDEMPOTENCY_CONFLICT"
    FORBIDDEN = "FORBIDDEN"
    UNAUTHENTICATED = "UNAUTHENTICATED"
    INVALID_TOKEN = "INVALID_TOKEN"  # noqa: S105 - a code
    ADDRESS_NOT_ALLOWED = "ADDRESS_NOT_ALLOWED"
    RATE_LIMITED = "RATE_LIMITED"
    QUOTA_EXCEEDED = "QUOTA_EXCEEDED"
    UNAVAILABLE = "UNAVAILABLE"
    TIMEOUT = "TIMEOUT"

    @property
    def kind(self) -> Kind:
        """The kind of failure this code belongs to."""
        return _KIND_OF.get(self) or Kind(self.value)


_KIND_OF = {
    Code.REQUIRED: Kind.INVALID,
    Code.UNKNOWN_SOURCE: Kind.INVALID,
    Code.UNKNOWN_REFERENCE: Kind.INVALID,
    Code.CURSOR_EXPIRED: Kind.NOT_FOUND,
    Code.TASK_CLOSED: Kind.CONFLICT,
    Code.IDEMPOTENCY_CONFLICT: Kind.CONFLICT,
    Code.INVALID_TOKEN: Kind.UNAUTHENTICATED,
    Code.ADDRESS_NOT_ALLOWED: Kind.FORBIDDEN,
}


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing a caller can be told; `field` is a dotted path inside the input."""

    code: Code
    message: str
    field: str | None = None


class DomainError(Exception):
    """A refusal with its reasons; the first problem names the kind."""

    def __init__(self, problems: Sequence[Problem], data: Mapping[str, object] | None = None) -> None:
        super().__init__("; ".join(problem.message for problem in problems))
        self.problems = tuple(problems)
        self.data: Mapping[str, object] = data or {}

    @property
    def code(self) -> Code:
        """Code of the first problem."""
        return self.problems[0].code

    @property
    def kind(self) -> Kind:
        """Kind of the first problem."""
        return self.code.kind

    @property
    def message(self) -> str:
        """Message of the first problem."""
        return self.problems[0].message

    @property
    def field(self) -> str | None:
        """Field of the first problem."""
        return self.problems[0].field

    def renamed(self, names: Mapping[str, str]) -> DomainError:
        """The same refusal by the field names of another input."""
        problems = [replace(each, field=names.get(each.field or "", each.field)) for each in self.problems]
        return DomainError(problems, self.data)


def refuse(code: Code, message: str, field: str | None = None, **data: object) -> DomainError:
    """A DomainError of one problem."""
    return DomainError((Problem(code, message, field),), data)


def invalid(field: str, message: str) -> DomainError:
    """A value that cannot be accepted."""
    return refuse(Code.INVALID, message, field)


def required(field: str, message: str | None = None) -> DomainError:
    """A value that has to be there."""
    return refuse(Code.REQUIRED, message or f"{field} is required.", field)


def not_found(what: str, id: str, field: str | None = "id") -> DomainError:
    """A row that does not exist for this viewer; foreign rows look the same."""
    return refuse(Code.NOT_FOUND, f"{what} {id[:80]!r} does not exist.", field)


def cursor_expired(resume_after: str, **cursors: str) -> DomainError:
    """A place in the event log that is older than what the log keeps; `resume_after` is the cursor to go on from.

    `cursors` names further places, such as the oldest from which the log is still whole.
    """
    message = "The log does not go back to this cursor any more: read anew what you need, then resume after the newest."
    return refuse(Code.CURSOR_EXPIRED, message, "after", resume_after=resume_after, **cursors)


def forbidden(permission: str) -> DomainError:
    """A permission the viewer lacks."""
    return refuse(Code.FORBIDDEN, f"This needs the permission {permission}.", permission=permission)


def unauthenticated(message: str = "A valid credential is required.", code: Code = Code.UNAUTHENTICATED) -> DomainError:
    """No credential, or a wrong one; unknown, expired, revoked and foreign ones are told the same."""
    return refuse(code, message)


def conflict(message: str, field: str | None = None, code: Code = Code.CONFLICT) -> DomainError:
    """A state that does not allow the change."""
    return refuse(code, message, field)


def unavailable(message: str) -> DomainError:
    """Something this needs does not answer at the moment; trying again may help."""
    return refuse(Code.UNAVAILABLE, message)
