"""How long codes and tokens live, as the products document it."""

from domain.viewer import Dialect

ACCESS_SECONDS: dict[Dialect | None, int] = {
    Dialect.COPYCAR: 3600,
    Dialect.CLICKUP_BRAIN: 3600,
    Dialect.CRM_ULTRA: 7200,
    None: 3600,
}
"""Life of an access token: two hours in CRM-Ultra (printed), an hour elsewhere (CB-08)."""
REFRESH_SECONDS = 30 * 24 * 3600
"""Life of a refresh token (CU-06)."""
CODE_SECONDS = 600
"""Life of an authorization code (CU-07)."""
