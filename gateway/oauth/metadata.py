"""What a client can learn of the authorization server by itself (RFC 8414)."""

from __future__ import annotations

from typing import Any

from authlib.oauth2.rfc8414 import AuthorizationServerMetadata, get_well_known_url  # type: ignore[import-untyped]

from domain.clients import SCOPES, GrantType

WELL_KNOWN = "/.well-known/oauth-authorization-server"
AUTHORIZE, TOKEN, REVOKE, INTROSPECT = "/oauth/authorize", "/oauth/token", "/oauth/revoke", "/oauth/introspect"
_PROOFS = ["client_secret_basic", "client_secret_post"]


def metadata(issuer: str) -> dict[str, Any]:
    """The document; it is the same wherever it is asked for, since there is one issuer."""
    scopes = dict.fromkeys(scope for each in SCOPES.values() for scope in each)
    return dict(
        AuthorizationServerMetadata(
            issuer=issuer,
            authorization_endpoint=issuer + AUTHORIZE,
            token_endpoint=issuer + TOKEN,
            revocation_endpoint=issuer + REVOKE,
            introspection_endpoint=issuer + INTROSPECT,
            scopes_supported=list(map(str, scopes)),
            response_types_supported=["code"],
            response_modes_supported=["query"],
            grant_types_supported=list(map(str, GrantType)),
            code_challenge_methods_supported=["S256"],
            token_endpoint_auth_methods_supported=[*_PROOFS, "none"],
            revocation_endpoint_auth_methods_supported=[*_PROOFS, "none"],
            introspection_endpoint_auth_methods_supported=_PROOFS,
            authorization_response_iss_parameter_supported=True,
        )
    )


def paths(issuer: str) -> frozenset[str]:
    """Where it is asked for; for an issuer with a path, that path stands behind the well-known one (section 3.1)."""
    return frozenset({WELL_KNOWN, get_well_known_url(issuer)})
