"""By what way somebody is reached."""

from __future__ import annotations

from enum import StrEnum


class Channel(StrEnum):
    """A way to reach somebody."""

    EMAIL = "EMAIL"
    LINKEDIN = "LINKEDIN"
    WEBSITE = "WEBSITE"
    DIRECT_MAIL = "DIRECT_MAIL"
    PHONE = "PHONE"
    OTHER = "OTHER"
