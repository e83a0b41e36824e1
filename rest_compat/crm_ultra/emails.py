"""Emails (documentation, section API Endpoints / Emails)."""

from __future__ import annotations

from rest_compat.engine.answers import record, take
from rest_compat.engine.arguments import body, path
from rest_compat.engine.routes import Route

ROUTES = (
    Route(
        "POST",
        "/leads/{lead_id}/emails",
        "SendEmail",
        take("sendEmail.email"),
        (
            path("lead_id", "input.leadId", "Id of the lead."),
            body("to", "input.to", note="Addresses; the lead's own when absent."),
            body("subject", "input.subject", note="Required without a template, whose subject it replaces."),
            body("body", "input.body", note="Required without a template, whose body it replaces."),
            body("templateId", "input.templateId", note="Id of a template."),
            body("scheduledFor", "input.scheduledFor", note="Sent at that time; otherwise immediately."),
        ),
        status=201,
        title="Send Email",
        group="Emails",
        example="emails_send",
        sample="/leads/lead_123456789/emails",
    ),
    Route(
        "GET",
        "/emails/templates",
        "ListEmailTemplates",
        record({"templates": take("emailTemplates.nodes")}),
        title="Get Email Templates",
        group="Emails",
        example="email_templates_list",
    ),
)
