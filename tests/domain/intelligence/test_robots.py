"""Robots.txt as RFC 9309 reads it."""

from __future__ import annotations

import pytest

from domain.intelligence.robots import allowed

RULES = """\ufeffDisallow: /nobody
User-agent: Other/1.0 # a comment
user-agent: ROBOT
Disallow: /
Allow: /$
Allow: /open/*.html$
Disallow: /open/closed
allow : /a%20b
Disallow:
Sitemap: https://x.example/sitemap.xml

User-agent: *
Disallow: /*?session=
Disallow: /*/private
"""


@pytest.mark.parametrize(
    ("agent", "path", "may"),
    [
        ("Robot", "", True),
        ("Robot", "/", True),
        ("Robot", "/about", False),
        ("Robot", "/open/page.html", True),
        ("Robot", "/open/page.html?x=1", False),
        ("Robot", "/open/closed.html", True),
        ("Robot", "/open/closed/page", False),
        ("Robot", "/a b", True),
        ("other", "/x", False),
        ("Third", "/nobody", True),
        ("Third", "/page?session=1", False),
        ("Third", "/x/private/y", False),
        ("Third", "/private", True),
    ],
)
def test_the_longest_rule_of_ones_own_group_counts(agent: str, path: str, may: bool) -> None:
    assert allowed(RULES, agent, f"https://x.example{path}") is may


def test_what_was_made_to_cost_time_costs_little() -> None:
    hostile = "User-agent: *\n" + "Disallow: /" + "*a" * 1_000 + "$\n"
    assert allowed(hostile, "Robot", "https://x.example/" + "a" * 2_000) is False
    assert allowed("", "Robot", "https://x.example/")
