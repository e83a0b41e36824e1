"""Every read and every use case names its permission: one walk over all of them."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterable, Iterator
from types import ModuleType
from typing import Any

import pytest

import resolvers
from domain.permissions import Permission
from resolvers.reads import Read, ToMany, ToOne
from resolvers.unit import Unit
from schema.engine.forms import (
    Answer,
    AnyNode,
    Attribute,
    Change,
    Collection,
    Column,
    Derived,
    Link,
    One,
    Own,
    Paged,
    Reckoned,
    Service,
)
from schema.graph import plans

INNER = {
    # What the process itself does with a webhook that is given up.
    "resolvers.webhook_deliveries.disable",
    # Steps of use cases that have checked already.
    "resolvers.contacts.find_or_make",
    "resolvers.contacts.make",
    "resolvers.account_writes.find_or_make",
    "resolvers.persona_writes.find_or_make",
    "resolvers.ad_campaign_writes.found_or_made",
    "resolvers.ad_performance.store",
    "resolvers.campaign_totals.add_up",
    "resolvers.compliance_demands.take",
    "resolvers.compliance_alerts.tell",
    "resolvers.organizations.own",
    "resolvers.users.existing",
    "resolvers.users.named",
    "resolvers.teams.existing",
    "resolvers.keys.working_client",
    "resolvers.sandbox.ensure",
    "resolvers.sandbox_law.fill",
    "resolvers.quotas.spend",
    "resolvers.feedback_writes.store_many",
    "resolvers.feedback_erasing.erase_feedback",
    "resolvers.end_user_links.find_or_make",
    "resolvers.end_user_links.follow_contact",
    "resolvers.end_user_writes.existing",
    "resolvers.end_user_writes.found_or_made",
    "resolvers.churn.in_use",
    # What people do with what is their own: an invitation or a session has let them in.
    "resolvers.consents.withdraw",
    "resolvers.own_passwords.accept",
    "resolvers.own_passwords.change",
    # What the process itself tells of deadlines, on nobody's behalf.
    "resolvers.compliance_alerts.raise_due",
    # What the process itself does with due mail, on behalf of who scheduled it.
    "resolvers.mail_delivery.outgoing",
    "resolvers.mail_delivery.note_sent",
    "resolvers.mail_delivery.note_failed",
    "resolvers.mail_delivery.note_returned",
    # What the process itself does with batches, on behalf of who asked for them.
    "resolvers.job_work.keep_document",
    "resolvers.job_work.note_stopped",
    "resolvers.job_work.note_told",
    "resolvers.job_imports.begin",
    "resolvers.job_imports.advance",
    "resolvers.job_imports.finish",
    "resolvers.job_imports.give_up",
    # Whoever reads a message has no account here: that it was sent to them lets them in.
    "resolvers.tracking.opened",
    "resolvers.tracking.followed",
    "resolvers.tracking.seen_by_somebody",
    # What the process itself does with researches, on behalf of who began them, and with feeds.
    "resolvers.research_work.progress",
    "resolvers.research_work.complete",
    "resolvers.research_work.note_failed",
    "resolvers.news_writes.keep",
    "resolvers.news_writes.forget",
    # Steps of what pauses, resumes and completes a campaign.
    "resolvers.campaign_halts.hold",
    "resolvers.campaign_halts.release",
    "resolvers.campaign_halts.call_off",
    # What use cases that let somebody notice something have noted, and what follows from it.
    "resolvers.engagements.note",
    "resolvers.engagements.note_many",
    "resolvers.engagement_surroundings.surroundings",
    "resolvers.engagement_surroundings.rows_by_id",
    "resolvers.engagement_surroundings.leads_of",
    "resolvers.automation.fire",
    "resolvers.campaign_days.add",
    "resolvers.attribution.credit",
    # What the process itself does with what campaigns have planned, on behalf of who planned it.
    "resolvers.campaign_running.run",
    "resolvers.campaign_running.execute",
    "resolvers.campaign_running.end",
    "resolvers.campaign_reactions.react",
    "resolvers.abm_campaign_writes.finish",
    "resolvers.campaign_mail.campaign_of",
    "resolvers.campaign_mail.readers",
    "resolvers.campaign_mail.send",
    "resolvers.campaign_tasks.owners",
    "resolvers.campaign_tasks.ask",
    "resolvers.tasks.put",
    # Whoever got a campaign's mail may stop it.
    "resolvers.unsubscribing.unsubscribe",
}
OPEN_FIELDS = {
    # Who is asking is known from the credential alone; what hangs on it has permissions of its own.
    "Query.viewer",
    "Viewer.budget",
    # What is left of the caller's own quota.
    "ResearchAccountPayload.quota",
    "GenerateContentPayload.quota",
    "CreateAbmCampaignPayload.quota",
    # Any kind of thing by its id: the permission is that kind's own.
    "Query.node",
    "Event.subject",
    "AuditEntry.subject",
    "TimelineEntry.subject",
}


def modules() -> Iterator[ModuleType]:
    for found in pkgutil.iter_modules(resolvers.__path__):
        yield importlib.import_module(f"resolvers.{found.name}")


def takes_unit(function: Callable[..., Any]) -> bool:
    parameters = list(inspect.signature(function).parameters.values())
    return bool(parameters) and parameters[0].annotation in ("Unit", Unit)


def use_cases() -> Iterator[tuple[str, Callable[..., Any]]]:
    for module in modules():
        for name, value in vars(module).items():
            public = inspect.iscoroutinefunction(value) and not name.startswith("_")
            if public and value.__module__ == module.__name__ and takes_unit(value):
                yield f"{module.__name__}.{name}", value


def test_every_use_case_requires_a_permission() -> None:
    lacking = {name for name, function in use_cases() if not hasattr(function, "permission")}
    assert lacking == INNER


def test_writing_use_cases_require_a_writing_permission() -> None:
    required = {function.permission for _, function in use_cases() if hasattr(function, "permission")}
    assert required == {
        Permission.WRITE_LEADS,
        Permission.WRITE_USERS,
        Permission.WRITE_CLIENTS,
        Permission.WRITE_WEBHOOKS,
        Permission.WRITE_MARKETING,
        Permission.WRITE_ACCOUNTS,
        Permission.ADMIN,
        Permission.WRITE_COMPLIANCE,
        Permission.WRITE_FEEDBACK,
    }


def test_every_read_names_a_reading_permission() -> None:
    found = [value for module in modules() for value in vars(module).values() if isinstance(value, Read)]
    assert len(found) > 10
    assert all(read.permission.value.startswith("read:") for read in found)


def test_every_reckoning_names_a_reading_permission_and_its_arguments() -> None:
    for type_ in plans.types.values():
        for plan in type_.fields.values():
            if isinstance(plan.form, Reckoned):
                reckoning = plan.form.reckoning
                assert reckoning.permission.value.startswith("read:")
                assert {each.python_name for each in plan.declared.arguments} <= set(reckoning.arguments), plan.name


def test_every_relation_goes_by_a_read() -> None:
    relations = [v for module in modules() for v in vars(module).values() if isinstance(v, ToOne | ToMany)]
    assert len(relations) > 10
    assert all(isinstance(relation.read, Read) for relation in relations)


def fields() -> Iterator[tuple[str, Any]]:
    for name, type_ in plans.types.items():
        for field, plan in type_.fields.items():
            yield f"{name}.{field}", plan.form


def _one_of(permissions: Iterable[Permission]) -> Permission:
    """The permission of reads that are tried in turn, each of which has one."""
    return next(iter(permissions))


def permission_of(form: Any) -> Permission | None:
    match form:
        case One():
            return _one_of(read.permission for read in form.reads)
        case Paged():
            return form.read.permission
        case Link():
            return _one_of(to.read.permission for to in form.tos)
        case Collection():
            return form.to.read.permission
        case Reckoned():
            return form.reckoning.permission
        case Change():
            return getattr(form.use_case, "permission", None)
        case Answer():
            return getattr(form.question, "permission", None)
        case Service():
            return form.permission
    return None


PLAIN = (Attribute, Column, Derived)
"""Values of a row: whoever may read the row may read them."""


def test_every_field_that_looks_something_up_or_changes_something_has_a_permission() -> None:
    lacking = {
        name
        for name, form in fields()
        if not isinstance(form, PLAIN) and permission_of(form) is None and not name.startswith("Subscription.")
    }
    assert lacking == OPEN_FIELDS
    kinds = {type(form) for name, form in fields() if name in OPEN_FIELDS}
    assert kinds == {Own, AnyNode, Service}


def test_every_mutation_is_a_use_case() -> None:
    assert all(isinstance(form, Change) for name, form in fields() if name.startswith("Mutation."))


OTHERS = {
    Permission.ADMIN: {"updateOrganization", "updateWriter"},
    Permission.WRITE_USERS: {
        "inviteUser",
        "resendInvitation",
        "resetPassword",
        "updateUser",
        "disableUser",
        "enableUser",
        "createTeam",
        "updateTeam",
        "deleteTeam",
    },
    Permission.WRITE_CLIENTS: {
        "createClient",
        "updateClient",
        "revokeClient",
        "createKey",
        "rotateKey",
        "revokeKey",
        "rotateSecret",
        "revokeAccess",
    },
    Permission.WRITE_COMPLIANCE: {
        "createDocumentBatch",
        "retryBatchEntries",
        "uploadComplianceDocument",
        "processComplianceDocument",
        "updateComplianceDocument",
        "deleteComplianceDocument",
        "createComplianceItem",
        "updateComplianceItem",
        "assignComplianceItem",
        "changeComplianceItemStatus",
        "triggerComplianceItem",
        "deleteComplianceItem",
        "acknowledgeComplianceAlert",
        "enterRegulatoryUpdate",
        "updateRegulatoryUpdate",
        "deleteRegulatoryUpdate",
        "importRegulatoryUpdates",
    },
    Permission.WRITE_MARKETING: {
        "recordEngagement",
        "recordEngagements",
        "createAdCampaign",
        "updateAdCampaign",
        "importAdPerformance",
        "analyzeCampaign",
        "optimizeBudget",
        "localizeContent",
        "createTranslation",
        "updateTranslation",
        "deleteTranslation",
        "importTranslations",
        "createGlossaryTerm",
        "updateGlossaryTerm",
        "deleteGlossaryTerm",
        "putMarketProfile",
        "deleteMarketProfile",
        "createAbmCampaign",
        "updateAbmCampaign",
        "pauseAbmCampaign",
        "resumeAbmCampaign",
        "completeAbmCampaign",
        "createAutomationRule",
        "updateAutomationRule",
        "deleteAutomationRule",
        "updateScheduledContent",
        "cancelScheduledContent",
        "generateContent",
        "updateContentVariant",
        "saveCopyTemplate",
        "deleteCopyTemplate",
    },
    Permission.WRITE_ACCOUNTS: {
        "createAccount",
        "updateAccount",
        "createContact",
        "updateContact",
        "createPersona",
        "updatePersona",
        "deletePersona",
        "researchAccount",
        "savePlaybook",
        "deletePlaybook",
        "importNews",
    },
    Permission.WRITE_FEEDBACK: {
        "collectFeedback",
        "createFeedbackBatch",
        "correctFeedback",
        "deleteFeedback",
        "upsertEndUser",
        "recordChurn",
        "recordRetention",
        "recordChurnOutcomes",
        "eraseEndUser",
        "predictChurn",
    },
    Permission.WRITE_WEBHOOKS: {
        "createWebhook",
        "updateWebhook",
        "pauseWebhook",
        "resumeWebhook",
        "deleteWebhook",
        "rotateWebhookSecret",
        "redeliverWebhook",
        "redeliverWebhooks",
        "pingWebhook",
    },
}
"""What needs more than writing leads: managing access, or what leaves the house."""


@pytest.mark.parametrize("name", [name for name, _ in fields() if name.startswith("Mutation.")])
def test_no_mutation_goes_without_leave(name: str) -> None:
    own = {permission for permission, names in OTHERS.items() if name.removeprefix("Mutation.") in names}
    assert {permission_of(dict(fields())[name])} == (own or {Permission.WRITE_LEADS})
