"""How long codes and tokens live, as documented, how long deliveries are tried, when deadlines are told, and how long
mail of campaigns is remembered when somebody buys, and by what it was read.
"""

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
SCHEDULE: tuple[float, ...] = (0, 5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400)
"""Seconds from each failed attempt to the next, the first being that from the event to the first attempt."""
DAYS_BEFORE: tuple[int, ...] = (30, 7, 1)
"""How many days before a deadline it is told, unless the settings say otherwise."""
ATTRIBUTION_DAYS = 90
"""How many days after a campaign's mail a won lead is owed to it, unless the settings say otherwise."""
READER_DAYS = 90
"""How many days addresses and programs of readers are kept, unless the settings say otherwise."""
