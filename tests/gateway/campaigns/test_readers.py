"""Readers of campaigns' mail stop it by a link, and its picture counts who opens it, known or not."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from domain.contacts import Contact
from domain.engagement import EngagementEvent
from domain.event_log import Event
from domain.events import EventType
from domain.ports import SystemClock
from gateway.app import create_app
from gateway.assembly import Parts
from gateway.database import Database
from gateway.settings import load
from tests.clocks import SetClock
from tests.factories.abm import Reached, item_row, loaded, make_campaign
from tests.factories.organizations import make_organization, store
from tests.graphs import statements_of
from tests.waiting import until


class House:
    """The whole process with a campaign that has written to somebody."""

    def __init__(self, parts: Parts, http: httpx.AsyncClient, reached: Reached, message: EmailMessage) -> None:
        self.parts, self.http, self.reached, self.message = parts, http, reached, message

    @property
    def stop(self) -> str:
        """The address by which the mail is stopped."""
        return str(self.message["List-Unsubscribe"]).strip("<>")

    async def unsubscribed(self) -> bool:
        own = select(Contact.unsubscribed_at).where(Contact.id == self.reached.contacts[0])
        return (await self.parts.database.rows(own))[0][0] is not None

    async def events(self) -> list[dict[str, Any]]:
        await self.parts.tracking.recorder.settled()
        event = EngagementEvent
        columns = (event.contact_id, event.counted, event.user_agent, event.ip_address)
        rows = await self.parts.database.rows(select(*columns).order_by(event.id))
        return [row._asdict() for row in rows]


@pytest.fixture
async def house(sqlite_database_url: str, embedded: Database, clock: SetClock, tmp_path: Path) -> AsyncIterator[House]:
    clock.at = SystemClock().now()
    organization = await make_organization(embedded)
    reached = await make_campaign(embedded, organization)
    await store(embedded, item_row(await loaded(embedded, reached), clock.now()))
    settings = {
        "public_url": "https://graph.example",
        "data_dir": tmp_path,
        "campaigns": {"sender": "Us <we@us.example>"},
    }
    app = create_app(load(env_file=None, database_url=sqlite_database_url, **settings))
    transport = httpx.ASGITransport(app, client=("203.0.113.7", 4711))
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="https://graph.example") as client,
    ):
        await until(lambda: [*(tmp_path / "mail").glob("*.eml")], pause=0.05)
        (file,) = (tmp_path / "mail").glob("*.eml")
        message = message_from_bytes(file.read_bytes(), policy=default)
        assert isinstance(message, EmailMessage)
        yield House(app.state.parts, client, reached, message)


async def test_mail_says_how_to_stop_it_and_one_post_does(house: House) -> None:
    assert house.message["From"] == "Us <we@us.example>"
    assert house.message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert re.fullmatch(r"https://graph\.example/t/u/[\w-]{60,90}", house.stop)
    text, html = (str(part.get_content()) for part in house.message.iter_parts())
    assert "unsubscribe here:" in text
    assert house.stop in text
    assert f'href="{house.stop}"' in html

    for _ in range(2):
        asked = await house.http.get(house.stop)
        assert (asked.status_code, '<form method="post">' in asked.text) == (200, True)
    assert asked.headers["cache-control"] == "no-store"
    await house.http.head(house.stop)
    assert not await house.unsubscribed()
    for wrong in (
        house.stop[:-2],
        house.stop + "AA",
        "https://graph.example/t/u/",
        house.stop.replace("/t/u/", "/t/c/"),
    ):
        assert (await house.http.get(wrong)).status_code == 404
        assert (await house.http.post(wrong)).status_code in (404, 405)
    assert not await house.unsubscribed()

    for _ in range(2):
        done = await house.http.post(house.stop, data={"List-Unsubscribe": "One-Click"})
        assert (done.status_code, "unsubscribed" in done.text) == (200, True)
    assert await house.unsubscribed()
    told = select(Event.subject_id).where(Event.type == EventType.CONTACT_UNSUBSCRIBED)
    assert [row[0] for row in await house.parts.database.rows(told)] == house.reached.contacts
    assert (await house.http.put(house.stop)).status_code == 405


async def test_the_picture_of_a_campaign_counts_who_is_not_known_once_a_day(house: House) -> None:
    path = f"/v2/ultimate/track/{house.reached.campaign}"
    with statements_of(house.parts.database) as ran:
        answers = [await house.http.get(each) for each in ("/v2/ultimate/track/nothing", "/v2/ultimate/track/cmp_'")]
    assert not any("abm_campaign.id = " in each for each in ran)
    programs = ("Mail/1", "Mail/1", "Mail/2")
    answers += [await house.http.get(path, headers={"User-Agent": program}) for program in programs]
    answers.append(await house.http.get("/v2/ultimate/track/cmp_1"))
    await house.http.head(path)
    assert {(each.status_code, each.content) for each in answers} == {(200, answers[0].content)}
    seen = {"contact_id": None, "counted": True, "ip_address": "203.0.113.7"}
    assert await house.events() == [seen | {"user_agent": "Mail/1"}, seen | {"user_agent": "Mail/2"}]

    # The picture of the message itself knows who opens it, and says by what.
    _, html = (str(part.get_content()) for part in house.message.iter_parts())
    (pixel,) = re.findall(r'src="([^"]+)"', html)
    await house.http.get(pixel, headers={"User-Agent": "Mail/3" + "x" * 600})
    known = (await house.events())[-1]
    assert (known["contact_id"], len(known["user_agent"])) == (house.reached.contacts[0], 500)
