"""What is compiled beside queries: payloads of mutations, and events of subscriptions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from graphql import get_named_type

from domain.event_log import Event
from schema.compiled.composing import Composer, Run, Unsupported
from schema.compiled.givings import reading
from schema.compiled.levels import Level, Raw
from schema.compiled.relations import relate
from schema.compiled.respelling import Respelling
from schema.context import Context
from schema.engine.binding import changing
from schema.engine.forms import Change, Stream
from schema.engine.plan import Details, FieldPlan
from schema.engine.rows import Row


class Written:
    """One object that is given, written with whatever it leads to."""

    def __init__(self, composer: Composer, plan: FieldPlan, details: Details, shape: Respelling | None) -> None:
        type_ = composer.rooms.plans.types[get_named_type(plan.graphql.type).name]
        self._level = Level(composer, type_, [(details, shape)], relate, given=True)

    def steps(self, row: Row, run: Run) -> Raw:
        """What is written of it."""
        ((written,),) = yield from self._level.run(self._level.rows_of([row]), run)
        return written


class Changed:
    """One field of a mutation: it is done as ever, and its payload written."""

    def __init__(
        self, composer: Composer, key: str, plan: FieldPlan, details: Details, shape: Respelling | None
    ) -> None:
        self.key = key
        self._read = reading(plan.graphql, details[0].node)
        self._change = changing(composer.rooms.plans, plan)
        self._written = Written(composer, plan, details, shape)

    async def change(self, context: Context, variables: Mapping[str, Any]) -> Row:
        """Do it: the payload, which is settled from then on.

        Raises:
            Exception: whatever it was refused for, which is settled as well.
        """
        arguments = self._read(variables)
        try:
            payload = await self._change(context, self.key, arguments)
        except Exception as error:
            context.settled[self.key] = error
            raise
        context.settled[self.key] = payload
        return payload

    def steps(self, payload: Row, run: Run) -> Raw:
        """What is written of its payload."""
        return (yield from self._written.steps(payload, run))


class Mutation:
    """A mutation: its fields one after another."""

    def __init__(self, composer: Composer, shape: Respelling | None) -> None:
        """Compose it.

        Raises:
            Unsupported: when something of it cannot be.
        """
        self.fields: list[Changed] = []
        for key, plan, details in _roots(composer, Change):
            part = shape.fields.get(key) if shape is not None else None
            self.fields.append(Changed(composer, key, plan, details, part))
        self.permissions = frozenset(composer.permissions)


class Heard:
    """The events of a subscription, each written as it comes."""

    def __init__(self, composer: Composer) -> None:
        """Compose it.

        Raises:
            Unsupported: when something of it cannot be.
        """
        self._fields = [
            (key, Written(composer, plan, details, None)) for key, plan, details in _roots(composer, Stream)
        ]
        self.permissions = frozenset(composer.permissions)

    def steps(self, event: Event, run: Run) -> Raw:
        """The data of one event."""
        row = Row(Event, {attribute.key: getattr(event, attribute.key) for attribute in Event.__mapper__.column_attrs})
        data: dict[str, Any] = {}
        for key, written in self._fields:
            data[key] = yield from written.steps(row, run)
        return data


def _roots(composer: Composer, form: type) -> Sequence[tuple[str, FieldPlan, Details]]:
    """The fields at the top, which are all of a form."""
    plans = composer.rooms.plans
    root = plans.schema.get_root_type(composer.operation.operation)
    assert root is not None  # noqa: S101 - validation has seen it
    found = []
    for key, details in composer.roots(root):
        plan = plans.types[root.name].fields.get(details[0].node.name.value)
        if plan is None or not isinstance(plan.form, form):
            raise Unsupported(details[0].node.name.value)
        found.append((key, plan, details))
    return found
