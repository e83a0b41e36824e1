"""Which imported news is about a company, and how much it matters.

News is about a company when its domain, its name without the legal form, or the word its name and its domain both
begin with, if it is coined as TechCorp is, stands in title or summary as words of their own. A name of one word has to
be written with its capitals: many are also ordinary words.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from domain.intelligence.feedback_findings import Sentiment
from domain.intelligence.research_facts import Company, KnownNews
from domain.levels import Level

_LEGAL = re.compile(
    r"[\s,]+(?:inc|incorporated|llc|ltd|limited|plc|corp|corporation|co|company|gmbh|ag|kg|se|sarl|sas|sa|sl|srl|spa|bv|nv|"
    r"ab|oy|as|aps|pty|kk)\.?$",
    re.IGNORECASE,
)
_COINED = re.compile(r"\w[A-Z0-9]")
"""What no ordinary word has: United is in too many names, and begins sentences."""
_FRESH_DAYS, _RECENT_DAYS = 30, 90
_SHORTEST = 3
_SUMMARY = 300
IMPACTS = {Sentiment.POSITIVE: "positive", Sentiment.NEUTRAL: "neutral", Sentiment.NEGATIVE: "negative"}


def names_of(company: Company) -> list[str]:
    """What the company is called in news."""
    name = " ".join(company.name.split())
    while (shorter := _LEGAL.sub("", name)) != name:
        name = shorter
    found = [name]
    if company.domain:
        found.append(company.domain)
        label = company.domain.split(".")[0]
        first = name.split()[0]
        if first.casefold() == label.casefold() and first != name and _COINED.search(first):
            found.append(first)
    return [each for each in dict.fromkeys(found) if len(each) >= _SHORTEST]


def is_about(names: Sequence[str], text: str) -> bool:
    """Whether a text names the company."""
    return any(re.search(_pattern(name), text) for name in names)


def _pattern(name: str) -> str:
    words = r"(?<![\w.-])" + re.escape(name) + r"(?![\w-])"
    # Names of several words, and addresses, are unlikely to mean anything else.
    return words if " " not in name and "." not in name else f"(?i:{words})"


def relevance(news: KnownNews, today: date) -> Level:
    """HIGH: named in the title lately. MEDIUM: in the title of the last quarter, or in a fresh summary. LOW: else."""
    age = (today - news.published).days
    if news.in_title and age <= _RECENT_DAYS:
        return Level.HIGH if age <= _FRESH_DAYS else Level.MEDIUM
    return Level.MEDIUM if age <= _FRESH_DAYS else Level.LOW


def shortened(summary: str) -> str:
    """The beginning of a summary, up to the end of a sentence or word."""
    if len(summary) <= _SUMMARY:
        return summary
    cut = summary[:_SUMMARY]
    end = max(cut.rfind(". "), cut.rfind("! "), cut.rfind("? "))
    return cut[: end + 1] if end > _SUMMARY // 3 else cut.rsplit(" ", 1)[0] + " ..."
