"""JWTs as ClickUp Brain's clients sign them."""

from __future__ import annotations

from typing import Any

from joserfc import jwt
from joserfc.jwk import OctKey


def signed(claims: dict[str, Any], secret: str, algorithm: str = "HS256") -> str:
    """A JWT, signed as its client would."""
    return jwt.encode({"alg": algorithm}, claims, OctKey.import_key(secret), algorithms=[algorithm])
