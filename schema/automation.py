"""Rules by which campaigns for one company react, and what they have set off."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry
from strawberry import UNSET

from domain.abm_rules import delay_text
from resolvers import abm_campaigns, scheduled_content
from resolvers import automation_rules as rules
from resolvers.reads import ToOne
from schema.engine.forms import attribute, change, collection, connection, derived, link, one
from schema.engine.inputs import mirrors
from schema.enums import ActionStatus, EngagementType, OncePer, RuleAction
from schema.nodes import Connection, Node, Payload

if TYPE_CHECKING:
    from schema.abm_campaigns import AbmCampaign
    from schema.contacts import Contact
    from schema.emails import Email
    from schema.engagements import EngagementEvent
    from schema.scheduled_content import ScheduledContent
    from schema.tasks import Task

_RULE = ToOne(rules.visible, "automation_rule")


@mirrors(rules.TriggeredActionFilter)
class TriggeredActionFilter:
    """Which reactions are wanted."""

    campaign: strawberry.ID | None = UNSET
    rule: strawberry.ID | None = UNSET
    contact: strawberry.ID | None = UNSET
    status: ActionStatus | None = UNSET
    action: RuleAction | None = UNSET
    scheduled_from: datetime | None = UNSET
    scheduled_to: datetime | None = UNSET


@strawberry.type(description="What a campaign does when something is noticed, and how long after it.")
class AutomationRule(Node, read=rules.visible):
    """What a campaign does when something is noticed, and how long after it."""

    trigger: EngagementType
    action: RuleAction
    delay: str = derived(delay_text, "delay_seconds", description="Such as 2 hours.")
    delay_seconds: int
    enabled: bool
    once_per: OncePer
    position: int
    created_at: datetime
    campaign: Annotated["AbmCampaign", strawberry.lazy("schema.abm_campaigns")] = link(abm_campaigns.of_rule)
    triggered_actions: Connection[Annotated["TriggeredAction", strawberry.lazy("schema.automation")]] = collection(
        rules.actions_of_rule, "What it has set off, newest first.", where=TriggeredActionFilter
    )


@strawberry.type(description="A rule that has fired for somebody.")
class TriggeredAction(Node, read=rules.visible_actions):
    """A rule that has fired for somebody."""

    action_type: RuleAction = attribute("action")
    scheduled_time: datetime = strawberry.field(description="When it is done: after what set it off, by its delay.")
    status: ActionStatus
    done_at: datetime | None
    note: str | None = strawberry.field(description="Why it was not done.")
    created_at: datetime
    rule: AutomationRule = link(rules.of_action)
    campaign: Annotated["AbmCampaign", strawberry.lazy("schema.abm_campaigns")] = link(abm_campaigns.of_action)
    engagement: Annotated["EngagementEvent", strawberry.lazy("schema.engagements")] = link(
        rules.engagement, "What set it off."
    )
    contact: Annotated["Contact", strawberry.lazy("schema.contacts")] | None = link(
        rules.contact, "Who did it; null for nobody but who may not read contacts."
    )
    content: Annotated["ScheduledContent", strawberry.lazy("schema.scheduled_content")] | None = link(
        scheduled_content.of_action, "The planned piece that was reacted to."
    )
    email: Annotated["Email", strawberry.lazy("schema.emails")] | None = link(rules.email)
    task: Annotated["Task", strawberry.lazy("schema.tasks")] | None = link(rules.task)


@mirrors(rules.RuleDraft)
class CreateAutomationRuleInput:
    """A rule to be made for a campaign."""

    campaign_id: strawberry.ID
    trigger: EngagementType
    action: RuleAction
    delay: str | None = strawberry.field(default=UNSET, description="Such as 2 hours; at once without it.")
    delay_seconds: int | None = UNSET
    enabled: bool | None = UNSET
    once_per: OncePer | None = strawberry.field(default=UNSET, description="ITEM without it.")


@mirrors(rules.RulePatch)
class UpdateAutomationRuleInput:
    """Changes to a rule: what is left out stays."""

    id: strawberry.ID
    trigger: EngagementType | None = UNSET
    action: RuleAction | None = UNSET
    delay: str | None = UNSET
    delay_seconds: int | None = UNSET
    enabled: bool | None = UNSET
    once_per: OncePer | None = UNSET


@strawberry.type
class CreateAutomationRulePayload(Payload):
    """The rule that was made."""

    automation_rule: AutomationRule | None = link(_RULE)


@strawberry.type
class UpdateAutomationRulePayload(Payload):
    """The rule as it is now."""

    automation_rule: AutomationRule | None = link(_RULE)


@strawberry.type
class DeleteAutomationRulePayload(Payload):
    """Which rule was deleted."""

    id: strawberry.ID | None


@strawberry.type
class AutomationQueries:
    """Reads of rules and reactions."""

    automation_rule: AutomationRule | None = one(rules.visible, "A rule of a campaign.")
    triggered_action: TriggeredAction | None = one(rules.visible_actions, "What a rule has set off.")
    triggered_actions: Connection[TriggeredAction] = connection(
        rules.search_actions, "What rules have set off, newest first.", where=TriggeredActionFilter
    )


@strawberry.type
class AutomationMutations:
    """What can be done with rules."""

    create_automation_rule: CreateAutomationRulePayload = change(rules.create, input=CreateAutomationRuleInput)
    update_automation_rule: UpdateAutomationRulePayload = change(rules.change, input=UpdateAutomationRuleInput)
    delete_automation_rule: DeleteAutomationRulePayload = change(rules.delete, id=strawberry.ID)
