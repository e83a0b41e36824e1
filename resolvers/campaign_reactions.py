"""What rules have set off is done when its delay is over: a message follows up, or somebody is asked to do a thing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import select

from domain.abm import AbmCampaign, ActionStatus, CampaignPersona, RuleAction, ScheduledContent, TriggeredAction
from domain.channels import Channel
from domain.contacts import Contact
from domain.engagement import EngagementEvent, EngagementType
from domain.events import EventType
from domain.intelligence.copy import CopyWanted, Draft, write
from domain.intelligence.copy_facts import CopyPersona
from domain.marketing import CampaignStatus
from domain.permissions import Permission
from domain.personas import Persona
from resolvers import campaign_mail, campaign_tasks, content_facts
from resolvers.campaign_mail import Reader, campaign_of
from resolvers.engagement_surroundings import leads_of
from resolvers.reads import Statement, visibility, visible_to
from resolvers.unit import Unit

_GONE = "The person is not known any more."
_UNSUBSCRIBED = "The person has unsubscribed."
_UNKNOWN = "The mail server does not know the person's address."
_WORDLESS = "No template fits what is known of the person."
_CHOICE = 16
"""Texts that a follow-up is chosen from, so that it does not say again what planned pieces say."""
_DONE: dict[EngagementType, str] = {
    EngagementType.EMAIL_OPEN: "opened an e-mail",
    EngagementType.LINK_CLICK: "followed a link",
    EngagementType.RESPONSE_RECEIVED: "replied",
    EngagementType.MEETING_SCHEDULED: "agreed to meet",
    EngagementType.MEETING_COMPLETED: "came to a meeting",
    EngagementType.CONVERSION: "became a customer",
    EngagementType.BOUNCE: "could not be reached by e-mail",
    EngagementType.OTHER: "did something",
}


async def react(unit: Unit, id: str, attempt: int) -> None:
    """Do what a rule has set off, unless it is done, in other hands, or its campaign does not run."""
    campaign = await campaign_of(unit, TriggeredAction, id)
    action = await unit.known(TriggeredAction, id, lock=True)
    if campaign is None or action is None or action.status is not ActionStatus.SCHEDULED or action.taken != attempt:
        return
    if campaign.status is not CampaignStatus.ACTIVE:
        action.due_at = None
        return
    reader = await _reader(unit, campaign, action.contact_id)
    skipped = _hindrance(reader)
    if reader and not skipped:
        skipped = await _do(unit, campaign, action, reader)
    action.status = ActionStatus.SKIPPED if skipped else ActionStatus.DONE
    action.due_at, action.note, action.done_at = None, skipped, None if skipped else unit.now
    unit.record(EventType.CAMPAIGN_ACTION_DONE, action, _facts(action))


def _hindrance(reader: Reader | None) -> str | None:
    if reader is None:
        return _GONE
    return _UNSUBSCRIBED if reader.unsubscribed else None


async def _do(unit: Unit, campaign: AbmCampaign, action: TriggeredAction, reader: Reader) -> str | None:
    """Do it; why it could not be done, or None."""
    if action.action is RuleAction.SEND_FOLLOW_UP_EMAIL:
        if reader.unknown:
            return _UNKNOWN
        draft = await _follow_up(unit, campaign, action, reader)
        if draft is None:
            return _WORDLESS
        action.email_id = await _send(unit, campaign, action, reader, draft)
        return None
    owned = await campaign_tasks.owners(unit, campaign.account_id, [reader])
    channel, what, text = await _work(unit, campaign, action, reader)
    task = await campaign_tasks.ask(
        unit, campaign, reader, owned, channel=channel, what=what, text=text, due=action.scheduled_time
    )
    # Before what names it, which the session would not put behind it by itself.
    await unit.flush()
    action.task_id = task.id
    return None


async def _work(
    unit: Unit, campaign: AbmCampaign, action: TriggeredAction, reader: Reader
) -> tuple[Channel, str, str | None]:
    """By what way somebody has to do what, and the text for it."""
    if action.action is RuleAction.SEND_LINKEDIN_CONNECTION:
        drafts = await _drafts(unit, campaign, reader, Channel.LINKEDIN, "connection_request", 1)
        return Channel.LINKEDIN, "connection request", drafts[0].connection_request if drafts else None
    cause = await unit.known(EngagementEvent, action.engagement_id)
    done = _DONE[cause.type] if cause else _DONE[EngagementType.OTHER]
    return Channel.OTHER, "follow-up", f"{reader.name or 'The person'} {done}. Follow up."


async def _follow_up(unit: Unit, campaign: AbmCampaign, action: TriggeredAction, reader: Reader) -> Draft | None:
    """A text made in another way than what it follows, and if there is one, than all that the campaign has planned."""
    drafts = await _drafts(unit, campaign, reader, Channel.EMAIL, "follow_up_email", _CHOICE)
    own = visible_to(unit.viewer, ScheduledContent).with_only_columns(ScheduledContent.id, ScheduledContent.variants)
    rows = (await unit.session.execute(own.where(ScheduledContent.campaign_id == campaign.id))).all()
    planned = {each.get("template") for row in rows for each in row.variants}
    followed = {each.get("template") for row in rows if row.id == action.item_id for each in row.variants}
    fresh = (each for used in (planned, followed) for each in drafts if each.template not in used)
    return next(fresh, drafts[0] if drafts else None)


async def _send(unit: Unit, campaign: AbmCampaign, action: TriggeredAction, reader: Reader, draft: Draft) -> str:
    said = {"subject": draft.subject, "text": draft.text, "html": draft.html}
    message = campaign_mail.letter(unit, campaign, reader, said, await leads_of(unit, [action.contact_id]))
    message.scheduled_for = action.scheduled_time
    unit.add(message)
    await unit.flush()
    unit.stir()
    return message.id


async def _drafts(
    unit: Unit, campaign: AbmCampaign, reader: Reader, channel: Channel, content_type: str, count: int
) -> list[Draft]:
    """Texts for one reader from what is known of their company, in the name of who has planned the campaign; read as
    whoever may read companies and campaigns.
    """

    async def rows(statement: Statement) -> Any:
        return (await unit.session.execute(statement)).all()

    may = frozenset({Permission.READ_ACCOUNTS, Permission.READ_MARKETING})
    sees = replace(unit.viewer, permissions=may, user_id=campaign.created_by_id)
    person = CopyPersona(name=reader.name, title=reader.title)
    facts = await content_facts.facts_of(rows, sees, campaign.account_id, person)
    wanted = CopyWanted(channel=channel, content_type=content_type, objective=campaign.objective, theme="follow-up")
    return write(wanted, facts, count)


async def _reader(unit: Unit, campaign: AbmCampaign, contact_id: str) -> Reader | None:
    """The person, as the persona of the campaign if it has them as one."""
    contact = await unit.known(Contact, contact_id)
    if contact is None:
        return None
    own = select(Persona).join(CampaignPersona, CampaignPersona.persona_id == Persona.id)
    own = own.where(*visibility(unit.viewer, Persona), CampaignPersona.campaign_id == campaign.id)
    persona: Persona | None = await unit.find(
        own.where(Persona.contact_id == contact_id).order_by(CampaignPersona.position, CampaignPersona.id)
    )
    unknown = await unit.session.scalar(select(campaign_mail.refused(unit, contact.id)))
    return Reader(persona, contact, bool(unknown))


def _facts(action: TriggeredAction) -> dict[str, Any]:
    return {
        "id": action.id,
        "campaignId": action.campaign_id,
        "contactId": action.contact_id,
        "action": action.action,
        "status": action.status,
        "emailId": action.email_id,
        "taskId": action.task_id,
        "note": action.note,
    }
