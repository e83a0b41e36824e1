"""Giving every declared field of a schema its resolver, in graphql-core's own signature."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from graphql import get_named_type
from graphql.execution.collect_fields import FieldDetails

from domain.errors import DomainError, Kind, forbidden, invalid, not_found
from domain.event_log import Event
from domain.events import EventType
from domain.leads import Lead
from domain.permissions import Permission
from domain.viewer import Viewer
from domain.visibility import heard_by, may_hear, permission_for
from resolvers import cursors, events, leads
from resolvers.unit import Unit
from schema.context import Context, Info
from schema.engine.fetch import Fetch
from schema.engine.following import Following
from schema.engine.forms import (
    Answer,
    AnyNode,
    Attribute,
    Change,
    Column,
    Derived,
    One,
    Own,
    Paged,
    Promised,
    Service,
    Stream,
)
from schema.engine.inputs import refuse_unstorable
from schema.engine.plan import FieldPlan, Plans, Wanted, declared_fields
from schema.engine.rows import Row, as_row

_FIXABLE = (Kind.INVALID, Kind.NOT_FOUND, Kind.CONFLICT)
"""Kinds a caller can do something about: they are answered in the payload, the others are errors of the operation."""


def bind(plans: Plans) -> None:
    """Bind a resolver to every declared and every plain field of the schema."""
    for type_ in plans.types.values():
        for name, field, _ in declared_fields(type_.graphql):
            plan = type_.fields.get(name)
            if plan is None:
                continue
            if isinstance(plan.form, Promised):
                raise TypeError(f"{type_.graphql.name}.{name} is promised by an interface and given by nobody.")
            if isinstance(plan.form, Stream):
                field.subscribe, field.resolve = _subscribe(plans, plan), _event(plans, plan)
            else:
                field.resolve = _resolver(plans, plan)


def _resolver(plans: Plans, plan: FieldPlan) -> Callable[..., Any]:
    form = plan.form
    if isinstance(form, Attribute):
        return _nested_attribute(form.name) if plan.target else _attribute(form.name)
    if isinstance(form, Column):
        return _attribute(plan.name)
    if isinstance(form, Derived):
        return _derived(form)
    makers: dict[type, Callable[[Plans, FieldPlan], Callable[..., Any]]] = {
        One: _one,
        Paged: _paged,
        Answer: _answer,
        Own: _own,
        Service: _service,
        Change: _change,
    }
    if isinstance(form, AnyNode) and form.value is None:
        return _any_node(plans, plan)
    maker = makers.get(type(form))
    return maker(plans, plan) if maker else _related


def _attribute(name: str) -> Callable[..., Any]:
    def resolve(source: Any, info: Info) -> Any:
        return source.values[name] if type(source) is Row else getattr(source, name)

    return resolve


def _nested_attribute(name: str) -> Callable[..., Any]:
    def resolve(source: Any, info: Info) -> Any:
        return as_row(source.values[name]) if type(source) is Row else getattr(source, name)

    return resolve


def _derived(form: Derived) -> Callable[..., Any]:
    def resolve(source: Row, info: Info) -> Any:
        return form.function(*(source.values[name] for name in form.needs))

    def located(source: Row, info: Info) -> Any:
        return form.function(info.context.boundary.public_url, *(source.values[name] for name in form.needs))

    return located if form.located else resolve


def _related(source: Row, info: Info, **arguments: Any) -> Any:
    """What the fetch put beside the row for this very field, or why it was refused."""
    found = source.related[id(info.field_nodes[0])]
    if isinstance(found, DomainError):
        raise found
    return found


def _asked(plan: FieldPlan, info: Info) -> Wanted:
    return Wanted(plan, [FieldDetails(node, None) for node in info.field_nodes])


def _one(plans: Plans, plan: FieldPlan) -> Callable[..., Any]:
    reads = plan.form.reads  # type: ignore[union-attr]

    async def resolve(source: Any, info: Info, id: str) -> Row | None:
        async with info.context.reading() as run:
            fetch, details = Fetch(plans, info, run), _asked(plan, info).details
            for read in reads:
                if found := await fetch.one(read, id, details):
                    return found
        return None

    return resolve


def _any_node(plans: Plans, plan: FieldPlan) -> Callable[..., Any]:
    async def resolve(source: Any, info: Info, id: str) -> Row | None:
        async with info.context.reading() as run:
            return (await Fetch(plans, info, run).any({id}, _asked(plan, info).details)).get(id)

    return resolve


def _paged(plans: Plans, plan: FieldPlan) -> Callable[..., Any]:
    read = plan.form.read  # type: ignore[union-attr]

    async def resolve(source: Any, info: Info, **arguments: Any) -> Any:
        async with info.context.reading() as run:
            return await Fetch(plans, info, run).page(read, _asked(plan, info))

    return resolve


def _answer(plans: Plans, plan: FieldPlan) -> Callable[..., Any]:
    question_type = plan.form.question  # type: ignore[union-attr]

    async def resolve(source: Any, info: Info, **arguments: Any) -> Row:
        context: Context = info.context
        viewer = context.known_viewer()
        viewer.require(question_type.permission)
        refuse_unstorable(arguments)
        question = question_type(**plans.converted(plan.declared, arguments))
        async with context.reading() as run:
            answer = as_row(question.answer(await run(question.statement(viewer))))
            await _complete(plans, plan, info, answer, Fetch(plans, info, run))
        return answer  # type: ignore[no-any-return]

    return resolve


def _own(plans: Plans, plan: FieldPlan) -> Callable[..., Any]:
    function: Any = plan.form.function  # type: ignore[union-attr]

    async def resolve(source: Any, info: Info) -> Row:
        answer = as_row(function(info.context.known_viewer()))
        async with info.context.reading() as run:
            await _complete(plans, plan, info, answer, Fetch(plans, info, run))
        return answer  # type: ignore[no-any-return]

    return resolve


def _service(plans: Plans, plan: FieldPlan) -> Callable[..., Any]:
    form: Any = plan.form

    async def resolve(source: Any, info: Info, **arguments: Any) -> Any:
        if form.permission is not None:
            info.context.known_viewer().require(form.permission)
        answer = as_row(await form.function(info.context, **plans.converted(plan.declared, arguments)))
        async with info.context.reading() as run:
            await _complete(plans, plan, info, answer, Fetch(plans, info, run))
        return answer

    return resolve


def _change(plans: Plans, plan: FieldPlan) -> Callable[..., Any]:
    change = changing(plans, plan)

    async def resolve(source: Any, info: Info, **arguments: Any) -> Row:
        context: Context = info.context
        path = ".".join(str(part) for part in info.path.as_list())
        payload = context.settled.get(path)
        if isinstance(payload, Exception):
            raise payload
        if payload is None:
            payload = await change(context, path, arguments)
        async with context.reading() as run:
            await _complete(plans, plan, info, payload, Fetch(plans, info, run))
        return payload

    return resolve


def changing(plans: Plans, plan: FieldPlan) -> Callable[[Context, str, dict[str, Any]], Awaitable[Row]]:
    """How a mutation is done: its payload, whose relations are still to be read, for its place and arguments."""
    assert isinstance(plan.form, Change)  # noqa: S101 - each form has a binding of its own
    use_case, prepare, line = plan.form.use_case, plan.form.prepare, plan.form.line
    payload_type = get_named_type(plan.graphql.type)
    blank = _blank(plans, payload_type.name)

    async def change(context: Context, path: str, arguments: dict[str, Any]) -> Row:
        viewer = context.known_viewer()
        # Before a file is read, too: what may not be done is not looked at.
        viewer.require(use_case.permission)  # type: ignore[attr-defined]
        (draft,) = plans.converted(plan.declared, arguments).values()

        async def work(unit: Unit) -> dict[str, Any]:
            return await use_case(unit, draft)

        try:
            if prepare:
                async with context.aside():
                    draft = await context.unless_left(prepare(context.desk(), draft))
            if line is None:
                keys = await context.boundary.transact(viewer, work, context.claim, path)
            else:
                async with context.in_line(line):
                    keys = await context.boundary.transact(viewer, work, context.claim, path)
        except DomainError as error:
            if error.kind not in _FIXABLE:
                raise
            context.refused.append(error.code)
            keys = {"errors": _problems(error)}
        return Row(None, {**blank, "errors": [], **keys})

    return change


def _blank(plans: Plans, payload: str) -> dict[str, Any]:
    """A payload that says nothing yet, with the fallbacks its type declares."""
    type_ = plans.types[payload]
    origin = type_.graphql.extensions["strawberry-definition"].origin
    return {each.name: None for each in type_.fields.values()} | getattr(origin, "blank", {})


def _problems(error: DomainError) -> list[dict[str, Any]]:
    return [{"code": each.code, "message": each.message, "field": each.field} for each in error.problems]


async def _complete(plans: Plans, plan: FieldPlan, info: Info, found: Row | list[Row], fetch: Fetch) -> None:
    type_ = plans.types[get_named_type(plan.graphql.type).name]
    await fetch.complete(type_, found if isinstance(found, list) else [found], [_asked(plan, info).details])


def _subscribe(plans: Plans, plan: FieldPlan) -> Callable[..., Any]:
    async def subscribe(source: Any, info: Info, **arguments: Any) -> Following:
        context: Context = info.context
        viewer = context.known_viewer()
        refuse_unstorable(arguments)
        wanted = plans.converted(plan.declared, arguments)
        types, lead_id = wanted.get("types"), wanted.get("lead_id")
        _require_something_to_hear(viewer, types)
        if lead_id:
            viewer.require(Permission.READ_LEADS)
            await _existing_lead(context, lead_id)
        place, newest = await _place(context, wanted.get("after"))

        def meant(event: Event) -> bool:
            asked = (not types or event.type in types) and (not lead_id or event.lead_id == lead_id)
            return asked and may_hear(viewer, event)

        return Following(context.boundary, viewer.organization_id, place, newest, meant)

    return subscribe


def _require_something_to_hear(viewer: Viewer, types: Sequence[EventType] | None) -> None:
    """Who would never be told anything is refused rather than kept waiting."""
    if types:
        needed = [permission_for(each) for each in types]
        if viewer.permissions.isdisjoint(needed):
            raise forbidden(needed[0].value)
    elif not heard_by(viewer):
        raise forbidden(Permission.READ_LEADS.value)


async def _place(context: Context, after: str | None) -> tuple[int, int]:
    """Where in the log a subscriber begins, and the number of the newest event.

    Raises:
        DomainError: CURSOR_EXPIRED for a place the log has forgotten, INVALID for one it has not reached.
    """
    # Who comes back repeats the old request, `after` included, and adds how far it got since.
    field, cursor = ("after", after) if context.resume_after is None else ("Last-Event-ID", context.resume_after)
    place = None if cursor is None else cursors.sequence_of(cursor, field)
    async with context.reading() as run:
        forgotten, newest = (await run(events.kept(context.known_viewer().organization_id)))[0]
    if place is None:
        return newest, newest
    if place < forgotten:
        raise events.log_cut(forgotten, newest)
    if place > newest:
        raise invalid(field, f"{field} is beyond the newest event: expected a cursor of an earlier answer.")
    return place, newest


async def _existing_lead(context: Context, id: str) -> None:
    statement = leads.visible.build(context.known_viewer()).where(Lead.id == id).with_only_columns(Lead.id)
    async with context.reading() as run:
        if not await run(statement):
            raise not_found(Lead.label, id, "leadId")


def _event(plans: Plans, plan: FieldPlan) -> Callable[..., Any]:
    columns = [attribute.key for attribute in Event.__mapper__.column_attrs]

    async def resolve(event: Event, info: Info, **arguments: Any) -> Row:
        row = Row(Event, {name: getattr(event, name) for name in columns})
        async with info.context.reading() as run:
            await _complete(plans, plan, info, row, Fetch(plans, info, run))
        return row

    return resolve
