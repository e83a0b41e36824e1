"""What is to be expected of a campaign before anything of it has left.

Rates are shares of delivered messages (CC-11). They begin as assumptions and turn into what the organization's own
campaigns have reached. What a campaign earns is known to nobody here: its ROI rests on an assumption for good. How many
meetings come of the mail moves it little by little, and to twice the assumption at most.
"""

from __future__ import annotations

from dataclasses import dataclass

from domain.estimates import Estimate
from domain.intelligence.campaign_priors import RESPONSE, Prior
from domain.levels import Basis

MEETING = Prior(0.03, 30.0)
"""Of delivered messages lead to a meeting: an assumption, as all of these are."""
ROI = 3.0
"""That a campaign with that many meetings returns three times what it costs."""
ROI_LEAST, ROI_MOST = 0.25, 2.0
"""How far off that may be, as parts of it, four times in five; and how far at most meetings move it up."""
_EARNING = Prior(MEETING.rate, 300.0)
"""For what is earned the assumption weighs as much as a whole history: one meeting moves it by about a tenth."""


@dataclass(frozen=True, slots=True)
class Reached:
    """What the organization's campaigns for companies have reached so far."""

    delivered: int = 0
    replied: int = 0
    meetings: int = 0


@dataclass(frozen=True, slots=True)
class Expectations:
    """What is expected; ROI is a multiple of what is spent."""

    response_rate: Estimate
    meeting_conversion: Estimate
    roi: Estimate


def expect(reached: Reached) -> Expectations:
    """What is expected of the next campaign."""
    return Expectations(
        RESPONSE.expected(reached.replied, reached.delivered),
        MEETING.expected(reached.meetings, reached.delivered),
        _roi(_EARNING.expected(reached.meetings, reached.delivered)),
    )


def _roi(meetings: Estimate) -> Estimate:
    value = ROI * min(ROI_MOST, meetings.value / MEETING.rate)
    basis = Basis.PRIOR if meetings.basis is Basis.PRIOR else Basis.BLENDED
    low = value * ROI_LEAST * min(1.0, meetings.low / meetings.value)
    high = value * ROI_MOST * max(1.0, meetings.high / meetings.value)
    return Estimate(value, low, high, basis, meetings.cases)
