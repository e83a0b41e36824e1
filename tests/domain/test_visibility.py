"""Whom a note is for, and to which groups a viewer belongs."""

from __future__ import annotations

from dataclasses import replace

import pytest

from domain.events import EventType
from domain.permissions import Permission
from domain.viewer import Viewer
from domain.visibility import NoteVisibility, audience_of, audiences_of, permission_for

VIEWER = Viewer("org_1", "client_1", "user_1", "team_1", frozenset(), (), None, "Free", "key")


@pytest.mark.parametrize(
    ("visibility", "user", "team", "audience"),
    [
        (NoteVisibility.PRIVATE, "user_1", "team_1", "user:user_1"),
        (NoteVisibility.TEAM, "user_1", "team_1", "team:team_1"),
        (NoteVisibility.TEAM, "user_1", None, None),
        (NoteVisibility.PUBLIC, "user_1", "team_1", None),
    ],
)
def test_a_visibility_names_one_group(
    visibility: NoteVisibility, user: str, team: str | None, audience: str | None
) -> None:
    assert audience_of(visibility, user, team) == audience


def test_a_viewer_belongs_to_its_user_and_team_and_nobody_to_a_missing_one() -> None:
    assert audiences_of(VIEWER) == ("user:user_1", "team:team_1")
    assert audiences_of(replace(VIEWER, user_id=None, team_id=None)) == ()


def test_who_may_not_read_staff_is_not_told_of_staff() -> None:
    """Such events hold names, e-mail addresses and roles."""
    staff = [each for each in EventType if each.startswith(("USER_", "TEAM_"))]
    assert len(staff) == 8
    assert {permission_for(each) for each in staff} == {Permission.READ_USERS}
