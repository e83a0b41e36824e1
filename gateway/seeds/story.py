"""The demo's story: what happened between the printed company and the three products, told in one graph.

TechCorp was researched, its CTO became a lead, the printed campaign wrote to her for four weeks, and what she did with
it stands on the lead's timeline. Her feedback and the law of her industry are told in modules of their own.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from domain.abm import (
    AbmCampaign,
    ActionStatus,
    AutomationRule,
    CampaignDay,
    CampaignPersona,
    ItemStatus,
    ScheduledContent,
    TriggeredAction,
)
from domain.abm_plan import PlannedItem, WeekPlan, end_of, schedule
from domain.abm_rules import TRIGGERS, reactions
from domain.activities import Activity, ActivityType
from domain.channels import Channel
from domain.contacts import Contact
from domain.emails import Email, EmailStatus
from domain.engagement import EngagementEvent, EngagementType
from domain.engagement_rules import COUNTERS, channel_of, scope_key, score
from domain.entity import Entity
from domain.leads import InsuranceType, Lead
from domain.levels import Basis
from domain.marketing import CampaignStatus
from domain.tasks import Task, TaskPriority, TaskStatus, TaskType
from gateway.seeds.printed import JANE, ORGANIZATION
from gateway.seeds.rows import new_lead
from gateway.seeds.story_research import ACCOUNT, MICHAEL, SARAH, SARAH_AS_CONTACT, known_of_techcorp, owned

CAMPAIGN, LEAD = "cmp_789123456", "lead_demo_sarah"
_ADDRESS = "sarah.johnson@techcorp.com"
_MADE = datetime(2024, 1, 20, 10, 40, tzinfo=UTC)
_START, _WEEKS = date(2024, 1, 22), 4
_PRINTED_CHANNELS = (Channel.EMAIL, Channel.LINKEDIN, Channel.WEBSITE, Channel.DIRECT_MAIL)
_PLANS = (
    ("Introduction & Value", "email linkedin", "insight_email connection_request"),
    ("Social Proof & Case Studies", "email linkedin website", "case_study_email social_proof_post landing_page"),
    ("Relationship Building", "email linkedin direct_mail", "personal_story_email engagement_post physical_mail"),
    ("Conversion & Demo Request", "email linkedin phone", "demo_request_email social_proof_post call_script"),
)
_SUBJECTS = (
    "AWS costs growing 300%? Here's how TechCorp can scale smarter",
    "How a team like yours scales",
    "What we learned about growing fast",
    "Half an hour next week?",
)
_DID = (
    # Week of the mail, hours after it left, what Sarah did.
    (1, 0.1, EngagementType.EMAIL_OPEN),
    (2, 1.2, EngagementType.EMAIL_OPEN),
    (2, 1.3, EngagementType.LINK_CLICK),
    (3, 0.5, EngagementType.EMAIL_OPEN),
    (4, 0.2, EngagementType.EMAIL_OPEN),
    (4, 0.3, EngagementType.LINK_CLICK),
    (4, 3.0, EngagementType.RESPONSE_RECEIVED),
    (4, 26.0, EngagementType.MEETING_SCHEDULED),
    (4, 99.0, EngagementType.MEETING_COMPLETED),
)


def story(contacts: dict[str, Contact]) -> list[Entity]:
    """Everything of it, the lead first; `contacts` are the demo's by their ids."""
    lead = _lead(contacts[SARAH_AS_CONTACT])
    planned = _planned()
    items = [_item(each) for each in planned]
    mail = [_mail(item, week) for week, item in enumerate(_of_channel(items, Channel.EMAIL), 1)]
    rules = _rules()
    done = _engagements(mail)
    actions = _actions(rules, done)
    tasks = [_task(item) for item in items if item.channel is not Channel.EMAIL]
    people = [_for_persona(SARAH, 0), _for_persona(MICHAEL, 1)]
    timeline = [_entry(lead, 0, lead.created_at, ActivityType.LEAD_CREATED, "Lead created from partner")]
    timeline += _told(lead, mail)
    made = [*known_of_techcorp(), lead, _campaign(), *people, *items, *rules, *mail, *tasks]
    return [*made, *done, *actions, *_days(mail, done), *timeline]


def _lead(sarah: Contact) -> Lead:
    return new_lead(
        LEAD,
        ORGANIZATION,
        datetime(2024, 1, 21, 15, 5, tzinfo=UTC),
        status="contacted",
        source="partner",
        email=_ADDRESS,
        first_name="Sarah",
        last_name="Johnson",
        city="San Francisco",
        state="CA",
        insurance_type=InsuranceType.COMMERCIAL,
        tags=[],
        custom_fields={"campaignId": CAMPAIGN},
        assigned_to_id=JANE,
        contact=sarah,
    )


