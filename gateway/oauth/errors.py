"""Refusals of the protocol that Authlib has no class or no status for."""

from __future__ import annotations

from authlib.oauth2.rfc6749 import (  # type: ignore[import-untyped]
    AccessDeniedError,
    InvalidClientError,
    InvalidRequestError,
    OAuth2Error,
)

from domain.limits import Standing
from rest_compat.engine.faults import Refusal

Headers = list[tuple[str, str]]

REALM = "trigraph"
_LONGEST_NAME = 64
_STATUS = {Refusal.TOO_LARGE: 413, Refusal.TOO_SLOW: 408}
"""What HTTP has a status of its own for; the rest is 400 (RFC 6749, section 5.2)."""


class ClientRefused(InvalidClientError):  # type: ignore[misc]
    """The client is unknown here, or has not proved who it is; both sound the same."""

    status_code = 401

    def __init__(self, description: str = "Client authentication failed.") -> None:
        super().__init__(description)

    def get_headers(self) -> Headers:
        """With a challenge, as every 401 has to (RFC 9110, section 15.5.2)."""
        plain = OAuth2Error.get_headers(self)
        return [*plain, ("WWW-Authenticate", f'Basic realm="{REALM}", charset="UTF-8"')]


class AddressRefused(AccessDeniedError):  # type: ignore[misc]
    """A client that proved who it is, from an address outside its allow-list (CB-48)."""

    status_code = 403
    description = "This client may not be used from this address."


class ParameterMissing(InvalidRequestError):  # type: ignore[misc]
    """Parameters that have to be there are not, or are empty (RFC 6749, section 3.1)."""

    def __init__(self, *names: str) -> None:
        quoted = ", ".join(f"'{name}'" for name in names)
        super().__init__(f"Missing {quoted} in request.")
        self.parameters = names


class ParameterRepeated(InvalidRequestError):  # type: ignore[misc]
    """A parameter is there more than once."""

    def __init__(self, name: str) -> None:
        super().__init__(f"Multiple '{name}' in request.")
        self.parameter = name


class ParameterInvalid(InvalidRequestError):  # type: ignore[misc]
    """A parameter is not a text that can be part of a request."""

    def __init__(self, name: str, wrong: str) -> None:
        super().__init__(f"'{name}' {wrong}.")
        self.parameter = name
        self.wrong = wrong


class BodyRefused(InvalidRequestError):  # type: ignore[misc]
    """A body that cannot be read: too large, too slow, or not what it says it is."""

    def __init__(self, description: str, reason: Refusal = Refusal.UNREADABLE) -> None:
        super().__init__(described(description), status_code=_STATUS.get(reason))
        self.reason = reason


class TooManyAttempts(OAuth2Error):  # type: ignore[misc]
    """Somebody asks, or fails, too often. RFC 6749 has no word for it; the status and `Retry-After` say it."""

    status_code = 429
    error = "slow_down"

    def __init__(self, retry_after: int, standing: Standing) -> None:
        super().__init__(f"Too many requests. Try again in {retry_after} seconds.")
        self.retry_after = retry_after
        self.standing = standing

    def get_headers(self) -> Headers:
        """With the time to wait."""
        return [*super().get_headers(), ("Retry-After", str(self.retry_after))]


class Unavailable(OAuth2Error):  # type: ignore[misc]
    """The database cannot do it now."""

    status_code = 503
    error = "temporarily_unavailable"
    description = "The server cannot do this now. Try again in a moment."

    def get_headers(self) -> Headers:
        """With the time to wait."""
        return [*super().get_headers(), ("Retry-After", "1")]


class ServerFailed(OAuth2Error):  # type: ignore[misc]
    """A mistake of ours."""

    status_code = 500
    error = "server_error"
    description = "Something went wrong on our side."


def described(text: str) -> str:
    """A text with only the characters that a description may have (RFC 6749, section 5.2)."""
    return "".join(each if " " <= each <= "~" and each not in '"\\' else "?" for each in text)


def named(value: str) -> str:
    """What a client sent, short and harmless enough to be told back."""
    return described(value[:_LONGEST_NAME])
