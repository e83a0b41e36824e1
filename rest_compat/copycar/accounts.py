"""Accounts (documentation, section Account Management API Ultimate)."""

from __future__ import annotations

from rest_compat.copycar.answers import success
from rest_compat.engine.answers import take
from rest_compat.engine.routes import Route

ROUTES = (
    # Named by the samples of the section Authentication alone, which print no answer: an account has the keys that
    # Research Account prints for one (CC-04).
    Route(
        "GET",
        "/accounts",
        "ListAccounts",
        success(accounts=take("accounts.nodes")),
        title="List Accounts",
        group="Account Management",
        example="accounts_list",
    ),
)
