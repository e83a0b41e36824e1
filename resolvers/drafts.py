"""Checking what a caller has sent of something that is made or changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from domain.errors import DomainError, Problem
from domain.values import ABSENT, Absent

Checks = Mapping[str, Callable[[Any], Any]]
"""What each property becomes, or why it is refused, by the entity's attribute names."""


def taken(draft: object, checks: Checks) -> dict[str, Any]:
    """The sent properties, each checked, by the entity's attribute names.

    Raises:
        DomainError: every problem at once, each naming its field.
    """
    found: dict[str, Any] = {}
    problems: list[Problem] = []
    for name, check in checks.items():
        value = getattr(draft, name, ABSENT)
        if isinstance(value, Absent):
            continue
        try:
            found[name] = check(value)
        except DomainError as error:
            problems.extend(error.problems)
    if problems:
        raise DomainError(problems)
    return found
