"""What somebody tells of engagement that this server could not notice by itself: replies, meetings, calls, deals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from ipaddress import ip_address
from typing import Any

from sqlalchemy import and_, or_

from domain.abm import AbmCampaign, ScheduledContent
from domain.channels import Channel
from domain.contacts import Contact
from domain.emails import Email
from domain.engagement import EngagementEvent, EngagementType
from domain.engagement_rules import MAIL
from domain.errors import DomainError, Problem, invalid, not_found, required
from domain.permissions import Permission
from domain.texts import TEXT, line, storable
from domain.values import ABSENT, Absent, Moment, new_id, present, start_of
from resolvers import engagements
from resolvers.engagement_surroundings import Seen, rows_by_id
from resolvers.reads import visible_to
from resolvers.sql import padded
from resolvers.unit import Keys, Unit, requires

OLDEST = timedelta(days=1096)
"""How long ago something may have happened that is told."""
AHEAD = timedelta(minutes=1)
"""By how much the clock of whoever tells may be fast."""
_URL, _PROGRAM = 2_000, 500


@dataclass(frozen=True, slots=True, kw_only=True)
class LocationDraft:
    """Where somebody was."""

    city: str | None = None
    state: str | None = None
    country: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EngagementDraft:
    """Engagement as it is told: of a message, or of a person, perhaps in a campaign."""

    type: EngagementType
    campaign_id: str | Absent | None = ABSENT
    contact_id: str | Absent | None = ABSENT
    content_id: str | Absent | None = ABSENT
    email_id: str | Absent | None = ABSENT
    occurred_at: Moment | Absent | None = ABSENT
    url: str | Absent | None = ABSENT
    channel: Channel | Absent | None = ABSENT
    user_agent: str | Absent | None = ABSENT
    ip_address: str | Absent | None = ABSENT
    location: LocationDraft | Absent | None = ABSENT
    external_id: str | Absent | None = ABSENT
    note: str | Absent | None = ABSENT


@dataclass(frozen=True, slots=True)
class EngagementBatch:
    """Engagement told together."""

    items: list[EngagementDraft]


@requires(Permission.WRITE_MARKETING)
async def record(unit: Unit, draft: EngagementDraft) -> Keys:
    """Note engagement that somebody tells of; told again by the same external id, it is what was noted then."""
    (found,) = await _record(unit, [draft], "")
    return {"engagement": found}


@requires(Permission.WRITE_MARKETING)
async def record_many(unit: Unit, batch: EngagementBatch) -> Keys:
    """Note several; when something is wrong with one of them, none is noted."""
    if not batch.items:
        raise required("items", "items must hold at least one engagement.")
    if len(batch.items) > unit.bulk:
        raise invalid("items", f"items must hold at most {unit.bulk} engagements, not {len(batch.items)}.")
    found = await _record(unit, batch.items, "items.")
    return {"results": [{"engagement": each} for each in found], "recorded": len(set(found))}


async def _record(unit: Unit, drafts: Sequence[EngagementDraft], prefix: str) -> list[str]:
    """The ids of what was told, each as it was noted now or before."""
    named = await _named(unit, drafts)
    seen: list[Seen] = []
    problems: list[Problem] = []
    for place, draft in enumerate(drafts):
        try:
            seen.append(_seen(unit, draft, named))
        except DomainError as error:
            at = f"{prefix}{place}." if prefix else ""
            problems.extend(Problem(each.code, each.message, f"{at}{each.field}") for each in error.problems)
    if problems:
        raise DomainError(problems)
    noted = await engagements.note_many(unit, await _with_messages(unit, seen))
    known = await _known(unit, [each.source_key for each, new in zip(seen, noted, strict=True) if new is None])
    return [new.id if new else known[each.source_key] for each, new in zip(seen, noted, strict=True)]


@dataclass(slots=True)
class _Named:
    """The rows that drafts name."""

    contacts: dict[str, Contact] = field(default_factory=dict)
    campaigns: dict[str, AbmCampaign] = field(default_factory=dict)
    emails: dict[str, Email] = field(default_factory=dict)
    items: dict[str, ScheduledContent] = field(default_factory=dict)
    local: dict[tuple[str, str], ScheduledContent] = field(default_factory=dict)

    def item(self, campaign_id: str | None, content_id: str) -> ScheduledContent:
        """The planned piece by its own id, or by the one it has in its campaign (CC-21)."""
        found = self.items.get(content_id) or self.local.get((campaign_id or "", content_id))
        if found is None:
            raise not_found(ScheduledContent.label, content_id, "contentId")
        if campaign_id and found.campaign_id != campaign_id:
            raise invalid("contentId", "contentId must be of the campaign that campaignId names.")
        return found


async def _named(unit: Unit, drafts: Sequence[EngagementDraft]) -> _Named:
    named = _Named(
        await rows_by_id(unit, Contact, _sent(drafts, "contact_id")),
        await rows_by_id(unit, AbmCampaign, _sent(drafts, "campaign_id")),
        await rows_by_id(unit, Email, _sent(drafts, "email_id")),
    )
    contents = _sent(drafts, "content_id")
    if contents:
        own = ScheduledContent.id.in_(padded(contents))
        local = and_(
            ScheduledContent.local_id.in_(padded(contents)),
            ScheduledContent.campaign_id.in_(padded(_sent(drafts, "campaign_id"))),
        )
        for row in await unit.session.scalars(visible_to(unit.viewer, ScheduledContent).where(or_(own, local))):
            named.items[row.id] = named.local[row.campaign_id, row.local_id] = row
    return named


def _sent(drafts: Sequence[EngagementDraft], name: str) -> list[str]:
    values = {present(getattr(each, name), None) for each in drafts}
    return sorted(each for each in values if each and storable(each))


def _seen(unit: Unit, draft: EngagementDraft, named: _Named) -> Seen:
    """A draft, checked.

    Raises:
        DomainError: NOT_FOUND or INVALID, naming the field.
    """
    message = _row(named.emails, Email, draft.email_id, "emailId")
    person = _row(named.contacts, Contact, draft.contact_id, "contactId")
    campaign = _row(named.campaigns, AbmCampaign, draft.campaign_id, "campaignId")
    if message is None and person is None:
        raise required("contactId", "contactId is required where no emailId says whose engagement it was.")
    if message and person and message.contact_id and message.contact_id != person.id:
        raise invalid("contactId", "contactId must be the recipient of the message that emailId names.")
    if message and campaign and message.campaign_id != campaign.id:
        raise invalid("emailId", "emailId must be a message of the campaign that campaignId names.")
    content = present(draft.content_id, None)
    item = named.item(campaign.id if campaign else None, content) if content is not None else None
    external = line("externalId", present(draft.external_id, None))
    return Seen(
        type=draft.type,
        source_key=f"told:{external}" if external else f"once:{new_id('told')}",
        occurred_at=_moment(unit, present(draft.occurred_at, None)),
        contact_id=person.id if person else None,
        campaign_id=campaign.id if campaign else (item.campaign_id if item else None),
        item_id=item.id if item else None,
        email_id=message.id if message else None,
        channel=present(draft.channel, None),
        url=line("url", present(draft.url, None), _URL),
        user_agent=line("userAgent", present(draft.user_agent, None), _PROGRAM),
        ip_address=_address(present(draft.ip_address, None)),
        note=line("note", present(draft.note, None), TEXT),
        **_place(present(draft.location, None)),
    )


def _row(rows: dict[str, Any], entity: Any, id: str | Absent | None, name: str) -> Any:
    wanted = present(id, None)
    if wanted is None:
        return None
    if wanted not in rows:
        raise not_found(entity.label, wanted, name)
    return rows[wanted]


def _moment(unit: Unit, given: Moment | None) -> datetime:
    at = start_of(given) if given else unit.now
    if not unit.now - OLDEST <= at <= unit.now + AHEAD:
        raise invalid("occurredAt", f"occurredAt must be in the past, at most {OLDEST.days} days ago.")
    return min(at, unit.now)


def _address(given: str | None) -> str | None:
    if not given or not given.strip():
        return None
    try:
        return str(ip_address(given.strip()))
    except ValueError:
        raise invalid("ipAddress", "ipAddress must be an IP address such as 192.0.2.1.") from None


def _place(given: LocationDraft | None) -> dict[str, str | None]:
    names = ("city", "state", "country")
    return {name: line(f"location.{name}", getattr(given, name)) if given else None for name in names}


async def _with_messages(unit: Unit, seen: Sequence[Seen]) -> list[Seen]:
    """What was done with mail, each with its message where nobody has named it.

    That is the piece's own, or the campaign's newest that had left by then: who replies, replies to the last.
    """
    loose = [each for each in seen if each.type in MAIL and not each.email_id and each.contact_id and each.campaign_id]
    if not loose:
        return list(seen)
    sent: dict[tuple[str | None, str | None], list[Email]] = {}
    mail = visible_to(unit.viewer, Email).where(
        Email.contact_id.in_(padded(sorted({each.contact_id for each in loose if each.contact_id}))),
        Email.campaign_id.in_(padded(sorted({each.campaign_id for each in loose if each.campaign_id}))),
        Email.sent_at.is_not(None),
    )
    for row in await unit.session.scalars(mail.order_by(Email.sent_at.desc(), Email.id.desc())):
        sent.setdefault((row.contact_id, row.campaign_id), []).append(row)
    wanted = {each.source_key for each in loose}
    return [
        _joined(each, sent.get((each.contact_id, each.campaign_id), ())) if each.source_key in wanted else each
        for each in seen
    ]


def _joined(seen: Seen, mail: Sequence[Email]) -> Seen:
    for each in mail:
        of_item = each.item_id == seen.item_id if seen.item_id else True
        if of_item and each.sent_at and each.sent_at <= seen.occurred_at + AHEAD:
            return replace(seen, email_id=each.id)
    return seen


async def _known(unit: Unit, keys: Sequence[str]) -> dict[str, str]:
    if not keys:
        return {}
    statement = visible_to(unit.viewer, EngagementEvent).with_only_columns(
        EngagementEvent.source_key, EngagementEvent.id
    )
    rows = await unit.session.execute(statement.where(EngagementEvent.source_key.in_(padded(sorted(keys)))))
    return {row.source_key: row.id for row in rows}
