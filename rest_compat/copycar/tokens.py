"""The token endpoint (documentation, section Authentication): the process answers it before any dialect is asked."""

from __future__ import annotations

from rest_compat.engine.arguments import SAYING
from rest_compat.engine.served import Served
from rest_compat.engine.spelling import JsonSchema

PATH = "/auth/token"
_GRANT = "client_credentials"
_TEXT: JsonSchema = {"type": "string", **SAYING}
_STATUSES = (400, 401, 403, 408, 413, 415, 429, 500, 503)

TOKENS = Served(
    "AccessToken",
    PATH,
    "Access Token",
    "Authentication",
    "An access token for the credentials of a client, as JSON or as a form. X-API-Key may be sent along, and has to be "
    "that of the client then.",
    public=True,
    media_type="application/json",
    schema={
        "type": "object",
        "properties": {
            "token_type": {"const": "Bearer"},
            "access_token": {"type": "string"},
            "expires_in": {"type": "integer", "minimum": 1, "description": "Seconds."},
            "scope": {"type": "string"},
        },
        "required": ["token_type", "access_token", "expires_in"],
    },
    sample='{"access_token": "...", "expires_in": 3600, "token_type": "Bearer", "scope": "ultimate:read"}',
    statuses=_STATUSES,
    method="POST",
    request={
        "type": "object",
        "properties": {
            "grant_type": {"type": "string", "enum": [_GRANT], "description": f"Always {_GRANT}."},
            "client_id": {**_TEXT, "description": "The client."},
            "client_secret": {**_TEXT, "description": "Its secret."},
            "scope": {
                "type": ["string", "null"],
                "description": "Scopes separated by blanks; without them, all that the client holds.",
            },
        },
        "required": ["grant_type", "client_id", "client_secret"],
    },
)
