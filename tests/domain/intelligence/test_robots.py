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


@pytest.mark.parametrize(
    ("robots", "path", "may"),
    [
        # A rule without a path ends the names before it: this robot may, all others may not.
        ("User-agent: Robot\nDisallow:\n\nUser-agent: *\nDisallow: /\n", "/x", True),
        ("User-agent: *\nDisallow:\nUser-agent: Bad\nDisallow: /\n", "/x", True),
        ("User-agent: Robot\nSitemap: /s.xml\nCrawl-delay: 3\nUser-agent: *\nDisallow: /\n", "/x", False),
        # Escaped is what has to be: the examples of RFC 9309, section 2.2.2 and 2.2.3.
        ("User-agent: *\nDisallow: /foo/bar/%62%61%7A\n", "/foo/bar/baz", False),
        ("User-agent: *\nDisallow: /foo/bar/ツ\n", "/foo/bar/%E3%83%84", False),
        ("User-agent: *\nDisallow: /\nAllow: /a-%2A.html\n", "/a-*.html", True),
        ("User-agent: *\nDisallow: /\nAllow: /a-%2A.html\n", "/a-b.html", False),
        ("User-agent: *\nDisallow: /\nAllow: /foo-%24\n", "/foo-$", True),
        ("User-agent: *\nDisallow: /a%2fb\n", "/a%2Fb", False),
        ("User-agent: *\nDisallow: /a%2Fb\n", "/a/b", True),
        # Lengths are compared as they are sent.
        ("User-agent: *\nDisallow: /%E3%83%84\nAllow: /ツ\n", "/ツ", True),
    ],
)
def test_groups_and_escapes_are_those_of_the_standard(robots: str, path: str, may: bool) -> None:
    assert allowed(robots, "Robot", f"https://x.example{path}") is may


def test_what_was_made_to_cost_time_costs_little() -> None:
    hostile = "User-agent: *\n" + "Disallow: /" + "*a" * 1_000 + "$\n"
    assert allowed(hostile, "Robot", "https://x.example/" + "a" * 2_000) is False
    assert allowed("", "Robot", "https://x.example/")
