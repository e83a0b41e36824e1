"""What an operator may set for the authorization server."""

from __future__ import annotations

from dataclasses import dataclass

from domain.lifetimes import ACCESS_SECONDS, CODE_SECONDS, REFRESH_SECONDS
from domain.viewer import Dialect


@dataclass(frozen=True, slots=True)
class OAuthRules:
    """Who the server is, and how long what it gives is good for.

    `issuer` is its public URL. `access_seconds` overrules what each product documents, if it is set.
    """

    issuer: str
    access_seconds: int | None = None
    refresh_seconds: int = REFRESH_SECONDS
    code_seconds: int = CODE_SECONDS

    def access_life(self, dialect: Dialect | None) -> int:
        """Life of an access token, in seconds."""
        return self.access_seconds or ACCESS_SECONDS[dialect]
