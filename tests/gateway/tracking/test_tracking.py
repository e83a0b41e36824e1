"""Messages tell when they are opened and which links are followed: what they carry, what is noted, what is not."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from domain.emails import EmailClick
from domain.event_log import Event
from domain.events import EventType
from domain.permissions import Role
from domain.ports import Letter, MailForm, OutgoingMail
from gateway.app import create_app
from gateway.assembly import Parts
from gateway.database import Database
from gateway.mail_message import compose
from gateway.settings import load
from gateway.tracking.dressing import Dressing
from gateway.tracking.tokens import Tokens
from gateway.vault import signing_keys
from tests.clocks import PRINTED
from tests.factories.credentials import make_key
from tests.factories.leads import make_lead
from tests.factories.organizations import make_organization, make_user
from tests.graphs import statements_of

GIF = b"GIF89a\x01\x00\x01\x00"
SECRET = "a secret of this installation, long enough"
SEND = """mutation ($lead: ID!, $subject: String!, $body: String!) {
  sendEmail(input: {leadId: $lead, subject: $subject, body: $body, to: ["ada@example.com"]}) {
    email { id status } errors { field message } } }"""
READ = """query ($id: ID!) { node(id: $id) { ... on Email {
  openedAt clicks { totalCount nodes { url times createdAt lastAt } } lead { activities { nodes { type } } } } } }"""
HTML = '<html><body><p>Hello, see <a href="https://example.com/quote?a=1&amp;b=2">your quote</a></p></body></html>'


class House:
    """The whole process, and somebody who sends mail."""

    def __init__(self, app: Any, client: httpx.AsyncClient, organization: str, key: str, folder: Path) -> None:
        self.parts: Parts = app.state.parts
        self.http = client
        self.organization = organization
        self.key = key
        self.folder = folder

    async def graph(self, query: str, **variables: Any) -> dict[str, Any]:
        body = {"query": query, "variables": variables}
        answer = (await self.http.post("/graphql", json=body, headers={"X-API-Key": self.key})).json()
        assert "errors" not in answer, answer
        data: dict[str, Any] = answer["data"]
        return data

    async def send(self, body: str, subject: str = "Hello") -> str:
        """The id of a message that has left."""
        lead = await make_lead(self.parts.database, self.organization)
        sent = (await self.graph(SEND, lead=lead, subject=subject, body=body))["sendEmail"]
        assert (sent["errors"], sent["email"]["status"]) == ([], "SENT")
        return str(sent["email"]["id"])

    def mail(self, id: str) -> tuple[str, str]:
        """The text and the HTML of a message that has left."""
        message = message_from_bytes((self.folder / "mail" / f"{id}.eml").read_bytes(), policy=default)
        assert isinstance(message, EmailMessage)
        assert message.get_content_type() == "multipart/alternative"
        assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
        text, html = (str(part.get_content()) for part in message.iter_parts())  # type: ignore[attr-defined]
        return text.replace("\r\n", "\n"), html.replace("\r\n", "\n")

    async def read(self, id: str) -> dict[str, Any]:
        await self.parts.tracking.recorder.settled()
        node: dict[str, Any] = (await self.graph(READ, id=id))["node"]
        return node

    async def told(self) -> list[tuple[EventType, dict[str, Any]]]:
        await self.parts.tracking.recorder.settled()
        mine = Event.organization_id == self.organization
        rows = await self.parts.database.rows(select(Event.type, Event.data).where(mine).order_by(Event.sequence))
        beside = (EventType.EMAIL_SENT, EventType.ENGAGEMENT_DETECTED)
        return [(row.type, row.data) for row in rows if row.type not in beside]


Serve = Callable[..., Any]


@pytest.fixture
def serve(sqlite_database_url: str, embedded: Database, tmp_path: Path) -> Serve:
    @asynccontextmanager
    async def opened(**given: Any) -> AsyncIterator[House]:
        settings = {"public_url": "https://graph.example", "data_dir": tmp_path} | given
        app = create_app(load(env_file=None, database_url=sqlite_database_url, **settings))
        organization = await make_organization(embedded)
        user = await make_user(embedded, organization, role=Role.ADMIN)
        key = await make_key(embedded, organization, user=user, dialect=None)
        transport = httpx.ASGITransport(app)
        async with (
            app.router.lifespan_context(app),
            httpx.AsyncClient(transport=transport, base_url="https://graph.example") as client,
        ):
            yield House(app, client, organization, key, tmp_path)

    return opened


@pytest.fixture
async def house(serve: Serve) -> AsyncIterator[House]:
    async with serve() as house:
        yield house


def addresses(html: str) -> list[str]:
    """Where pictures and links lead, the picture first."""
    found = re.findall(r'(?:src|href)="(https://graph\.example/t/[^"]+)"', html)
    return sorted(found, key=lambda each: not each.endswith(".gif"))


async def test_a_text_leaves_as_text_and_as_html_with_a_picture_and_links_of_ours(house: House) -> None:
    sent = await house.send("Dear Ada,\n\nsee https://example.com/quote?a=1&b=2 and <this>.")
    text, html = house.mail(sent)
    assert text == "Dear Ada,\n\nsee https://example.com/quote?a=1&b=2 and <this>.\n"
    pixel, link = addresses(html)
    assert html.count("<img") == html.count("<a ") == 1
    assert ">https://example.com/quote?a=1&amp;b=2</a> and &lt;this&gt;." in html
    assert "example.com/quote" not in link
    assert sent not in pixel + link


async def test_html_leaves_as_it_is_but_for_picture_and_links(house: House) -> None:
    text, html = house.mail(await house.send(HTML))
    assert text == "Hello, see your quote (https://example.com/quote?a=1&b=2)\n"
    pixel, link = addresses(html)
    without = re.sub(r"<img[^>]*>", "", html).replace(link, "https://example.com/quote?a=1&amp;b=2")
    assert without.strip() == HTML
    assert html.strip().endswith('px"></body></html>')
    assert pixel in html


async def test_the_first_opening_is_told_once_and_everybody_gets_the_same_picture(house: House) -> None:
    sent = await house.send("Hello")
    (pixel,) = addresses(house.mail(sent)[1])
    head = await house.http.head(pixel)
    assert (head.status_code, (await house.read(sent))["openedAt"]) == (200, None)
    answers = [await house.http.get(pixel) for _ in range(3)]
    answers += [
        await house.http.get(path) for path in ("/t/o/x.gif", "/t/o/", "/t/o/%00%FF.gif", f"/t/o/{'a' * 9000}.gif")
    ]
    for answer in answers:
        assert (answer.status_code, answer.content[:10], len(answer.content)) == (200, GIF, 43)
        assert answer.headers["content-type"] == "image/gif"
        assert answer.headers["cache-control"] == "no-store"
        assert {**answer.headers, "x-request-id": ""} == {**answers[0].headers, "x-request-id": ""}
    read = await house.read(sent)
    assert read["openedAt"] is not None
    assert [each["type"] for each in read["lead"]["activities"]["nodes"]].count("EMAIL_OPENED") == 1
    assert [(kind, data["id"], data["opened"]) for kind, data in await house.told()] == [
        (EventType.EMAIL_OPENED, sent, True)
    ]


async def test_a_followed_link_leads_to_its_address_and_tells_of_the_first_time(house: House) -> None:
    url = "https://example.com/quote?a=1&b=2#top"
    sent = await house.send(f"See {url} or http://example.org/größe")
    _, first, second = addresses(house.mail(sent)[1])
    for _ in range(3):
        answer = await house.http.get(first)
        assert (answer.status_code, answer.headers["location"], answer.content) == (302, url, b"")
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["referrer-policy"] == "no-referrer"
    assert (await house.http.get(second)).headers["location"] == "http://example.org/gr%C3%B6%C3%9Fe"
    read = await house.read(sent)
    assert [(each["url"], each["times"]) for each in read["clicks"]["nodes"]] == [
        (url, 3),
        ("http://example.org/größe", 1),
    ]
    told = await house.told()
    assert [kind for kind, _ in told] == [EventType.EMAIL_OPENED, EventType.EMAIL_CLICKED, EventType.EMAIL_CLICKED]
    assert told[1][1]["url"] == url
    assert (told[1][1]["id"], set(told[1][1])) == (sent, {"id", "leadId", "url"})


async def test_a_look_ahead_is_no_click(house: House) -> None:
    sent = await house.send("See https://example.com")
    pixel, link = addresses(house.mail(sent)[1])
    assert (await house.http.head(link)).headers["location"] == "https://example.com"
    assert (await house.http.get(link, headers={"Sec-Purpose": "prefetch;prerender"})).status_code == 302
    assert (await house.http.get(pixel, headers={"Purpose": "prefetch"})).status_code == 200
    for robot in (
        "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
        "Mozilla/5.0 (compatible; bingbot/2.0)",
    ):
        assert (await house.http.get(link, headers={"User-Agent": robot})).status_code == 302
    for method in ("POST", "PUT", "OPTIONS"):
        assert (await house.http.request(method, link)).status_code == 405
    assert await house.told() == []


async def test_nothing_leads_anywhere_else(house: House) -> None:
    sent = await house.send("See https://example.com")
    pixel, link = addresses(house.mail(sent)[1])
    token = link.removeprefix("https://graph.example/t/c/")
    opening = pixel.removeprefix("https://graph.example/t/o/").removesuffix(".gif")
    other = Tokens([b"another installation"]).link(sent, "https://evil.example")
    forged = Tokens(signing_keys([SECRET], b"forms")).link(sent, "https://evil.example")
    for wrong in (
        token[:-2],
        token + "AA",
        "A" + token[1:],
        opening,
        other,
        forged,
        "",
        "https://evil.example",
        "%0D%0AX: y",
    ):
        answer = await house.http.get(f"/t/c/{wrong}")
        assert (answer.status_code, answer.headers["content-type"]) == (404, "text/html; charset=utf-8"), wrong
        assert "location" not in answer.headers
        assert "evil" not in answer.text
    with statements_of(house.parts.database) as ran:
        await house.http.get("/t/c/wrong")
        await house.http.get("/t/o/wrong.gif")
        await house.http.get(f"/copycar/v2/ultimate/track/cmp_1?m={token}")
    assert ran == []
    assert await house.told() == []


@pytest.mark.parametrize("url", ["http://[x", "http://ex\u2100mple/", "https:///x"])
async def test_what_is_no_address_stays_as_it_is_and_leads_nowhere(house: House, url: str) -> None:
    sent = await house.send(f'<p><a href="{url}">here</a></p>')
    assert f'<a href="{url}">here</a>' in house.mail(sent)[1]
    token = Tokens(signing_keys([SECRET], b"tracking")).link(sent, url)
    assert (await house.http.get(f"/t/c/{token}")).status_code == 404


async def test_addresses_made_under_an_older_secret_work_until_it_goes(serve: Serve) -> None:
    fresh = "another secret of this installation, as long"
    async with serve(secret_keys=[SECRET]) as house:
        sent = await house.send("See https://example.com")
        _, link = addresses(house.mail(sent)[1])
    for secrets, status in (([fresh, SECRET], 302), ([fresh], 404)):
        async with serve(secret_keys=secrets) as house:
            assert (await house.http.get(link)).status_code == status


async def test_mail_of_a_lead_that_is_gone_tells_nothing(house: House) -> None:
    sent = await house.send("See https://example.com")
    pixel, link = addresses(house.mail(sent)[1])
    lead = (await house.graph("query ($id: ID!) { node(id: $id) { ... on Email { lead { id } } } }", id=sent))["node"][
        "lead"
    ]
    deleted = await house.graph("mutation ($id: ID!) { deleteLead(id: $id) { errors { message } } }", id=lead["id"])
    assert deleted == {"deleteLead": {"errors": []}}
    before = len(await house.told())
    assert (await house.http.get(pixel)).status_code == 200
    assert (await house.http.get(link)).headers["location"] == "https://example.com"
    assert len(await house.told()) == before
    assert await house.parts.database.rows(select(EmailClick.id)) == []


async def test_tracking_can_be_turned_off(serve: Serve) -> None:
    async with serve(mail={"track_opens": False, "track_clicks": False}) as house:
        text, html = house.mail(await house.send("See https://example.com"))
    assert "https://example.com" in text
    assert '<a href="https://example.com">' in html
    assert "/t/" not in html


async def test_what_the_server_writes_itself_is_never_tracked(house: House) -> None:
    await house.parts.mailroom.post(Letter("letter_1", "ada@example.com", "Welcome", "See https://example.com"))
    message = message_from_bytes((house.folder / "mail" / "letter_1.eml").read_bytes(), policy=default)
    assert message.get_content_type() == "text/plain"


async def test_what_a_lead_wrote_is_text_in_an_html_template(house: House) -> None:
    made = await house.graph(
        """mutation { html: createEmailTemplate(input: {name: "h", subject: "Hi {{firstName}}",
             body: "<p>Hi {{firstName}}</p>"}) { emailTemplate { id } }
           text: createEmailTemplate(input: {name: "t", subject: "Hi", body: "{{firstName}}, hi"}) {
             emailTemplate { id } } }"""
    )
    lead = await make_lead(house.parts.database, house.organization, first_name="<b>Ada</b>")
    for name, shown in (("html", "<p>Hi &lt;b&gt;Ada&lt;/b&gt;</p>"), ("text", "<p>&lt;b&gt;Ada&lt;/b&gt;, hi</p>")):
        sent = await house.graph(
            """mutation ($lead: ID!, $template: ID!) { sendEmail(input: {leadId: $lead, templateId: $template}) {
                 email { id } errors { message } } }""",
            lead=lead,
            template=made[name]["emailTemplate"]["id"],
        )
        assert shown in house.mail(sent["sendEmail"]["email"]["id"])[1]


@pytest.mark.parametrize(
    "path", ["/v2/ultimate/track/cmp_1", "/copycar/v2/ultimate/track/%F0%9F%98%80%2F..", "/v2/ultimate/track/nothing/"]
)
async def test_copycars_pixel_is_the_same_for_everybody_and_tells_of_a_message(house: House, path: str) -> None:
    sent = await house.send("Hello")
    (pixel,) = addresses(house.mail(sent)[1])
    token = pixel.rpartition("/")[2].removesuffix(".gif")
    plain = await house.http.get(path, headers={"Authorization": "Bearer wrong"})
    assert (plain.status_code, plain.content[:10]) == (200, GIF)
    assert (plain.headers["content-type"], plain.headers["cache-control"]) == ("image/gif", "no-store")
    assert not [name for name in plain.headers if name.startswith("x-ratelimit")]
    for query in (f"?m={token}wrong", "?m=", "?m=%FF"):
        await house.http.get(path + query)
    await house.http.head(f"{path}?m={token}")
    assert await house.told() == []
    assert (await house.http.get(f"{path}?m={token}")).content == plain.content
    assert [kind for kind, _ in await house.told()] == [EventType.EMAIL_OPENED]


Sent = Callable[[OutgoingMail], Awaitable[None]]


def test_what_a_message_is_made_of_is_written_in_seven_bits_and_short_lines() -> None:
    dressing = Dressing(None, Tokens([b"key"]), "https://graph.example", opens=True, clicks=True)  # type: ignore[arg-type]
    mail = OutgoingMail("email_1", "us@example.com", ("a@example.com",), "Größe", "Größe " * 400, "x@y", MailForm.TEXT)
    written = compose(dressing.dressed(mail), PRINTED).as_bytes()
    assert written.isascii()
    assert max(map(len, written.split(b"\r\n"))) < 1000
