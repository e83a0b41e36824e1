"""E-mail templates."""

from __future__ import annotations

from dataclasses import dataclass

from domain.errors import invalid
from domain.events import EventType
from domain.permissions import Permission
from domain.templates import EmailTemplate, slug_of, variables_in
from domain.texts import LINE, TEXT, needed
from domain.values import ABSENT, Absent, new_id
from domain.viewer import Viewer
from resolvers.reads import Listing, Statement, newest_first, reads, visible_to
from resolvers.unit import Keys, Unit, requires

VARIABLES = 50
"""Most variables of one template."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateDraft:
    """A template to be made; without a list, the variables it uses are allowed."""

    name: str
    subject: str
    body: str
    variables: list[str] | Absent | None = ABSENT


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplatePatch:
    """Changes to a template."""

    id: str
    name: str | Absent | None = ABSENT
    subject: str | Absent | None = ABSENT
    body: str | Absent | None = ABSENT
    variables: list[str] | Absent | None = ABSENT


@reads(EmailTemplate, Permission.READ_LEADS)
def visible(viewer: Viewer) -> Statement:
    """Templates of the organization."""
    return visible_to(viewer, EmailTemplate)


@reads(EmailTemplate, Permission.READ_LEADS)
def search(viewer: Viewer) -> Listing:
    """Templates, newest first."""
    return Listing(visible_to(viewer, EmailTemplate), newest_first(EmailTemplate))


@requires(Permission.WRITE_LEADS)
async def create(unit: Unit, draft: TemplateDraft) -> Keys:
    """Make a template; its id is a readable slug, made unique without looking at other organizations."""
    name = needed("name", draft.name).strip()
    template = EmailTemplate(
        id=f"{EmailTemplate.prefix}_{slug_of(name)}_{new_id('')[-8:]}",
        organization_id=unit.viewer.organization_id,
        created_at=unit.now,
        updated_at=unit.now,
        name=name,
        subject=needed("subject", draft.subject, LINE),
        body=needed("body", draft.body, TEXT),
        variables=_variables(draft.variables, draft.subject, draft.body),
    )
    unit.add(template)
    unit.record(EventType.TEMPLATE_CREATED, template, {"id": template.id, "name": template.name})
    return {"email_template": template.id}


@requires(Permission.WRITE_LEADS)
async def change(unit: Unit, patch: TemplatePatch) -> Keys:
    """Merge changes into a template."""
    template = await unit.load(EmailTemplate, patch.id)
    before = (template.name, template.subject, template.body, template.variables)
    if not isinstance(patch.name, Absent):
        template.name = needed("name", patch.name).strip()
    if not isinstance(patch.subject, Absent):
        template.subject = needed("subject", patch.subject, LINE)
    if not isinstance(patch.body, Absent):
        template.body = needed("body", patch.body, TEXT)
    if not isinstance(patch.variables, Absent):
        template.variables = _variables(patch.variables, template.subject, template.body)
    if before != (template.name, template.subject, template.body, template.variables):
        template.updated_at = unit.now
        unit.record(EventType.TEMPLATE_UPDATED, template, {"id": template.id, "name": template.name})
    return {"email_template": template.id}


def _variables(wanted: list[str] | Absent | None, *texts: str) -> list[str]:
    if isinstance(wanted, Absent) or wanted is None:
        return variables_in(*texts)
    if len(wanted) > VARIABLES:
        raise invalid("variables", f"variables must be at most {VARIABLES} names.")
    for name in wanted:
        if not name.isidentifier() or not name.isascii():
            raise invalid("variables", "variables must be names of letters, digits and underscores.")
    return list(dict.fromkeys(wanted))
