"""What the installation says of feedback reaches the use cases."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.assembly import assemble
from gateway.settings import InvalidSettings, load
from gateway.settings_feedback import FeedbackSettings


def test_efforts_are_the_installations_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRIGRAPH_FEEDBACK_EFFORTS", "add_to_roadmap=2 weeks, fix_bug = 3 days")
    monkeypatch.setenv("TRIGRAPH_FEEDBACK_UNSURE_BELOW", "0.6")
    terms = assemble(load(env_file=None, data_dir=tmp_path)).database.outside.feedback
    assert terms.efforts == {"add_to_roadmap": "2 weeks", "fix_bug": "3 days"}
    assert (terms.unsure_below, terms.written) == (0.6, FeedbackSettings().written)


@pytest.mark.parametrize("wrong", ["paint=2 days", "fix_bug", "fix_bug="])
def test_efforts_of_unknown_actions_are_refused(wrong: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRIGRAPH_FEEDBACK_EFFORTS", wrong)
    with pytest.raises(InvalidSettings, match=r"TRIGRAPH_FEEDBACK_EFFORTS: .* fix_bug=3 days"):
        load(env_file=None)
