"""JWTs as ClickUp Brain's clients sign them."""

from __future__ import annotations

import json
from typing import Any

from joserfc import jws
from joserfc.jwk import OctKey


def signed(claims: dict[str, Any], secret: str, algorithm: str = "HS256") -> str:
    """A JWT, signed as its client would; with HS256 it begins as the documented one does."""
    header = {"alg": algorithm, "typ": "JWT"}
    return jws.serialize_compact(header, json.dumps(claims), OctKey.import_key(secret), algorithms=[algorithm])