def _planned() -> list[PlannedItem]:
    plans = {
        week: WeekPlan(
            week,
            theme,
            tuple(Channel(each.upper()) for each in channels.split()),
            tuple(types.split()),
        )
        for week, (theme, channels, types) in enumerate(_PLANS, 1)
    }
    return schedule(_START, _WEEKS, "weekly", _PRINTED_CHANNELS, plans)


def _campaign() -> AbmCampaign:
    end = end_of(_START, _WEEKS)
    likely = {"basis": Basis.PRIOR.value, "cases": 0}
    campaign: AbmCampaign = owned(
        AbmCampaign,
        CAMPAIGN,
        _MADE,
        account_id=ACCOUNT,
        name="TechCorp Infrastructure Optimization Campaign",
        status=CampaignStatus.COMPLETED,
        campaign_type="multi_channel_abm",
        objective="schedule_demo",
        channels=[each.value for each in _PRINTED_CHANNELS],
        start_date=datetime.combine(_START, time(), UTC),
        end_date=end,
        duration_weeks=_WEEKS,
        frequency="weekly",
        strategy=[
            {
                "week": week,
                "theme": theme,
                "channels": [each.upper() for each in channels.split()],
                "content_types": types.split(),
            }
            for week, (theme, channels, types) in enumerate(_PLANS, 1)
        ],
        personalization_level="ultimate",
        include_ai_insights=True,
        dynamic_content=True,
        behavioral_triggers=True,
        automation_enabled=True,
        automation_triggers=[each.value for each in TRIGGERS],
        automation_optimization=True,
        automation_ab_testing=False,
        expected_response_rate=0.28,
        expected_meeting_conversion=0.18,
        expected_roi=3.4,
        expected={
            "response_rate": {"value": 0.28, "low": 0.15, "high": 0.42} | likely,
            "meeting_conversion": {"value": 0.18, "low": 0.08, "high": 0.3} | likely,
            "roi": {"value": 3.4, "low": 1.2, "high": 6.0} | likely,
        },
        tokens_used=4500,
        completed_at=end,
        updated_at=end,
        created_by_id=JANE,
    )
    return campaign


def _for_persona(persona: str, position: int) -> CampaignPersona:
    row: CampaignPersona = owned(
        CampaignPersona,
        f"c{persona}",
        _MADE,
        campaign_id=CAMPAIGN,
        persona_id=persona,
        position=position,
    )
    return row


def _item(planned: PlannedItem) -> ScheduledContent:
    mail = planned.channel is Channel.EMAIL
    subject = _SUBJECTS[planned.week - 1] if mail else None
    text = f"{planned.theme}: written for {{{{first_name}}}}."
    item: ScheduledContent = owned(
        ScheduledContent,
        f"item_demo_{planned.local_id.removeprefix('cnt_')}",
        _MADE,
        campaign_id=CAMPAIGN,
        local_id=planned.local_id,
        week=planned.week,
        position=planned.position,
        date=planned.date,
        type=planned.type,
        channel=planned.channel,
        content_type=planned.content_type,
        subject=subject,
        message=None if mail else text.replace("{{first_name}}", "Sarah"),
        variants=[
            {"key": "A", "template": None, "subject": subject, "text": text, "html": None, "preview": None},
        ],
        status=ItemStatus.SENT if mail else ItemStatus.ASSIGNED,
        send_time=planned.send_time,
        executed_at=planned.send_time,
    )
    return item


def _of_channel(items: list[ScheduledContent], channel: Channel) -> list[ScheduledContent]:
    return [each for each in items if each.channel is channel]


def _mail(item: ScheduledContent, week: int) -> Email:
    did = {kind: _at(item, hours) for number, hours, kind in _DID if number == week}
    mail: Email = owned(
        Email,
        f"email_demo_sarah_{week}",
        item.send_time,
        lead_id=LEAD,
        contact_id=SARAH_AS_CONTACT,
        campaign_id=CAMPAIGN,
        item_id=item.id,
        status=EmailStatus.SENT,
        to=[_ADDRESS],
        subject=item.subject,
        body=f"Hi Sarah,\n\n{item.subject}\n\nJane",
        html=False,
        scheduled_for=item.send_time,
        sent_at=item.send_time,
        opened_at=did.get(EngagementType.EMAIL_OPEN),
        clicked_at=did.get(EngagementType.LINK_CLICK),
        replied_at=did.get(EngagementType.RESPONSE_RECEIVED),
        created_by_id=JANE,
    )
    return mail


def _at(item: ScheduledContent, hours: float) -> datetime:
    return item.send_time + timedelta(minutes=round(60 * hours))


def _rules() -> list[AutomationRule]:
    return [
        owned(
            AutomationRule,
            f"rule_demo_{position}",
            _MADE,
            campaign_id=CAMPAIGN,
            position=position,
            trigger=trigger,
            action=reaction.action,
            delay_seconds=int(reaction.delay.total_seconds()),
            enabled=True,
            once_per=reaction.once_per,
        )
        for position, (trigger, reaction) in enumerate(reactions(TRIGGERS), 1)
    ]


