"""What a scope means, in words for the person who is asked to allow it."""

from __future__ import annotations

from collections.abc import Iterable

from domain.permissions import Permission
from gateway.pages.html import Markup, fill, joined

_READ = "see leads, accounts, contacts, notes, tasks, e-mail and reports, and who works here"
_WRITE = "create, change and delete leads, notes, tasks and contacts, and send e-mail in your name"
_WORDS: dict[str, str] = {
    "read": _READ,
    "ultimate:read": _READ,
    "write": _WRITE,
    "ultimate:write": _WRITE,
    Permission.READ_LEADS: "see leads with their contacts, notes, tasks and e-mail",
    Permission.WRITE_LEADS: "create, change and delete leads, their notes and tasks, and send e-mail in your name",
    Permission.READ_REPORTS: "see reports",
    Permission.READ_ACCOUNTS: "see accounts, which are the companies you work with",
    Permission.WRITE_ACCOUNTS: "create and change accounts, their people, and what is researched about them",
    Permission.READ_USERS: "see who works here, with names and e-mail addresses",
    Permission.WRITE_USERS: "invite, change and disable members of staff",
    Permission.READ_CLIENTS: "see which applications and keys have access",
    Permission.WRITE_CLIENTS: "give applications access and take it away, and make and revoke keys",
    Permission.READ_AUDIT: "see who did what and when, in the audit log",
    Permission.ADMIN: "manage the organization: its settings, members of staff, applications, keys and audit log",
}


def in_words(scopes: Iterable[str]) -> Markup:
    """A list of what scopes let an application do; one we have no words for is shown as it is."""
    return joined(
        fill("scope", words=_WORDS[scope]) if scope in _WORDS else fill("unknown_scope", scope=scope)
        for scope in dict.fromkeys(scopes)
    )
