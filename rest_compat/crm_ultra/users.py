"""Users (documentation, section API Endpoints / Users)."""

from __future__ import annotations

from rest_compat.engine.answers import take
from rest_compat.engine.routes import Route

ROUTES = (
    # With an API key: the user who generated it (CU-41).
    Route(
        "GET",
        "/users/me",
        "CurrentUser",
        take("viewer.user"),
        title="Get Current User",
        group="Users",
        example="users_me",
    ),
)
