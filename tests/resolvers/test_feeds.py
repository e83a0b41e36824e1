"""Feeds as others write them: in any encoding, with parts of other vocabularies, and with markup where words belong."""

from __future__ import annotations

import pytest

from domain.errors import DomainError
from resolvers.news_writes import NewsDraft, batch_of

ITEM = "<item><title>日本 Tech</title><pubDate>Mon, 15 Jan 2024 10:00:00 GMT</pubDate></item>"
RSS = '<?xml version="1.0" encoding="{}"?><rss xmlns:media="m"><channel><title>News</title>{}</channel></rss>'


def only(content: bytes) -> NewsDraft:
    (found,) = batch_of(content, None).entries
    assert isinstance(found, NewsDraft)
    return found


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "shift_jis", "gb18030", "euc-jp", "big5"])
def test_a_feed_is_read_in_the_encoding_it_names(encoding: str) -> None:
    assert only(RSS.format(encoding, ITEM).encode(encoding)).title == "日本 Tech"


@pytest.mark.parametrize("named", ["rot13", "idna", "hex", "undefined", "punycode", "bogus", "us-ascii"])
def test_an_encoding_that_is_none_or_is_wrong_is_refused(named: str) -> None:
    with pytest.raises(DomainError) as refused:
        batch_of(RSS.format(named, ITEM).encode(), None)
    assert refused.value.problems[0].field == "file"


def test_an_entry_s_own_parts_are_told_from_those_of_other_vocabularies() -> None:
    words = "<title>R&amp;amp;D: 3 &lt; 5 <![CDATA[is <b>Tech&#39;s</b>]]></title><description>Own</description>"
    others = "<media:title>A photo</media:title><media:description>Of a photo</media:description>"
    found = only(RSS.format("utf-8", f"<item>{others}{words}<pubDate>2024-01-15</pubDate></item>").encode())
    assert (found.title, found.summary) == ("R&D: 3 < 5 is Tech's", "Own")


def test_atom_with_xhtml_and_rss_1_0_are_understood() -> None:
    atom = """<feed xmlns="http://www.w3.org/2005/Atom"><title>News</title><entry>
      <title type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">Tech <b>grows</b> again</div></title>
      <content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>One</p><p>Two</p></div></content>
      <link href="https://news.example/1"/><updated>2024-01-15T10:00:00Z</updated></entry></feed>"""
    found = only(atom.encode())
    assert (found.title, found.summary, found.url) == ("Tech grows again", "One Two", "https://news.example/1")
    rdf = """<rdf:RDF xmlns:rdf="r" xmlns="http://purl.org/rss/1.0/" xmlns:dc="d"><item><title>Tech</title>
      <dc:date>2024-01-15T10:00:00Z</dc:date></item></rdf:RDF>"""
    assert str(only(rdf.encode()).published) == "2024-01-15"
