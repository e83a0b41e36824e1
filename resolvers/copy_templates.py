"""Templates of texts: those that come with the product, and an organization's own in their place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import func, select

from domain.channels import Channel
from domain.content import CopyTemplate
from domain.errors import DomainError, Problem, conflict, invalid, required
from domain.events import EventType
from domain.intelligence.copy_manner import objective_of, word_of
from domain.intelligence.copy_templates import PARTS, VARIABLES, Template, carried, sample, unknown_variables
from domain.permissions import Permission
from domain.texts import TEXT, line, needed, text
from domain.values import iso
from domain.viewer import Viewer
from resolvers.reads import Listing, Statement, newest_first, reads, visibility, visible_to
from resolvers.unit import Keys, Unit, requires

TEMPLATES = 500
"""Most templates of an organization: all of its channel are looked at for every text."""


@dataclass(frozen=True, slots=True)
class CopyTemplateFilter:
    """Which of the organization's templates are wanted."""

    channel: Channel | None = None
    objective: str | None = None
    content_type: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyTemplateDraft:
    """A template in the organization's own words. Without an objective or a content type it is for any.

    Texts hold `{{variable}}` places. One with the name of a template that comes with the product stands in its place.
    """

    channel: Channel
    name: str
    objective: str | None = None
    content_type: str | None = None
    subject: str | None = None
    text: str | None = None
    connection_request: str | None = None
    follow_up_message: str | None = None
    post_content: str | None = None


@reads(CopyTemplate, Permission.READ_MARKETING)
def visible(viewer: Viewer) -> Statement:
    """The organization's own templates."""
    return visible_to(viewer, CopyTemplate)


@reads(CopyTemplate, Permission.READ_MARKETING)
def search(viewer: Viewer, where: CopyTemplateFilter | None = None) -> Listing:
    """The organization's own templates, newest first."""
    statement, where = visible_to(viewer, CopyTemplate), where or CopyTemplateFilter()
    if where.channel is not None:
        statement = statement.where(CopyTemplate.channel == where.channel)
    if where.objective is not None:
        statement = statement.where(CopyTemplate.objective == objective_of(where.objective))
    if where.content_type is not None:
        statement = statement.where(CopyTemplate.content_type == word_of(where.content_type))
    return Listing(statement, newest_first(CopyTemplate))


@dataclass(frozen=True, slots=True)
class CarriedTemplate:
    """A template that comes with the product, shown by the first way to say each of its sentences."""

    name: str
    channel: Channel
    content_types: list[str]
    needs: list[str]
    versions: int
    subject: str | None
    text: str | None
    connection_request: str | None
    follow_up_message: str | None
    post_content: str | None
    replaced: bool


@dataclass(frozen=True, slots=True)
class CarriedQuestion:
    """Of which channel the carried templates are wanted; of all without one."""

    channel: Channel | None = None

    permission = Permission.READ_MARKETING

    def statement(self, viewer: Viewer) -> Statement:
        """The names of the organization's own templates, by which they stand in place of carried ones."""
        return select(CopyTemplate.channel, CopyTemplate.name).where(*visibility(viewer, CopyTemplate)).distinct()

    def answer(self, rows: Sequence[Any]) -> list[CarriedTemplate]:
        """The carried templates of the channel, and whether each is replaced."""
        replaced = {(channel, name) for channel, name in rows}
        channels = [self.channel] if self.channel else list(Channel)
        return [
            _shown(template, (channel, template.name) in replaced)
            for channel in channels
            for template in carried(channel)
        ]


def _shown(template: Template, replaced: bool) -> CarriedTemplate:
    parts, versions = _sample(template.channel, template.name)
    return CarriedTemplate(
        name=template.name,
        channel=template.channel,
        content_types=list(template.content_types),
        needs=list(template.needs),
        versions=versions,
        replaced=replaced,
        **{name: parts.get(name) for name in _PARTS},
    )


@lru_cache
def _sample(channel: Channel, name: str) -> tuple[Mapping[str, str], int]:
    return next(sample(each) for each in carried(channel) if each.name == name)


@requires(Permission.WRITE_MARKETING)
async def save(unit: Unit, draft: CopyTemplateDraft) -> Keys:
    """Save a template of the organization; one of the same channel, objective, content type and name is replaced."""
    name = needed("name", draft.name).strip()
    key = {
        "channel": draft.channel,
        "objective": objective_of(line("objective", draft.objective)),
        "content_type": word_of(line("contentType", draft.content_type)),
        "name": name,
    }
    body = _body(draft)
    own = await unit.find(visible_to(unit.viewer, CopyTemplate).filter_by(**key).with_for_update())
    if own is None:
        await _room(unit)
        own = CopyTemplate(
            id=CopyTemplate.new_id(),
            organization_id=unit.viewer.organization_id,
            created_at=unit.now,
            body=body,
            updated_at=unit.now,
            **key,
        )
        unit.add(own)
    else:
        own.body, own.updated_at = body, unit.now
    unit.record(EventType.COPY_TEMPLATE_CHANGED, own, _facts(own))
    return {"copy_template": own.id}


@requires(Permission.WRITE_MARKETING)
async def delete(unit: Unit, id: str) -> Keys:
    """Delete a template of the organization; one that comes with the product is in its place again."""
    own = await unit.load(CopyTemplate, id)
    await unit.session.delete(own)
    unit.record(EventType.COPY_TEMPLATE_CHANGED, own, _facts(own))
    return {"deleted_id": own.id, "deleted": True, "deleted_at": iso(unit.now)}


def _facts(own: CopyTemplate) -> dict[str, Any]:
    return {"id": own.id, "name": own.name, "channel": own.channel.value}


async def _room(unit: Unit) -> None:
    counted = select(func.count()).where(*visibility(unit.viewer, CopyTemplate))
    if (await unit.session.execute(counted)).scalar_one() >= TEMPLATES:
        raise conflict(f"There are {TEMPLATES} templates already, which is the most: delete one first.", "name")


_PARTS = {
    "subject": "subject",
    "text": "text",
    "connection_request": "connectionRequest",
    "follow_up_message": "followUpMessage",
    "post_content": "postContent",
}
"""The parts of texts by what the input calls them."""


def _body(draft: CopyTemplateDraft) -> dict[str, str]:
    """The parts of the channel, every one of them there and none that it lacks.

    Raises:
        DomainError: every problem at once, unknown variables by name.
    """
    problems: list[Problem] = []
    body: dict[str, str] = {}
    for part, field in _PARTS.items():
        value, belongs = getattr(draft, part), part in PARTS[draft.channel]
        try:
            if belongs:
                body[part] = _part(field, value)
            elif value is not None:
                raise invalid(field, f"{field} is no part of a text for {draft.channel.value}.")
        except DomainError as error:
            problems.extend(error.problems)
    if problems:
        raise DomainError(problems)
    return body


def _part(field: str, value: str | None) -> str:
    if value is None or not value.strip():
        raise required(field)
    found = text(field, value, TEXT).replace("\r\n", "\n").strip()
    if field == "subject" and "\n" in found:
        raise invalid(field, "subject must be one line.")
    unknown = unknown_variables(found)
    if unknown:
        names = ", ".join(each[:40] for each in unknown[:10])
        raise invalid(field, f"{field} has places that nothing fills: {names}. There are {', '.join(VARIABLES)}.")
    return found