def _engagements(mail: list[Email]) -> list[EngagementEvent]:
    found: list[EngagementEvent] = []
    shown: defaultdict[int, set[EngagementType]] = defaultdict(set)
    for number, (week, hours, kind) in enumerate(_DID, 1):
        message = mail[week - 1]
        shown[week].add(kind)
        at = message.created_at + timedelta(minutes=round(60 * hours))
        by_mail = kind in (EngagementType.EMAIL_OPEN, EngagementType.LINK_CLICK, EngagementType.RESPONSE_RECEIVED)
        found.append(
            owned(
                EngagementEvent,
                f"eng_demo_{number:02}",
                at,
                type=kind,
                channel=channel_of(kind, Channel.EMAIL if by_mail else None),
                occurred_at=at,
                hour=at.replace(minute=0),
                score=score(shown[week]),
                counted=True,
                source_key=f"demo:{number}",
                account_id=ACCOUNT,
                contact_id=SARAH_AS_CONTACT,
                campaign_id=CAMPAIGN,
                item_id=message.item_id,
                email_id=message.id if by_mail else None,
                city="San Francisco",
                state="CA",
                country="US",
            )
        )
    return found


def _actions(rules: list[AutomationRule], done: list[EngagementEvent]) -> list[Entity]:
    """What the rules did: a connection once, a follow-up for every mail whose link was followed."""
    found: list[Entity] = []
    fired: set[tuple[str, str]] = set()
    for event in done:
        for rule in rules:
            key = scope_key(rule.once_per, SARAH_AS_CONTACT, event.item_id)
            if rule.trigger is not event.type or (rule.id, key) in fired:
                continue
            fired.add((rule.id, key))
            at = event.occurred_at + timedelta(seconds=rule.delay_seconds)
            found.append(
                owned(
                    TriggeredAction,
                    f"trig_demo_{len(fired):02}",
                    event.occurred_at,
                    rule_id=rule.id,
                    campaign_id=CAMPAIGN,
                    engagement_id=event.id,
                    contact_id=SARAH_AS_CONTACT,
                    item_id=event.item_id,
                    scope_key=key,
                    action=rule.action,
                    scheduled_time=at,
                    status=ActionStatus.DONE,
                    done_at=at,
                )
            )
    return found


def _task(item: ScheduledContent) -> Task:
    kind = TaskType.CALL if item.channel is Channel.PHONE else TaskType.OTHER
    task: Task = owned(
        Task,
        f"task_demo_{item.local_id.removeprefix('cnt_')}",
        item.send_time,
        lead_id=LEAD,
        contact_id=SARAH_AS_CONTACT,
        campaign_id=CAMPAIGN,
        item_id=item.id,
        title=f"{item.type.replace('_', ' ').capitalize()} to Sarah Johnson",
        description=item.message,
        priority=TaskPriority.MEDIUM,
        status=TaskStatus.COMPLETED,
        type=kind,
        due_date=item.send_time,
        assignee_id=JANE,
        updated_at=item.send_time + timedelta(hours=1),
        completed_at=item.send_time + timedelta(hours=1),
    )
    return task


def _days(mail: list[Email], done: list[EngagementEvent]) -> list[Entity]:
    counts: defaultdict[date, dict[str, Any]] = defaultdict(lambda: defaultdict(int))
    for message in mail:
        day = counts[message.created_at.date()]
        day["emails_sent"] += 1
        day["emails_delivered"] += 1
    for event in done:
        day = counts[event.occurred_at.date()]
        day["engagements"] += 1
        day["score_sum"] += event.score
        if event.type in COUNTERS:
            day[COUNTERS[event.type]] += 1
    return [
        owned(CampaignDay, f"cday_demo_{day}", _MADE, campaign_id=CAMPAIGN, day=day, **counted)
        for day, counted in counts.items()
    ]


def _told(lead: Lead, mail: list[Email]) -> list[Activity]:
    found: list[Activity] = []
    for message in mail:
        sent, opened = f"E-mail sent: {message.subject}", f"E-mail opened: {message.subject}"
        found.append(_entry(lead, len(found) + 1, message.created_at, ActivityType.EMAIL_SENT, sent, message.id))
        if message.opened_at:
            found.append(_entry(lead, len(found) + 1, message.opened_at, ActivityType.EMAIL_OPENED, opened, message.id))
    return found


def _entry(
    lead: Lead, number: int, at: datetime, kind: ActivityType, text: str, email_id: str | None = None
) -> Activity:
    details = {"emailId": email_id} if email_id else {"source": "partner"}
    activity: Activity = owned(
        Activity,
        f"act_demo_sarah_{number:02}",
        at,
        lead_id=lead.id,
        type=kind,
        description=text,
        details=details,
        created_by_id=JANE,
    )
    return activity
