"""What a request carries as credentials, before anything of it is believed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from domain.errors import Code, unauthenticated

_LONGEST = 512
_LONGEST_BEARER = 4096
"""JWTs are longer than keys; nothing that is longer than these was ever issued."""
WRONG_KEY = "API key is invalid or expired."
WRONG_TOKEN = "Access token is invalid or expired."  # noqa: S105 - a message


@dataclass(slots=True)
class Presented:
    """The credentials of one request, as many as it sent."""

    bearer: str | None = None
    key: str | None = None
    secret: str | None = None

    def __bool__(self) -> bool:
        return (self.bearer, self.key, self.secret) != (None, None, None)

    @property
    def values(self) -> tuple[str, ...]:
        """Everything that was presented."""
        return tuple(value for value in (self.bearer, self.key, self.secret) if value is not None)


def presented(headers: Mapping[str, str]) -> Presented:
    """The credentials of a request's headers, names in lower case.

    Raises:
        DomainError: UNAUTHENTICATED for a header that cannot be a credential.
    """
    return Presented(
        bearer=_bearer(headers.get("authorization")),
        key=_plain(headers.get("x-api-key")),
        secret=_plain(headers.get("x-api-secret")),
    )


def is_jwt(value: str) -> bool:
    """Whether a bearer value has the three parts of a signed JWT, the first of them JSON."""
    return value.startswith("eyJ") and value.count(".") == 2


def _bearer(header: str | None) -> str | None:
    if header is None:
        return None
    scheme, _, value = header.strip().partition(" ")
    if scheme.lower() != "bearer":
        # No token was presented, so none is called invalid (RFC 6750, section 3.1).
        raise unauthenticated("Authorization must be `Bearer` with a token or a key.")
    value = value.strip()
    if not 0 < len(value) <= _LONGEST_BEARER or not _sane(value):
        raise unauthenticated(WRONG_TOKEN, Code.INVALID_TOKEN)
    return value


def _plain(header: str | None) -> str | None:
    if header is None:
        return None
    value = header.strip()
    if not 0 < len(value) <= _LONGEST or not _sane(value):
        raise unauthenticated(WRONG_KEY)
    return value


def _sane(value: str) -> bool:
    # Visible ASCII: two headers of one name arrive joined by a comma and a space, which no credential holds.
    return value.isascii() and value.isprintable() and " " not in value
