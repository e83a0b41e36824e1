"""Settings of ClickUp Brain's streams."""

from __future__ import annotations

from pydantic import Field

from gateway.settings_sections import Section


class StreamSettings(Section):
    """What one listener of ClickUp Brain's streams may take, and how it is kept alive."""

    message_bytes: int = Field(
        16 * 1024, ge=256, description="Largest message a client may send on a websocket of ClickUp Brain, in bytes"
    )
    send_timeout_seconds: float = Field(
        10, gt=0, description="Time a listener has to take a message before it is cut off"
    )
    keep_alive_seconds: float = Field(
        25, gt=0, description="Pause between two signs of life: comments of event streams, pings of every websocket"
    )
    pong_timeout_seconds: float = Field(
        20, gt=0, description="Time the client of a websocket has to answer a ping before it is closed"
    )
