"""What is assumed of mail to people of a company before an organization has any history of its own.

All of these are assumptions, chosen to be modest. Each weighs as much as ten cases, or as many as it takes for about
one to hit where that is rare: a single meeting must not multiply what is expected.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from domain.estimates import Estimate
from domain.intelligence.priors import HISTORY, beta_binomial
from domain.levels import Basis

_HITS = 0.8
"""Hits that an assumption holds at least, as far as there are cases for them: with fewer its mean would lie outside of
the interval that holds four times in five.
"""


@dataclass(frozen=True, slots=True)
class Prior:
    """A share that is assumed, and how many cases that weighs.

    `cases` says how many cases of the organization's own elsewhere the share stands on.
    """

    rate: float
    weight: float = 10.0
    cases: float = 0.0

    def shrunk_to(self, successes: float, trials: float) -> Prior:
        """As sure as before, around the rate that this assumption and what was seen elsewhere give together.

        A rate that turns out to be rarer weighs more, but never more than all that is in it.
        """
        seen = max(0.0, trials)
        whole = self.weight + seen
        rate = (self.rate * self.weight + min(max(0.0, successes), seen)) / whole
        weight = max(self.weight, min(whole, _HITS / rate)) if rate > 0 else self.weight
        return Prior(rate, weight, self.cases + seen)

    def expected(self, successes: float, trials: float) -> Estimate:
        """The share to be expected after so many successes of so many trials."""
        seen = max(0.0, trials)
        found = beta_binomial(self.rate, self.weight, max(0.0, successes), seen)
        return replace(found, basis=self.basis(seen), cases=int(self.cases + seen))

    def basis(self, trials: float) -> Basis:
        """What an estimate stands on: the assumption alone, the organization's own cases, or both."""
        own = self.cases + max(0.0, trials)
        return Basis.PRIOR if own <= 0 else Basis.HISTORY if own >= HISTORY else Basis.BLENDED


RESPONSE = Prior(0.08)
"""Of delivered messages are replied to."""
WON_FROM_MAIL = Prior(0.02, 40.0)
"""Of delivered messages end in a conversion."""
WON_ACCOUNT = Prior(0.2)
"""Of companies are won."""
