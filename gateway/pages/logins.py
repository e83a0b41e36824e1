"""Who somebody is by e-mail address and password, and how often may be guessed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from domain.limits import Allowance, LimitGroup, LimitWindow, Standing
from domain.organizations import Organization
from domain.passwords import LONGEST
from domain.texts import storable
from domain.users import User
from gateway import passwords
from gateway.database import Database
from gateway.limits.limits import Limits
from gateway.networks import network_of
from gateway.pages.known_browsers import KnownBrowser
from gateway.pages.queues import Queue
from gateway.settings_sections import LoginSettings
from resolvers.reads import Statement

_MOST_ORGANIZATIONS = 10
"""In how many organizations one address and password are tried."""
_LONGEST_EMAIL = 320


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody an address may stand for."""

    user_id: str
    organization_id: str
    organization: str
    password_hash: str | None
    disabled_at: datetime | None


@dataclass(frozen=True, slots=True)
class Whence:
    """Where somebody tries from: a network address, and a browser somebody signed in with before, if it is one."""

    address: str | None
    known: KnownBrowser | None


class TooManyFailures(Exception):
    """Too many logins failed; nobody is let in before the window ends, whatever is typed."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"try again in {retry_after} seconds")
        self.retry_after = retry_after


Failed = Callable[[Member | None], None]
"""Told of a login that failed, with the one member whose it would have been."""
Subjects = Sequence[tuple[str, Allowance]]
"""By what a failure is counted, and how many of each may be."""


class Logins:
    """Checks passwords, one at a time in each process, so that as many are tried as may fail and no more.

    Failures are counted by the e-mail address that was typed and by the network address they come from; those of a user
    in a browser known for that very user by themselves alone, so that strangers who fail shut nobody out of it.
    """

    def __init__(self, database: Database, limits: Limits, settings: LoginSettings) -> None:
        self._database = database
        self._limits = limits
        # However many strangers wait, people in browsers that are known do not wait behind them.
        self._strangers, self._acquainted = Queue(settings.waiting), Queue(settings.waiting)
        minute, hour = LimitWindow.MINUTE, LimitWindow.HOUR
        self._per_email = _allowances(
            {minute: settings.failures_per_email_minute, hour: settings.failures_per_email_hour}
        )
        self._per_address = _allowances(
            {minute: settings.failures_per_address_minute, hour: settings.failures_per_address_hour}
        )

    async def members(
        self, organization_id: str | None, email: str, password: str, whence: Whence, failed: Failed
    ) -> Sequence[Member]:
        """Whom an address and a password stand for, in one organization or in any; nobody when one of them is wrong.

        An unknown address, a wrong password, a disabled user and one without a password look and take the same.

        Raises:
            TooManyFailures: for the address typed, for the network address it came from, or in a known browser.
            DomainError: UNAVAILABLE when too many wait already.
        """
        email = email.strip().lower()
        known = whence.known if await self._is_theirs(whence.known, organization_id, email) else None

        async def check() -> Sequence[Member]:
            found = await self._known(organization_id, email)
            if known:
                found = [each for each in found if each.user_id == known.user_id]
            right = await self._right(found, password)
            if not right:
                failed(found[0] if len(found) == 1 else None)
            return right

        return await self._in_turn(self._subjects(email, whence.address, known), self._queue(known), check)

    async def is_right(self, user_id: str, organization_id: str, email: str, password: str, whence: Whence) -> bool:
        """Whether a password is the one of somebody who is signed in; wrong ones count as failed logins.

        Raises:
            TooManyFailures: as for a login.
            DomainError: UNAVAILABLE when too many wait already.
        """

        async def check() -> Sequence[Member]:
            found = await self._known(organization_id, email)
            return await self._right([each for each in found if each.user_id == user_id], password)

        known = whence.known if whence.known and whence.known.user_id == user_id else None
        subjects = self._subjects(email.lower(), whence.address, known)
        return bool(await self._in_turn(subjects, self._queue(known), check))

    async def _is_theirs(self, known: KnownBrowser | None, organization_id: str | None, email: str) -> bool:
        """Whether a known browser is that of the one user whom an e-mail address stands for. Where it stands for
        several, failing in one's own browser would be guessing at the others.
        """
        found = await self._known(organization_id, email) if known else ()
        return known is not None and [each.user_id for each in found] == [known.user_id]

    async def _known(self, organization_id: str | None, email: str) -> Sequence[Member]:
        if not storable(email) or len(email) > _LONGEST_EMAIL:
            return ()
        rows = await self._database.rows(_members(organization_id, email))
        return [Member(*row) for row in rows]

    def _subjects(self, email: str, address: str | None, known: KnownBrowser | None) -> Subjects:
        if known:
            return [(f"login as {known.user_id} in {known.browser}", each) for each in self._per_email]
        # In whichever organization: every page would be a budget of its own otherwise.
        typed = [(f"login as {email}", each) for each in self._per_email]
        return [*typed, *((f"login from {network_of(address)}", each) for each in self._per_address)]

    def _queue(self, known: KnownBrowser | None) -> Queue:
        return self._acquainted if known else self._strangers

    async def _in_turn(
        self, subjects: Subjects, queue: Queue, check: Callable[[], Awaitable[Sequence[Member]]]
    ) -> Sequence[Member]:
        # Once without waiting, for those who are out already, and once in turn, when every earlier failure is counted.
        await self._refuse_exhausted(subjects)
        async with queue.turn():
            await self._refuse_exhausted(subjects)
            right = await check()
            for subject, allowance in subjects if not right else ():
                await self._limits.attempt(subject, allowance)
            return right

    async def _refuse_exhausted(self, subjects: Subjects) -> None:
        looked = [await self._limits.attempt(subject, allowance, 0) for subject, allowance in subjects]
        exhausted = [standing for taken in looked for standing in taken.standings if standing.remaining == 0]
        if exhausted:
            raise TooManyFailures(self._seconds_to(exhausted))

    def _seconds_to(self, exhausted: Sequence[Standing]) -> int:
        left = max(standing.resets_at for standing in exhausted) - self._database.clock.now()
        return max(1, int(left.total_seconds()))

    async def _right(self, found: Sequence[Member], password: str) -> Sequence[Member]:
        if len(password) > LONGEST or not storable(password):
            return ()
        if not found:
            # The same work as for somebody who exists.
            await passwords.matches(None, password)
        right = [
            each for each in found if await passwords.matches(each.password_hash, password) and not each.disabled_at
        ]
        for each in right:
            if each.password_hash and passwords.outdated(each.password_hash):
                await self._renew(each, password)
        return right

    async def _renew(self, member: Member, password: str) -> None:
        """Hash a password anew, as strongly as passwords are hashed today, unless it was changed meanwhile."""
        fresh = await passwords.hashed(password)

        async def work(session: AsyncSession) -> None:
            own = (User.id == member.user_id, User.password_hash == member.password_hash)
            await session.execute(update(User).where(*own).values(password_hash=fresh))

        await self._database.store(work)


def _members(organization_id: str | None, email: str) -> Statement:
    statement = (
        select(User.id, User.organization_id, Organization.name, User.password_hash, User.disabled_at)
        .join(Organization, Organization.id == User.organization_id)
        .where(User.email == email)
        .order_by(Organization.name, User.id)
        .limit(_MOST_ORGANIZATIONS)
    )
    return statement if organization_id is None else statement.where(User.organization_id == organization_id)


def _allowances(limits: dict[LimitWindow, int]) -> tuple[Allowance, ...]:
    return tuple(Allowance(LimitGroup.API_REQUESTS, window, limit) for window, limit in limits.items())
