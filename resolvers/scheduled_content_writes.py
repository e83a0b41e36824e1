"""What can be done with planned pieces that have not left yet: change when, change what is said, take back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import func, select

from domain.abm import AbmCampaign, CampaignPersona, ScheduledContent
from domain.abm_texts import adopted, reworded, shown, unknown_places
from domain.channels import Channel
from domain.content import Content, ContentVariant
from domain.emails import is_html
from domain.errors import conflict, invalid, not_found, required
from domain.events import EventType
from domain.marketing import CampaignStatus
from domain.permissions import Permission
from domain.personas import Persona
from domain.texts import TEXT, needed, storable
from domain.values import ABSENT, Absent, Moment, iso, present, whole_second
from resolvers.campaign_mail import campaign_of
from resolvers.drafts import taken
from resolvers.reads import visible_to
from resolvers.unit import Keys, Unit, requires

_SUBJECT, _HTML = 500, 200_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduledContentPatch:
    """Changes to a planned piece: what is absent stays. Of several versions `variant` says which is changed.

    Without HTML of its own, a changed text of an e-mail makes its HTML anew. A `content_id` takes the texts over that
    were generated for the same company and channel. Of anything but an e-mail, `message` is another word for `text`.
    """

    id: str
    send_time: Moment | Absent | None = ABSENT
    content_id: str | Absent | None = ABSENT
    variant: str | Absent | None = ABSENT
    subject: str | Absent | None = ABSENT
    text: str | Absent | None = ABSENT
    message: str | Absent | None = ABSENT
    html: str | Absent | None = ABSENT


@requires(Permission.WRITE_MARKETING)
async def change(unit: Unit, patch: ScheduledContentPatch) -> Keys:
    """Change a planned piece that waits for its time."""
    item, campaign = await _open(unit, patch.id)
    if not isinstance(patch.send_time, Absent):
        _put_off(unit, item, campaign, patch.send_time)
    content_id = present(patch.content_id, None)
    if content_id is not None:
        await _adopt(unit, item, campaign, content_id)
    _reword(item, patch)
    reader = await _first_reader(unit, campaign)
    item.subject, item.message = shown(item.variants, item.channel, reader)
    _told(unit, campaign)
    return {"scheduled_content": item.id}


@requires(Permission.WRITE_MARKETING)
async def cancel(unit: Unit, id: str) -> Keys:
    """Take a planned piece back that waits for its time."""
    item, campaign = await _open(unit, id)
    item.cancel()
    _told(unit, campaign)
    return {"scheduled_content": item.id}


async def _open(unit: Unit, id: str) -> tuple[ScheduledContent, AbmCampaign]:
    """A piece that still waits."""
    campaign = await campaign_of(unit, ScheduledContent, id) if storable(id) else None
    if campaign is None:
        raise not_found(ScheduledContent.label, id)
    campaign.require_open()
    item = await unit.load(ScheduledContent, id)
    item.require_open()
    # Who has taken it up to execute it finds that it is another one now.
    item.taken += 1
    return item, campaign


def _put_off(unit: Unit, item: ScheduledContent, campaign: AbmCampaign, moment: Moment | None) -> None:
    if moment is None:
        raise required("sendTime")
    if campaign.status is not CampaignStatus.ACTIVE:
        raise conflict("The campaign is paused: its plan moves when it is resumed.", "sendTime")
    # A day alone keeps the time of day.
    at = whole_second(moment if isinstance(moment, datetime) else datetime.combine(moment, item.send_time.timetz()))
    earliest = max(unit.now, campaign.start_date)
    if not earliest <= at <= campaign.end_date:
        ends = iso(campaign.end_date)
        raise invalid("sendTime", f"sendTime must be from {iso(earliest)} to the campaign's end, {ends}.")
    item.send_time = item.due_at = at
    item.date = at.date()


def _reword(item: ScheduledContent, patch: ScheduledContentPatch) -> None:
    checks: Mapping[str, Callable[[Any], Any]] = {
        "subject": lambda value: " ".join(_said("subject", value, _SUBJECT).split()),
        "text": partial(_said, "text", longest=TEXT),
        "message": partial(_said, "message", longest=TEXT),
        "html": _markup,
    }
    values = taken(patch, checks)
    for name in values:
        if (name == "message") is (item.channel is Channel.EMAIL) and name != "text":
            raise invalid(name, f"{name} is no part of what is planned for {item.channel.value}.")
    if "message" in values:
        values["text"] = values.pop("message")
    if values:
        place = _version(item, present(patch.variant, None))
        # A new list, or the session would not see the change.
        item.variants = [
            reworded(each, values) if number == place else each for number, each in enumerate(item.variants)
        ]


def _version(item: ScheduledContent, key: str | None) -> int:
    """Which version is meant."""
    keys = [each["key"] for each in item.variants]
    if key is None and len(keys) == 1:
        return 0
    if not keys:
        raise conflict("There is no text to change: give it a contentId first.", "variant")
    if key not in keys:
        raise invalid("variant", f"variant must be one of {', '.join(keys)}.")
    return keys.index(key)


def _said(field: str, value: str | None, longest: int) -> str:
    text = needed(field, value, longest).replace("\r\n", "\n").strip()
    unknown = unknown_places(text)
    if unknown:
        raise invalid(
            field, f"{field} can name {{{{first_name}}}} and {{{{full_name}}}}, not {', '.join(unknown)[:80]}."
        )
    return text


def _markup(value: str | None) -> str:
    html = _said("html", value, _HTML)
    if not is_html(html):
        raise invalid("html", "html must begin as HTML does, such as with <!doctype html> or <p>.")
    return html


async def _adopt(unit: Unit, item: ScheduledContent, campaign: AbmCampaign, content_id: str) -> None:
    """Take over what was generated; two versions where they are compared."""
    content = await unit.known(Content, content_id)
    if content is None or content.account_id != campaign.account_id:
        raise not_found(Content.label, content_id, "contentId")
    own = visible_to(unit.viewer, ContentVariant).where(ContentVariant.content_id == content.id)
    ordered = own.where(ContentVariant.channel == item.channel).order_by(ContentVariant.position)
    written = list(await unit.session.scalars(ordered))
    if not written:
        raise invalid("contentId", f"contentId must be of a content with a text for {item.channel.value}.")
    most = max(1, len(item.variants))
    item.content_id = content.id
    item.variants = adopted(written[:most], item.content_type or "", content.facts)


async def _first_reader(unit: Unit, campaign: AbmCampaign) -> str | None:
    """Whose name stands in what is shown: that of the most influential persona, the first of equals."""
    own = select(Persona.name).join(CampaignPersona, CampaignPersona.persona_id == Persona.id)
    ordered = own.where(CampaignPersona.campaign_id == campaign.id).order_by(
        func.coalesce(Persona.influence, 0).desc(), CampaignPersona.position
    )
    name: str | None = await unit.session.scalar(ordered.limit(1))
    return name


def _told(unit: Unit, campaign: AbmCampaign) -> None:
    campaign.updated_at = unit.now
    unit.record(EventType.CAMPAIGN_UPDATED, campaign, campaign.facts())
