"""Policies, and who is answered in JSON."""

from __future__ import annotations

import pytest
from starlette.requests import Request

from gateway.pages.answers import problem, where_to
from gateway.pages.html import fill, text
from gateway.pages.scopes import in_words


@pytest.mark.parametrize(
    ("redirect_uri", "expected"),
    [
        ("https://client.example.com/callback", ("https:",)),
        ("http://127.0.0.1:51234/callback", ("https:", "http:")),
        ("http://[::1]:51234/callback", ("https:", "http:")),
        ("com.example.app:/callback", ("https:", "com.example.app:")),
        ("COM.EXAMPLE.APP:/callback", ("https:", "com.example.app:")),
        ("x;script-src *:/callback", ("https:",)),
        ("nothing", ("https:",)),
    ],
)
def test_a_policy_foresees_where_the_client_is(redirect_uri: str, expected: tuple[str, ...]):
    assert where_to(redirect_uri) == expected


@pytest.mark.parametrize(
    ("accept", "json"),
    [
        ("", False),
        ("*/*", False),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", False),
        ("application/json", True),
        ("application/json, text/plain, */*", True),
        ("text/html, application/json;q=0.9", False),
        ("text/html;q=0.5, application/json;q=0.6", True),
        ("application/json;q=0, */*", False),
        ("application/json;q=nonsense", True),
        ("," * 10_000, False),
    ],
)
def test_json_is_for_those_who_prefer_it(accept: str, json: bool):
    request = Request({"type": "http", "headers": [(b"accept", accept.encode())]})
    answer = problem(request, "Title", "Text.", 400, "invalid_request")
    assert answer.headers["content-type"].startswith("application/json" if json else "text/html")


def test_a_value_cannot_leave_its_place():
    assert text("<b>\"'&") == "&lt;b&gt;&quot;&#x27;&amp;"
    assert text("a\x00b\u202ec\u2066d\x7f") == "a\ufffdb\ufffdc\ufffdd\ufffd"
    assert text("Mic\u200bro\u2060so\xadft\ufeff") == "Mic\ufffdro\ufffdso\ufffdft\ufffd"
    # Joiners are parts of words and pictures.
    assert text("\u0646\u200c\u0645 \U0001f468\u200d\U0001f469") == "\u0646\u200c\u0645 \U0001f468\u200d\U0001f469"
    assert fill("alert", message="$token ${style} <script>") == (
        '<p class="alert" role="alert">$token ${style} &lt;script&gt;</p>\n'
    )


def test_scopes_are_told_in_words_once_each():
    words = in_words(["read", "write", "read", "<unknown>"])
    assert words.count("<li>") == 3
    assert "<code>&lt;unknown&gt;</code>" in words
