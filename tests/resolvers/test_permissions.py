"""Every read and every use case names its permission: one walk over all of them."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator
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
    Service,
)
from schema.graph import plans

INNER = {
    # What the process itself does with a webhook that is given up.
    "resolvers.webhook_deliveries.disable",
    # Steps of use cases that have checked already.
    "resolvers.contacts.find_or_make",
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
}
OPEN_FIELDS = {
    # Who is asking is known from the credential alone; what hangs on it has permissions of its own.
    "Query.viewer",
    "Viewer.budget",
    # Any kind of thing by its id: the permission is that kind's own.
    "Query.node",
    "Event.subject",
    "AuditEntry.subject",
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
        Permission.ADMIN,
        Permission.WRITE_COMPLIANCE,
        Permission.WRITE_FEEDBACK,
    }


def test_every_read_names_a_reading_permission() -> None:
    found = [value for module in modules() for value in vars(module).values() if isinstance(value, Read)]
    assert len(found) > 10
    assert all(read.permission.value.startswith("read:") for read in found)


def test_every_relation_goes_by_a_read() -> None:
    relations = [v for module in modules() for v in vars(module).values() if isinstance(v, ToOne | ToMany)]
    assert len(relations) > 10
    assert all(isinstance(relation.read, Read) for relation in relations)


def fields() -> Iterator[tuple[str, Any]]:
    for name, type_ in plans.types.items():
        for field, plan in type_.fields.items():
            yield f"{name}.{field}", plan.form


def permission_of(form: Any) -> Permission | None:
    match form:
        case One() | Paged():
            return form.read.permission
        case Link() | Collection():
            return form.to.read.permission
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
