"""What use cases have done for them before their transaction, put together once."""

from __future__ import annotations

from domain.outside import Outside
from gateway.analyst import LightAnalyst


def open_outside() -> Outside:
    """Every part that the settings ask for; nothing is loaded or connected yet."""
    return Outside(analyst=LightAnalyst())
