"""A new password as forms send it: typed twice, since nobody sees what they type."""

from __future__ import annotations

from domain.errors import invalid
from domain.passwords import check
from gateway.pages.sessions import Person
from gateway.pages.visit import Visit


def check_new(visit: Visit, owner: Person, shortest: int) -> None:
    """Let the new password of a form pass, or say what is wrong with it.

    Raises:
        DomainError: INVALID.
    """
    password = visit.form.get("password", "")
    if password != visit.form.get("repeated"):
        raise invalid("repeated", "The two new passwords are not the same.")
    check(password, owner.email, owner.name, shortest)
