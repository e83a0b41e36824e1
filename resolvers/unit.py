"""One unit of work: a session, a viewer, a clock, and what happened. Only the boundary commits it."""

from __future__ import annotations

import copy
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import update_wrapper
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy import bindparam, update
from sqlalchemy.ext.asyncio import AsyncSession

from domain.access import AccessChange
from domain.audit import AuditEntry, Origin, Outcome
from domain.entity import Entity
from domain.errors import not_found
from domain.event_log import Event
from domain.events import EventType, Happening
from domain.lifetimes import ATTRIBUTION_DAYS, DAYS_BEFORE, READER_DAYS
from domain.organizations import Organization
from domain.permissions import Permission
from domain.ports import Clock, Letter, Vault, WebhookTerms
from domain.texts import storable
from domain.values import ShownOnce
from domain.viewer import Viewer
from resolvers.held import Held
from resolvers.kept import Kept
from resolvers.reads import Statement

_BUMP = Kept(
    update(Organization)
    .where(Organization.id == bindparam("organization"))
    .values(event_sequence=Organization.event_sequence + bindparam("more"))
    .returning(Organization.event_sequence)
)

E = TypeVar("E", bound=Entity)
T = TypeVar("T")
P = ParamSpec("P")


@dataclass(frozen=True, slots=True)
class Beginning:
    """One attempt at a row of a durable queue, to be made right after the commit; `wait`: the request waits for it."""

    queue: str
    id: str
    attempt: int
    wait: bool


