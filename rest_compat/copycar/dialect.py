"""CopyCar as one object: where it is mounted, what it serves."""

from __future__ import annotations

from pathlib import Path

from domain.abm import ActionStatus, ItemStatus, RuleAction
from domain.channels import Channel
from domain.engagement import EngagementType
from domain.levels import Level
from domain.marketing import CampaignStatus
from domain.research import ResearchStatus
from domain.viewer import Dialect as DialectName
from rest_compat.copycar import accounts, campaigns, content, insights, performance, research
from rest_compat.copycar.advice import ADVICE
from rest_compat.copycar.errors import ERRORS
from rest_compat.copycar.telling import TELLING
from rest_compat.copycar.tokens import PATH as TOKEN_PATH
from rest_compat.copycar.tokens import TOKENS
from rest_compat.copycar.tracking import PIXEL
from rest_compat.engine.dialect import Dialect
from rest_compat.engine.spelling import Scalar, Spelling

BASE = "/v2/ultimate"
"""The printed base URL ends with it, and the printed paths begin with it: it is there once (CC-03)."""

_WORDS = (Level, Channel, CampaignStatus, ItemStatus, ActionStatus, RuleAction, EngagementType, ResearchStatus)
_STORABLE = Scalar("must be text", {"type": "string"}, {"type": "string", "pattern": r"^[^\x00]*$"})
SPELLING = Spelling(
    words={kind.__name__: {each.name: each.name.lower() for each in kind} for kind in _WORDS},
    scalars={"String": _STORABLE},
)


def is_native(path: str) -> bool:
    """Whether a bare path on a neutral host is meant for this product (X-01, X-04)."""
    return path == BASE or path.startswith(f"{BASE}/")


COPYCAR = Dialect(
    name=DialectName.COPYCAR.value,
    title="CopyCar.ai Ultimate ABM API",
    version="v2",
    description="Account-based marketing, as documented for CopyCar.ai Ultimate.",
    hosts=frozenset({"api.copycarai.com"}),
    mount="/copycar",
    bases=(BASE,),
    native=is_native,
    folder=Path(__file__).parent,
    routes=(
        *research.ROUTES,
        *content.ROUTES,
        *campaigns.ROUTES,
        *accounts.ROUTES,
        *performance.ROUTES,
        *insights.ROUTES,
    ),
    served=(PIXEL,),
    beside=(TOKENS,),
    errors=ERRORS,
    spelling=SPELLING,
    security={
        "Bearer": {"type": "http", "scheme": "bearer", "description": "An access token."},
        "ApiKey": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
        "ApiSecret": {"type": "apiKey", "in": "header", "name": "X-API-Secret"},
        "OAuth": {
            "type": "oauth2",
            "flows": {
                "clientCredentials": {
                    "tokenUrl": f"{{site}}{BASE}{TOKEN_PATH}",
                    "scopes": {"ultimate:read": "Read everything.", "ultimate:write": "Change everything."},
                }
            },
        },
    },
    # The documented methods 1 to 3, and the key alone, which is all its SDKs have (CC-01).
    together=(("Bearer", "ApiKey"), ("ApiKey", "ApiSecret"), ("OAuth",), ("Bearer",), ("ApiKey",)),
    credential_header=("X-API-Key", "YOUR_API_KEY"),
    advice=ADVICE,
    telling=TELLING,
)
