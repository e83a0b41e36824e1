"""The doctor's look at the language model: whether it is set, installed and there. It is asked nothing, which costs."""

from __future__ import annotations

import asyncio
import socket
from urllib.parse import urlsplit

from gateway.findings import Finding, Health, worded
from gateway.settings import Environment, Settings
from gateway.writing.opening import missing

_ABOUT = "writer"
_PATIENCE_SECONDS = 3


async def examine_writer(settings: Settings) -> list[Finding]:
    """Whether a language model can be asked, and at what price."""
    writer = settings.writer
    if writer.base_url is None:
        words = "No language model is set (TRIGRAPH_WRITER_BASE_URL): everything works by the built-in analyses."
        return [Finding(Health.FINE, _ABOUT, words)]
    if lacking := missing(settings):
        return [Finding(Health.BROKEN, _ABOUT, f"{lacking}.")]
    findings = [await _reached(writer.base_url, writer.model or "")]
    if writer.prompt_price is None or writer.completion_price is None:
        words = "TRIGRAPH_WRITER_PROMPT_PRICE or _COMPLETION_PRICE is not set: budgets count an assumed, high price."
        findings.append(Finding(Health.WORTH_A_LOOK, _ABOUT, words))
    if writer.base_url.startswith("http://") and settings.environment is Environment.PRODUCTION:
        words = "TRIGRAPH_WRITER_BASE_URL is http: texts and the key travel without encryption."
        findings.append(Finding(Health.WORTH_A_LOOK, _ABOUT, words))
    return findings


async def _reached(base_url: str, model: str) -> Finding:
    parts = urlsplit(base_url)
    shown = f"{parts.scheme}://{parts.hostname}"
    try:
        address = (parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80))
        (await asyncio.to_thread(socket.create_connection, address, _PATIENCE_SECONDS)).close()
    except (OSError, ValueError) as error:
        words = f"The language model at {shown} cannot be reached: {worded(error)}. What needs it is unavailable."
        return Finding(Health.WORTH_A_LOOK, _ABOUT, words)
    return Finding(Health.FINE, _ABOUT, f"The server of {model} at {shown} can be reached; it was asked nothing.")
