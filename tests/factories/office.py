"""An administrator at work: what is done, what is told of it, what is noted, and what every process has to hear."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import select

from domain.access import AccessChange
from domain.audit import AuditEntry
from domain.event_log import Event
from domain.viewer import Viewer
from gateway.database import Database
from tests.graphs import Answer, Graph


@dataclass(frozen=True)
class Office:
    """Does mutations of one input, and looks what they left in the logs."""

    database: Database
    graph: Graph
    organization: str

    async def ask(self, name: str, fields: str, viewer: Viewer | None = None, /, **given: Any) -> Answer:
        """The answer to a mutation whose argument is its input, or an id alone, as `by={argument: id}`."""
        by: dict[str, str] | None = given.pop("by", None)
        if by:
            ((argument, value),) = by.items()
            query = f"mutation ($id: ID!) {{ {name}({argument}: $id) {{ {fields} errors {{ code field }} }} }}"
            return await self.graph(query, {"id": value}, viewer=viewer)
        kind = f"{name[0].upper()}{name[1:]}Input"
        query = f"mutation ($input: {kind}!) {{ {name}(input: $input) {{ {fields} errors {{ code field }} }} }}"
        return await self.graph(query, {"input": given}, viewer=viewer)

    async def do(self, name: str, fields: str = "__typename", viewer: Viewer | None = None, /, **given: Any) -> Any:
        """The payload of a mutation that nothing forbids."""
        answer = await self.ask(name, fields, viewer, **given)
        assert answer.errors == [], answer.errors
        return answer.data[name]

    async def done(self, name: str, fields: str = "__typename", viewer: Viewer | None = None, /, **given: Any) -> Any:
        """The payload of a mutation that succeeds."""
        payload = await self.do(name, fields, viewer, **given)
        assert payload["errors"] == []
        return payload

    async def refused(self, name: str, /, **given: Any) -> list[tuple[str, str]]:
        """Code and field of every reason a mutation is refused for; it leaves nothing in the logs."""
        before = (await self.told(), await self.noted())
        payload = await self.do(name, **given)
        assert (await self.told(), await self.noted()) == before
        return [(each["code"], each["field"]) for each in payload["errors"]]

    async def told(self) -> list[tuple[str, str, str | None]]:
        """Type, subject and audience of every event of the organization."""
        columns = select(Event.type, Event.subject_id, Event.audience)
        rows = await self.database.rows(
            columns.where(Event.organization_id == self.organization).order_by(Event.sequence)
        )
        return [(type_.value, subject, audience) for type_, subject, audience in rows]

    async def facts(self) -> dict[str, Any]:
        """The facts of the newest event."""
        newest = select(Event.data).where(Event.organization_id == self.organization).order_by(Event.sequence.desc())
        facts: dict[str, Any] = (await self.database.rows(newest.limit(1)))[0][0]
        return facts

    async def noted(self) -> list[tuple[str, str | None]]:
        """Operation and subject of every entry of the audit log."""
        own = AuditEntry.organization_id == self.organization
        rows = await self.database.rows(
            select(AuditEntry.operation, AuditEntry.subject_id).where(own).order_by(AuditEntry.id)
        )
        return [(operation, subject) for operation, subject in rows]

    async def heard(self, *subjects: str) -> set[str]:
        """Which of these every process has been told to look at anew."""
        rows = await self.database.rows(
            select(AccessChange.subject_id).where(AccessChange.subject_id.in_(list(subjects)))
        )
        return {row[0] for row in rows}


@pytest.fixture
def office(database: Database, graph: Graph, organization: str) -> Office:
    """The office of the test's administrator."""
    return Office(database, graph, organization)
