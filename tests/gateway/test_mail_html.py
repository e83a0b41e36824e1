"""Text as HTML, HTML as text, links led elsewhere, and nothing else of somebody's HTML changed."""

from __future__ import annotations

from html.parser import HTMLParser
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.emails import is_html
from gateway.mail_html import from_text, text_of, with_links, with_pixel


class Links(HTMLParser):
    """What a mail program makes of HTML: where its links lead, and the words."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[str | None] = []
        self.words = ""
        self.tags: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag == "a":
            self.found.append(dict(attrs).get("href"))

    def handle_data(self, data: str) -> None:
        self.words += data


def led(url: str) -> str:
    return f"https://t.example/?a=1&to={url.upper()}"


def unchanged(url: str) -> str:
    return url


@pytest.mark.parametrize(
    ("body", "html"),
    [
        ("<!DOCTYPE html><html></html>", True),
        ("  \n<p>Hello</p>", True),
        ('<div class="x">Hello</div>', True),
        ("<br/>Hello", True),
        ("<a href='https://example.com'>Hello</a>", True),
        ("Hello <b>you</b>", False),
        ("<john@example.com> wrote:", False),
        ("<https://example.com>", False),
        ("< p>Hello", False),
        ("<p", False),
        ("a < b", False),
        ("", False),
    ],
)
def test_what_counts_as_html(body: str, html: bool) -> None:
    assert is_html(body) is html


def test_a_text_keeps_its_paragraphs_and_lines_and_loses_no_character() -> None:
    html = from_text("Dear <b>Jörg</b> & co,\r\nhow are you?\n\n\nYours", unchanged)
    assert "<p>Dear &lt;b&gt;Jörg&lt;/b&gt; &amp; co,<br>\nhow are you?</p>\n<p>Yours</p>" in html
    assert "b" not in Links(html).tags


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("See https://example.com/a?b=1&c=2.", ["https://example.com/a?b=1&c=2"]),
        ("(https://example.com/x_(y)), http://example.org!", ["https://example.com/x_(y)", "http://example.org"]),
        ("HTTPS://EXAMPLE.COM", ["HTTPS://EXAMPLE.COM"]),
        ("javascript:alert(1) ftp://example.com mailto:a@b.c", []),
        ('"https://example.com/"><script>', ["https://example.com/"]),
    ],
)
def test_addresses_in_a_text_can_be_clicked(text: str, links: list[str]) -> None:
    html = Links(from_text(text, led))
    assert html.found == [led(link) for link in links]
    assert html.words.strip() == text
    assert "script" not in html.tags


TEXT_PIECES = [*"<>&\"'ab \n/:.()=-", "https://e.x/", "<a href=", "]]>", "é"]
HTML_PIECES = [*"<>\"'= a\n/&;!-", "<a ", "href=", "https://e.x/y", "<!--", "-->", "<a href='"]


@given(st.lists(st.sampled_from(TEXT_PIECES)).map("".join))
def test_whatever_a_text_holds_it_reads_the_same(text: str) -> None:
    html = Links(from_text(text, unchanged))
    assert html.words.split() == text.split()
    assert set(html.tags) <= {"html", "head", "meta", "body", "p", "br", "a"}


def test_links_of_html_lead_elsewhere_and_nothing_else_changes() -> None:
    html = """<HTML><!-- <a href="https://no.example"> --><Body>
    <A class=x title="href='https://title.example'" HREF = 'https://one.example/?a=1&amp;b=2' >One</A>
    <a href=https://two.example>Two</a><a name="top" href="#top">Top</a><a href="mailto:a@b.c">Mail</a>
    <a data-href="https://data.example" href="/relative">R</a><img src="https://img.example/x.png">
    <area href="https://three.example"><a>none</a> <p>unclosed https://text.example &nbsp; &copy
    """
    changed = with_links(html, led)
    for url in ("https://one.example/?a=1&b=2", "https://two.example"):
        assert led(url) in Links(changed).found
    assert Links(changed).found[2:] == ["#top", "mailto:a@b.c", "/relative", None]
    for same in ("https://no.example", "https://title.example", "https://data.example", "img.example/x.png", "&copy"):
        assert same in changed
    assert "THREE.EXAMPLE" in changed
    # All that is not an address is there byte for byte.
    assert bare(with_links(html, unchanged)) == bare(html.replace("&amp;b", "&b"))


def bare(html: str) -> str:
    """HTML without quotes, which a changed address is given; and an ampersand reads the same in both spellings."""
    return html.replace('"', "").replace("'", "").replace("&amp;", "&")


@given(st.lists(st.sampled_from(HTML_PIECES)).map("".join))
def test_broken_html_stays_whole(html: str) -> None:
    assert bare(with_links(html, unchanged)) == bare(html)


def test_the_pixel_is_the_last_thing_of_the_body() -> None:
    address = "https://t.example/t/o/x.gif"
    pixel = with_pixel("", address)
    assert with_pixel("<body>a</BODY></html>", address) == f"<body>a{pixel}</BODY></html>"
    assert with_pixel("<html>a</html>", address) == f"<html>a{pixel}</html>"
    assert with_pixel("<p>a", address) == f"<p>a{pixel}"
    assert with_pixel("<pre></body></pre><body>x</body>", address).endswith(f"x{pixel}</body>")


def test_html_reads_as_text_too() -> None:
    html = """<html><head><title>T</title><style>p {}</style></head><body>
      <div style="Display: none">Preview<div>inside</div> of it</div><h1>Hello
      Ada</h1><p>Your <b>quote</b> is <a href="https://example.com/q">here</a>.<br>Best,</p>
      <ul><li>one</li><li>two &amp; three</li></ul><table><tr><td>a</td><td>b</td></tr></table>
      <a href="https://example.com">https://example.com</a><img alt="Logo" src="x"></body></html>"""
    assert text_of(html) == (
        "Hello Ada\n\nYour quote is here (https://example.com/q).\nBest,\n\n- one\n- two & three\n\na b\n\n"
        "https://example.comLogo\n"
    )


@pytest.mark.parametrize("piece", ["<a ", "<a/", '<a "', "<a href=", "<!--", "<a\n"])
def test_tags_without_an_end_keep_nobody_busy(piece: str) -> None:
    body = "<html>" + piece * (20_000 // len(piece))
    began = process_time()
    assert with_links(body, led) == body
    text_of(body)
    assert process_time() - began < 0.5


def test_brackets_behind_an_address_keep_nobody_busy() -> None:
    text = "https://example.com/a" + ")" * 500_000
    began = process_time()
    assert '">https://example.com/a</a>)))' in from_text(text, unchanged)
    assert process_time() - began < 0.5


def test_words_behind_the_last_tag_are_kept() -> None:
    assert text_of("<p>Hello</p>you &amp; me") == "Hello\n\nyou & me\n"
    assert text_of("<p>Hello</p>1 < 2 <b") == "Hello\n\n1 < 2 <b\n"


def test_letters_that_are_longer_in_lower_case_leave_the_picture_in_its_place() -> None:
    assert with_pixel("<html><body>İİİİ</BODY ></body></html>", "p").count("İİİİ</BODY ><img src") == 1
