"""JWTs that ClickUp Brain's clients sign with their own secret (CB-06); the one module that knows joserfc."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from joserfc import jws, jwt
from joserfc.errors import JoseError, SecurityWarning
from joserfc.jwk import OctKey

from gateway import json

_ALGORITHM = "HS256"
"""The only one: `none` and every other algorithm is refused before a signature is looked at."""
_LEEWAY_SECONDS = 30
"""How far the clocks of signer and server may be apart for `nbf` and `iat`; `exp` is exact."""


class UnusableJwt(Exception):
    """Not a JWT we accept."""


def claimed_client(value: str) -> str:
    """The client a JWT says it is from, nothing verified yet: `iss`, else `sub`.

    Raises:
        UnusableJwt: when it cannot be read, or names no client.
    """
    claims = _claims(value)
    for name in ("iss", "sub"):
        if isinstance(claims.get(name), str):
            return str(claims[name])
    raise UnusableJwt("neither iss nor sub")


def signer(value: str, secrets: Iterable[str]) -> str:
    """The one of a client's secrets that signed a JWT.

    Raises:
        UnusableJwt: when none of them did.
    """
    secret = next((secret for secret in secrets if _signed(value, secret)), None)
    if secret is None:
        raise UnusableJwt("signature")
    return secret


def in_force(value: str, client_id: str, now: datetime) -> Mapping[str, Any]:
    """The claims of a JWT, whose signature is somebody else's business, if they hold now.

    Raises:
        UnusableJwt: when the issuer, the lifetime or a claim's type is not right.
    """
    claims, seconds = _claims(value), now.timestamp()
    if client_id not in (claims.get("iss"), claims.get("sub")):
        raise UnusableJwt("iss, sub")
    if not (_is_time(claims.get("exp")) and seconds < claims["exp"]):
        raise UnusableJwt("exp")
    for name in ("nbf", "iat"):
        if name in claims and not (_is_time(claims[name]) and claims[name] <= seconds + _LEEWAY_SECONDS):
            raise UnusableJwt(name)
    if not isinstance(claims.get("scope", ""), str):
        raise UnusableJwt("scope")
    return claims


def _signed(value: str, secret: str) -> bool:
    try:
        with warnings.catch_warnings():
            # Secrets we make are long; a short one that was brought along is its owner's choice.
            warnings.simplefilter("ignore", SecurityWarning)
            jwt.decode(value, OctKey.import_key(secret), algorithms=[_ALGORITHM])
    except (JoseError, ValueError):
        return False
    return True


def _claims(value: str) -> dict[str, Any]:
    try:
        compact = jws.extract_compact(value.encode("ascii"))
        claims = json.loads(compact.payload)
    except (JoseError, ValueError) as error:
        raise UnusableJwt("unreadable") from error
    if compact.headers().get("alg") != _ALGORITHM or not isinstance(claims, dict):
        raise UnusableJwt("alg")
    return claims


def _is_time(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
