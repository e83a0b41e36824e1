"""The tracking pixel (documentation, `tracking_pixel` of a created campaign)."""

from __future__ import annotations

from base64 import b64decode

from rest_compat.engine.served import Served

GIF = b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAICRAEAOw==")
"""One transparent pixel."""
GIF_HEADERS = (
    ("Content-Type", "image/gif"),
    ("Cache-Control", "no-store"),
    ("Referrer-Policy", "no-referrer"),
    ("X-Robots-Tag", "noindex"),
)
MESSAGE = "m"
"""The parameter by which a sender says to which message the pixel belongs: the token of that message (CC-09)."""

PIXEL = Served(
    "TrackingPixel",
    "/track/{campaign_id}",
    "Tracking Pixel",
    "Campaigns",
    "The picture whose address a campaign prints. It needs no credential, because mail programs have none, and is the "
    "same for every campaign, known or not.",
    public=True,
    media_type="image/gif",
    parameters={
        "campaign_id": "The campaign.",
        MESSAGE: "The token of the message whose opening it tells.",
    },
)
