"""The printed client in a browser and in Node, run as printed but for its address and the token in it."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from pathlib import Path

import pytest
from playwright.async_api import async_playwright

from tests.browsers import ARGUMENTS, CHROMIUM
from tests.factories.happenings import alert
from tests.gateway.streams.serving import House
from tests.node import NODE, environment, needs_package
from tests.waiting import until

_PRINTED = Path(__file__).parents[2] / "live" / "documented" / "clickup_brain_stream.js.txt"
_ADDRESS = "wss://api.clickup-brain.com/v1/stream"
_EVENTS = """address => {
  window.heard = [];
  window.source = new EventSource(address);
  window.source.onmessage = event => window.heard.push([event.lastEventId, JSON.parse(event.data).data.alert_id]);
}"""


def printed(house: House) -> str:
    program = _PRINTED.read_text()
    assert _ADDRESS in program
    return program.replace(_ADDRESS, f"ws://127.0.0.1:{house.port}/v1/stream?access_token={house.key}")


async def subscribed(house: House) -> None:
    """Wait until the printed client listens to its channels."""
    await until(lambda: house.subscribed() == 3, seconds=20, pause=0.01)


@pytest.mark.skipif(CHROMIUM is None, reason="needs an installed Chromium")
async def test_in_a_browser(house: House) -> None:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        page = await browser.new_page()
        logged: asyncio.Queue[str] = asyncio.Queue()
        page.on("console", lambda message: message.type == "log" and logged.put_nowait(message.text))
        await page.goto(f"http://127.0.0.1:{house.port}/healthz")

        await page.add_script_tag(content=printed(house))
        await subscribed(house)
        await alert(house.database, house.organization, 1)
        async with asyncio.timeout(20):
            assert "Real-time update:" in await logged.get()

        await page.evaluate(_EVENTS, f"/api/v1/stream/events?access_token={house.key}")
        await house.until_open(2)
        await alert(house.database, house.organization, 2)
        await page.wait_for_function("heard.length === 1")
        # A change of rights ends the stream; the browser comes back by itself after what it has seen.
        await house.promote()
        await alert(house.database, house.organization, 3)
        await page.wait_for_function("heard.length === 2", timeout=20_000)
        assert [number for _, number in await page.evaluate("heard")] == ["alert_2", "alert_3"]
        await browser.close()


@needs_package("ws")
async def test_in_node(house: House, tmp_path: Path) -> None:
    program = tmp_path / "client.js"
    program.write_text("const WebSocket = require('ws');\n" + printed(house))
    running = await asyncio.create_subprocess_exec(
        NODE, str(program), env=environment(), stdout=asyncio.subprocess.PIPE
    )
    try:
        await subscribed(house)
        await alert(house.database, house.organization, 1)
        assert running.stdout is not None
        async with asyncio.timeout(20):
            assert (await running.stdout.readline()).startswith(b"Real-time update: {")
    finally:
        with suppress(ProcessLookupError):
            running.kill()
        await running.wait()
