"""What research reads from outside: websites that allow it, and feeds of news, by loopback servers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date, timedelta
from ipaddress import ip_network
from typing import Any

import pytest
from sqlalchemy import select

from domain.receivers import Reach
from domain.research import NewsEntry
from domain.viewer import Viewer
from gateway.database import Database
from gateway.outgoing.http import Http
from gateway.reading.fetcher import HttpFetcher
from gateway.research.news import NewsFeeds
from gateway.research.site import SiteReader
from gateway.settings_research import ResearchSettings
from tests.clocks import SetClock
from tests.factories.crm import make_crm
from tests.factories.webhooks import Receiver, Told, answer, receiving
from tests.graphs import Graph

HERE = Reach((ip_network("127.0.0.0/8"),))
PAGE = b"<html><title>Here we are</title><body>We love Kubernetes and PostgreSQL.</body></html>"
RSS = b"""<rss><channel><title>Wire</title>
  <item><title>Acme &amp; Co grow</title><link>https://n.example/1</link><guid>1</guid>
    <pubDate>Wed, 10 Jan 2024 10:00:00 GMT</pubDate><description>&lt;b&gt;They&lt;/b&gt; grow.</description></item>
  <item><title>No day</title></item></channel></rss>"""
ATOM = b"""<feed xmlns="http://www.w3.org/2005/Atom"><title>Blog</title><entry><title>New office</title><id>urn:2</id>
  <link rel="self" href="https://b.example/self"/><link href="https://b.example/2"/>
  <updated>2024-01-11T23:30:00-02:00</updated><summary>Bigger.</summary></entry></feed>"""


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as receiver:
        yield receiver


@pytest.fixture
async def fetcher() -> AsyncIterator[HttpFetcher]:
    made = HttpFetcher(
        lambda: Http(HERE, connections=2, idle_connections=2),
        HERE,
        most_bytes=100_000,
        seconds=5,
        user_agent="Robot/2 (test)",
        field="website",
    )
    yield made
    await made.close()


def serving(**pages: tuple[int, bytes]) -> Any:
    async def respond(told: Told) -> bytes:
        status, body = pages.get(told.path.strip("/").replace(".", "_") or "home", (404, b""))
        return answer(status, "", body)

    return respond


@pytest.mark.parametrize(
    ("robots", "read", "why"),
    [
        ((404, b""), True, None),
        ((200, b"User-agent: *\nDisallow: /admin\n"), True, None),
        ((200, b"User-agent: Robot\nDisallow: /\n\nUser-agent: *\nAllow: /\n"), False, "does not allow Robot."),
        ((200, b"User-agent: Other\nDisallow: /\n"), True, None),
        ((503, b""), False, "robots.txt cannot be read"),
        # What is there and cannot be read may forbid everything.
        ((200, b"#" * 100_001 + b"\nUser-agent: *\nDisallow: /\n"), False, "robots.txt cannot be read"),
        ((200, b"User-agent: *\nDisallow: /*\n"), False, "does not allow Robot."),
    ],
)
async def test_a_website_is_read_as_its_robots_txt_allows(
    receiver: Receiver, fetcher: HttpFetcher, robots: tuple[int, bytes], read: bool, why: str | None
) -> None:
    receiver.respond = serving(home=(200, PAGE), robots_txt=robots)
    page, source = await SiteReader(fetcher, "Robot/2 (test)", allowed=True).read(receiver.url("/"))
    assert source.read is (page is not None) is read
    assert [told.path for told in receiver.told] == ["/robots.txt", "/"][: 1 + read]
    assert {told.headers["user-agent"] for told in receiver.told} == {"Robot/2 (test)"}
    if page:
        assert (page.title, sorted(page.technologies), source.facts) == ("Here we are", ["kubernetes", "postgresql"], 3)
    else:
        assert why in (source.reason or "")  # type: ignore[operator]


@pytest.mark.parametrize(
    ("to", "robots", "read"),
    [("www.acme.localhost", "", True), ("www.acme.localhost", "Disallow: /", False), ("other.localhost", "", False)],
)
async def test_a_site_is_followed_to_its_name_with_www_and_to_no_other(
    receiver: Receiver, to: str, robots: str, read: bool
) -> None:
    async def respond(told: Told) -> bytes:
        if told.headers["host"] != f"{to}:{receiver.port}":
            return answer(301, f"Location: http://{to}:{receiver.port}{told.path}\r\n")
        return answer(body=f"User-agent: *\n{robots}\n".encode() if told.path == "/robots.txt" else PAGE)

    async def resolve(host: str, port: int) -> list[str]:
        return ["127.0.0.1"]

    receiver.respond = respond
    made = HttpFetcher(
        lambda: Http(HERE, connections=2, idle_connections=2, resolve=resolve), HERE, most_bytes=9_999, seconds=5
    )
    start = f"http://acme.localhost:{receiver.port}/"
    page, source = await SiteReader(made, "Robot", allowed=True).read(start)
    await made.close()
    assert source.read is (page is not None) is read
    asked = [(told.headers["host"].partition(":")[0], told.path) for told in receiver.told]
    own = [("acme.localhost", "/robots.txt")]
    there = [(to, "/robots.txt"), (to, "/")][: 1 + read] if to.startswith("www.") else []
    assert asked == own + there


async def test_what_cannot_be_had_says_why(receiver: Receiver, fetcher: HttpFetcher) -> None:
    receiver.respond = serving()
    page, source = await SiteReader(fetcher, "Robot", allowed=True).read(receiver.url("/"))
    assert page is None
    assert source.reason == "website cannot be fetched: it was answered with 404."
    _, private = await SiteReader(fetcher, "Robot", allowed=True).read("https://10.0.0.1/")
    assert not private.read
    assert "10.0.0.1" in (private.reason or "") or "public" in (private.reason or "")
    assert "TRIGRAPH_RESEARCH_WEBSITE" in (SiteReader(fetcher, "R", allowed=False).refused(None).reason or "")


async def test_feeds_are_kept_once_for_organizations_with_companies(
    database: Database, graph: Graph, viewer: Viewer, receiver: Receiver, fetcher: HttpFetcher, clock: SetClock
) -> None:
    await make_crm(database, viewer.organization_id)
    receiver.respond = serving(rss=(200, RSS), atom=(200, ATOM), broken=(200, b"<rss"))
    feeds = tuple(receiver.url(f"/{name}") for name in ("broken", "rss", "atom", "gone"))
    own = NewsFeeds(database, ResearchSettings(news_feeds=feeds, news_kept_days=30), fetcher)

    async def known() -> list[tuple[Any, ...]]:
        columns = select(NewsEntry.title, NewsEntry.summary, NewsEntry.url, NewsEntry.published, NewsEntry.source)
        mine = NewsEntry.organization_id == viewer.organization_id
        return [
            tuple(row) for row in await database.rows(columns.where(mine, NewsEntry.source != "wire").order_by("title"))
        ]

    for _ in range(2):
        await own.refresh()
        assert await known() == [
            ("Acme & Co grow", "They grow.", "https://n.example/1", date(2024, 1, 10), "Wire"),
            ("New office", "Bigger.", "https://b.example/2", date(2024, 1, 12), "Blog"),
        ]
    imported = """mutation ($e: [NewsEntryInput!]) { importNews(input: {entries: $e, source: "Wire"}) {
      created unchanged rejected { index errors { field } } errors { code field } } }"""
    entries = [
        {"title": "Again", "published": "2024-01-14", "externalId": "1"},
        {"title": "Fresh", "published": "2024-01-14", "url": "https://n.example/3"},
        {"title": "Bad", "published": "2024-01-14", "url": "ftp://x"},
    ]
    told = (await graph.data(imported, e=entries))["importNews"]
    rejected = [{"index": 2, "errors": [{"field": "url"}]}]
    assert told == {"created": 1, "unchanged": 1, "rejected": rejected, "errors": []}
    neither = "mutation { importNews(input: {}) { errors { code field } } }"
    assert (await graph.data(neither))["importNews"]["errors"] == [{"code": "INVALID", "field": "file"}]
    many = (await graph.data(imported, e=[entries[1]] * 501))["importNews"]
    assert many == {"created": 0, "unchanged": 0, "rejected": [], "errors": [{"code": "INVALID", "field": "entries"}]}
    found = await graph.data('{ newsEntries(where: {search: "grow", publishedTo: "2024-01-10"}) { nodes { title } } }')
    assert found["newsEntries"]["nodes"] == [{"title": "Acme & Co grow"}]
    receiver.respond = serving()
    clock.advance(days=27)
    await own.refresh()
    assert [row[0] for row in await known()] == ["Fresh", "New office"]
    clock.advance(days=timedelta(days=30).days)
    await own.refresh()
    assert await known() == []