class Unit:
    """Session, viewer and clock of one write, and the events it will be told by."""

    def __init__(
        self,
        held: Held,
        viewer: Viewer,
        clock: Clock,
        bulk: int,
        origin: Origin,
        vault: Vault,
        public_url: str,
        webhooks: WebhookTerms,
        alert_days: Sequence[int] = DAYS_BEFORE,
        attribution_days: int = ATTRIBUTION_DAYS,
        reader_days: int = READER_DAYS,
    ) -> None:
        """A unit of the transaction of `held`; `bulk` is the most items of one request, `public_url` where links lead.

        `alert_days` says how many days before a deadline it is told, `attribution_days` how many days after its mail a
        campaign has won a lead, `reader_days` how many days it is kept by what a reader reads.
        """
        self.reader_days = reader_days
        self.attribution_days = attribution_days
        self.alert_days = alert_days
        self.webhooks = webhooks
        self.bulk = bulk
        self.origin = origin
        self.vault = vault
        self.public_url = public_url
        self._held = held
        self.viewer = viewer
        self.now: datetime = clock.now()
        self._happenings: list[Happening] = []
        self.deliveries: list[str] = []
        self.letters: list[Letter] = []
        self.beginnings: list[Beginning] = []
        self.changed_access: set[str] = set()
        self.made_due = False

    @property
    def session(self) -> AsyncSession:
        """SQLAlchemy's session, for what is neither added nor looked up by a unit itself; it costs more than these."""
        return self._held.session

    def record(
        self,
        type: EventType,
        subject: Any,
        data: dict[str, Any],
        *,
        lead_id: str | None = None,
        audience: str | None = None,
    ) -> None:
        """Remember that something happened; the log gets it in the same transaction."""
        self._happenings.append(Happening(type, subject.id, lead_id, data, audience))

    def deliver(self, email_id: str) -> None:
        """Have a message, stored as due, handed over right after the commit; a sweep finds it if that fails."""
        self.deliveries.append(email_id)

    def post(self, letter: Letter) -> None:
        """Have a message of the server itself sent right after the commit, once; what it says is told elsewhere too."""
        self.letters.append(letter)

    def begin(self, queue: str, id: str, attempt: int, *, wait: bool = True) -> None:
        """Have a job of a durable queue run right after the commit; `wait` says whether the request waits for its end.

        Its row is stored as taken up, its lease not over: if this process ends, another takes it up after that.
        """
        self.beginnings.append(Beginning(queue, id, attempt, wait))

    def stir(self) -> None:
        """Have whoever works on what is due look right after the commit: something fell due by it."""
        self.made_due = True

    def inside(self, viewer: Viewer) -> Unit:
        """A unit of the same transaction in another organization; it has to be sealed before this one."""
        other = copy.copy(self)
        other.viewer = viewer
        other._happenings, other.deliveries, other.letters, other.changed_access = [], [], [], set()
        other.beginnings = []
        return other

    def access_changed(self, *subject_ids: str) -> None:
        """Have every process forget what it knows of these clients, users, credentials, grants or organizations."""
        for subject_id in set(subject_ids) - self.changed_access:
            self.changed_access.add(subject_id)
            self.add(AccessChange(id=AccessChange.new_id(), subject_id=subject_id, changed_at=self.now))

    def audit(self, operation: str, subject_id: str | None) -> None:
        """Note a change of access in the audit log, in the transaction that makes it."""
        self.add(
            AuditEntry(
                id=AuditEntry.new_id(),
                organization_id=self.viewer.home_id,
                created_at=self.now,
                client_id=self.viewer.client_id or None,
                credential_id=self.viewer.credential_id,
                user_id=self.viewer.user_id,
                door=self.origin.door,
                operation=operation,
                subject_id=subject_id,
                outcome=Outcome.DONE,
                request_id=self.origin.request_id,
                address=self.origin.address,
            )
        )

    def add(self, row: Entity) -> None:
        """Have a new row stored with the next flush."""
        self._held.add(row)

    async def flush(self) -> None:
        """Store what was added and changed, now, for what comes after it to find; the rest is stored at the end."""
        await self._held.flush()

    async def load(self, entity: type[E], id: str, field: str = "id") -> E:
        """One row for changing, if the viewer may see it; concurrent writers of the same row wait for each other.

        Raises:
            DomainError: NOT_FOUND naming the field the id came in.
        """
        row = await self.known(entity, id, lock=True)
        if row is None:
            raise not_found(entity.label, id, field)
        return row

    async def known(self, entity: type[E], id: str, *, lock: bool = False) -> E | None:
        """One row the viewer may see, or None."""
        return await self._held.first(self.viewer, entity, lock=lock, id=id) if storable(id) else None

    async def first(self, entity: type[E], **equal: Any) -> E | None:
        """A row the viewer may see that has these values, which can be stored, or None."""
        return await self._held.first(self.viewer, entity, **equal)

    async def run(self, statement: Kept, **values: Any) -> Sequence[Sequence[Any]]:
        """The rows of a statement that is kept; what it changes of rows that were found before is not seen in these."""
        return await statement.rows(self._held.direct, **values)

    async def find(self, statement: Statement) -> Any:
        """The first row of a statement, or None."""
        return await self.session.scalar(statement.limit(1))

    async def seal(self) -> int:
        """Number and store what happened, as the last thing before the commit; how many events there were.

        The organization's counter row stays locked until the commit, so numbers are handed out in the order of
        commits and without gaps, on every database (decision 0003).
        """
        await self.flush()
        if not self._happenings:
            return 0
        count = len(self._happenings)
        ((last,),) = await self.run(_BUMP, organization=self.viewer.organization_id, more=count)
        await self._held.store(Event, [self._event(*each) for each in enumerate(self._happenings, last - count + 1)])
        return count

    def _event(self, sequence: int, happening: Happening) -> dict[str, Any]:
        return {
            "organization_id": self.viewer.organization_id,
            "sequence": sequence,
            "type": happening.type,
            "occurred_at": self.now,
            "actor_id": self.viewer.user_id,
            "client_id": self.viewer.client_id or None,
            "lead_id": happening.lead_id,
            "subject_id": happening.subject_id,
            "audience": happening.audience,
            "data": happening.data,
        }


@dataclass(frozen=True, slots=True)
class Claim:
    """An idempotency key on its way to a write: same key and fingerprint means the same write (decision 0004)."""

    key: str
    fingerprint: str


Keys = dict[str, Any]
"""What a use case answers: the keys its payload is read by, as plain JSON values."""


def remembered(keys: Keys) -> Keys:
    """The keys as they may be kept: what is shown once is left out, and a repeated request is answered without it."""
    return {name: None if isinstance(value, ShownOnce) else value for name, value in keys.items()}


def requires(
    permission: Permission,
) -> Callable[[Callable[Concatenate[Unit, P], Awaitable[T]]], Callable[Concatenate[Unit, P], Coroutine[Any, Any, T]]]:
    """Declare the permission of a use case; it is checked before anything is loaded."""

    def declare(
        body: Callable[Concatenate[Unit, P], Awaitable[T]],
    ) -> Callable[Concatenate[Unit, P], Coroutine[Any, Any, T]]:
        async def checked(unit: Unit, /, *args: P.args, **kwargs: P.kwargs) -> T:
            unit.viewer.require(permission)
            return await body(unit, *args, **kwargs)

        update_wrapper(checked, body)
        setattr(checked, "permission", permission)  # noqa: B010 - a function has no such attribute for the type checker
        return checked

    return declare
