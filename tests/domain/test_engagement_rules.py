"""What engagement is worth."""

from __future__ import annotations

from itertools import pairwise, permutations

from domain.abm import OncePer
from domain.channels import Channel
from domain.engagement import EngagementType
from domain.engagement_rules import WEIGHTS, channel_of, percent, scope_key, score

OPEN, CLICK, REPLY = EngagementType.EMAIL_OPEN, EngagementType.LINK_CLICK, EngagementType.RESPONSE_RECEIVED


def test_a_score_grows_with_each_kind_in_any_order_and_stays_below_one() -> None:
    assert (score([]), score([OPEN]), score([OPEN, OPEN])) == (0, 0.3, 0.3)
    assert {score(each) for each in permutations((OPEN, CLICK, REPLY))} == {0.895}
    assert percent(score([OPEN, CLICK])) == 65
    steps = [OPEN, CLICK, REPLY, EngagementType.MEETING_SCHEDULED, EngagementType.CONVERSION]
    alone = [score([each]) for each in steps]
    together = [score(steps[: count + 1]) for count in range(len(steps))]
    assert all(less < more for scores in (alone, together) for less, more in pairwise(scores))
    assert score(WEIGHTS) <= 1
    assert score([OPEN, EngagementType.BOUNCE]) == score([OPEN])
    assert set(WEIGHTS) == set(EngagementType)


def test_what_is_not_said_of_an_event_follows_from_its_kind() -> None:
    assert channel_of(OPEN, None) is Channel.EMAIL
    assert channel_of(EngagementType.MEETING_SCHEDULED, None) is Channel.OTHER
    assert channel_of(EngagementType.MEETING_SCHEDULED, Channel.PHONE) is Channel.PHONE
    assert scope_key(OncePer.CONTACT, "ctc_1", "item_1") == "ctc_1"
    assert scope_key(OncePer.ITEM, "ctc_1", "item_1") != scope_key(OncePer.ITEM, "ctc_1", "item_2")
