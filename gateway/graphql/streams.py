"""Streams of events shared by their subscribers: each event is executed and serialised once for all who see the same.

A stream follows the log at its end, by one task. Its subscribers hold their place in the messages it has made; one
that comes with an older cursor is led through the log alone until it meets the stream (decision 0019).
"""

from __future__ import annotations

import asyncio
from bisect import bisect_right
from collections import OrderedDict, deque
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence
from contextlib import aclosing
from contextvars import Context
from dataclasses import dataclass, field
from itertools import islice
from math import inf
from operator import attrgetter
from time import monotonic

from graphql import GraphQLError

from domain.event_log import Event
from gateway.connections import Connection
from gateway.graphql.errors import Code, Refused
from gateway.graphql.sharing import Key
from schema.engine.following import Following

_TURN_SECONDS = 0.005
"""How long messages are handed out before everything else has its turn."""
_REST_FOR_WORK = 2.0
_LONGEST_REST_SECONDS = 0.03
"""A stream of many subscribers rests twice as long as it took to serve them: others want their turn as well."""
_LOOKED_AT = 32
"""Subscribers served between two looks at the clock."""
_MADE_AT_ONCE = 25
"""Messages made before they are handed out: the first of a crowd should not wait for the last."""
_GRACE_SECONDS = 0.5
"""How long nobody is given up for: a burst can be larger than what the network takes at once."""
_GRAIN_SECONDS = 0.01
_FRESH_SECONDS = 2.0
"""How old a message may be that somebody else is given who asks for its event: what it shows may have changed since."""
_REMEMBERED = 256
TOO_SLOW = "The messages are not read fast enough; reconnect and resume after the last cursor"


@dataclass(eq=False, slots=True)
class EventMessage:
    """The answer to one event, as bytes; `framed` is what a door made of it, kept for the next who needs the same."""

    sequence: int
    body: bytes
    event_id: str | None
    made_at: float = field(default_factory=monotonic)
    framed: tuple[bytes, bytes] = (b"", b"")


Make = Callable[[Event], Awaitable[EventMessage]]
Take = Callable[[Sequence[EventMessage]], bool]
"""Hands messages to their client at once, all of them; False when the client has to take others before."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """How far a subscriber may be behind its stream."""

    messages: int
    bytes: int


class Stream:
    """The messages of one key: made by one task, kept until the slowest subscriber has them or is given up."""

    def __init__(
        self, following: Following, making: Callable[[], Make], bounds: Bounds, ended: Callable[[Stream], None]
    ) -> None:
        self.following = following
        self._make = making()
        # For those who come with older cursors: however many they are, the others do not wait for them.
        self._make_again = making()
        self._bounds = bounds
        self._ended = ended
        self._log: deque[EventMessage] = deque()
        self._weight = 0
        self.begin = 0
        """The index of the first message that is kept; indices are never used again."""
        self.position = self._whole_from = following.newest
        self._held: dict[Subscription, None] = {}
        self._joined: dict[Subscription, None] = {}
        self._making = asyncio.Lock()
        self._made: OrderedDict[int, EventMessage] = OrderedDict()
        self._task: asyncio.Task[None] | None = None
        self.fault: Exception | None = None

    @property
    def end(self) -> int:
        """The index after the last message."""
        return self.begin + len(self._log)

    def at(self, index: int) -> EventMessage:
        """A message that is kept."""
        return self._log[index - self.begin]

    def after(self, sequence: int, index: int) -> Sequence[EventMessage]:
        """What follows an index, without what is not beyond a place in the log."""
        if index == self.end - 1 and self._log[-1].sequence > sequence:
            # Nearly everybody nearly always: the newest message alone.
            return (self._log[-1],)
        return [each for each in islice(self._log, index - self.begin, None) if each.sequence > sequence]

    def hold(self, subscription: Subscription) -> None:
        """Somebody subscribes; the first one starts the task."""
        self._held[subscription] = None
        if self._task is None:
            # In a context of its own: what it does is done for no single call.
            self._task = asyncio.create_task(self._run(), name="graphql stream", context=Context())

    async def leave(self, subscription: Subscription) -> None:
        """Somebody leaves; with the last one the task ends."""
        self._joined.pop(subscription, None)
        self._held.pop(subscription, None)
        if not self._held:
            self._ended(self)
            if self._task is not None:
                self._task.cancel()
                await asyncio.gather(self._task, return_exceptions=True)

    def join(self, subscription: Subscription, place: int) -> int | None:
        """Where in the messages a place in the log is, from where on the subscriber hears the stream.

        None while something between the two is not at hand, or so old that it has to be made anew.
        """
        index = bisect_right(self._log, place, key=attrgetter("sequence"))
        stale = index < len(self._log) and self._log[index].made_at < monotonic() - _FRESH_SECONDS
        if place < self._whole_from or stale:
            return None
        self._joined[subscription] = None
        return self.begin + index

    async def message(self, event: Event) -> EventMessage:
        """The message of an event the stream has passed, made anew unless somebody has just asked for it."""
        # One after the other: they share a context, and so the snapshot that is open in it.
        async with self._making:
            known = self._made.pop(event.sequence, None)
            if known is None or known.made_at < monotonic() - _FRESH_SECONDS:
                known = await self._make_again(event)
            self._made[event.sequence] = known
            while len(self._made) > _REMEMBERED:
                self._made.popitem(last=False)
        return known

    async def _run(self) -> None:
        try:
            async with aclosing(self.following.pages(self.position)) as pages:
                async for page in pages:
                    for number, event in enumerate(page, 1):
                        await self._pass(event)
                        if number % _MADE_AT_ONCE == 0 or number == len(page) or self._overflows:
                            spent = await self._hand_out()
                    # What comes meanwhile goes along in the same write; where few listen this is no time at all.
                    await asyncio.sleep(min(_REST_FOR_WORK * spent, _LONGEST_REST_SECONDS))
        except Exception as error:
            self.fault = error
            self._ended(self)
            for each in self._joined:
                each.wake()

    async def _pass(self, event: Event) -> None:
        if self.following.meant(event):
            if self._joined:
                message = await self._make(event)
                self._log.append(message)
                self._weight += len(message.body)
            else:
                # Whoever is still on the way here makes it for itself.
                self._whole_from = event.sequence
        self.position = event.sequence

    async def _hand_out(self) -> float:
        """Give everybody what is new; the seconds that took."""
        spent = 0.0
        if self._log:
            await self.following.certain()
            began = monotonic()
            for number, subscription in enumerate(tuple(self._joined)):
                subscription.offer()
                if number % _LOOKED_AT == _LOOKED_AT - 1 and monotonic() > began + _TURN_SECONDS:
                    spent += monotonic() - began
                    await asyncio.sleep(0)
                    await self.following.certain()
                    began = monotonic()
            spent += monotonic() - began
            # A burst is made without a pause; what was written for it has to reach the network.
            await asyncio.sleep(0)
        behind = self._forget_taken()
        while self._overflows and any(each.behind_since > monotonic() - _GRACE_SECONDS for each in behind):
            await asyncio.sleep(_GRAIN_SECONDS)
            behind = self._forget_taken()
        while self._overflows:
            self._drop()
        for each in behind:
            if each.index < self.begin:
                self._joined.pop(each, None)
                each.lose()
        if len(self._joined) == len(self._held):
            # Nobody is on the way here any more.
            self._made.clear()
        return spent

    @property
    def _overflows(self) -> bool:
        # One message alone may be as large as it is.
        many = len(self._log) > self._bounds.messages or self._weight > self._bounds.bytes
        return many and len(self._log) > 1

    def _forget_taken(self) -> list[Subscription]:
        """Drop what everybody has; those who have not everything."""
        end = self.end
        behind = [each for each in self._joined if each.index < end]
        needed = min((each.index for each in behind), default=end)
        while self.begin < needed:
            self._drop()
        if not self._log:
            self._whole_from = self.position
        for each in behind:
            each.lags()
        return behind

    def _drop(self) -> None:
        dropped = self._log.popleft()
        self.begin += 1
        self._weight -= len(dropped.body)
        self._whole_from = max(self._whole_from, dropped.sequence)


class Subscription:
    """One subscriber's place in a stream: its messages in the order of the log, none lost and none repeated.

    `take` is a shortcut past the subscriber's own task; `lost` is called when it is given up because it lags too far.
    """

    def __init__(self, stream: Stream, following: Following) -> None:
        self.index = 0
        self.take: Take | None = None
        self.lost: Callable[[], None] | None = None
        self.connection: Connection | None = None
        self._stream = stream
        self._following = following
        self._place = following.place
        self._waiter: asyncio.Future[None] | None = None
        self.behind_since = inf
        """When it was first found behind without having caught up since."""
        self._given_up = False
        self._counted = 0
        self._messages = self._all()
        stream.hold(self)

    def __aiter__(self) -> AsyncIterator[EventMessage]:
        return self._messages

    async def aclose(self) -> None:
        """Hear no more, also when nothing was ever read."""
        try:
            await self._messages.aclose()
        finally:
            self._count(0)
            await self._stream.leave(self)

    def offer(self) -> None:
        """There is something new: hand it over at once, or wake whose work that is."""
        waiter = self._waiter
        if waiter is None or waiter.done():
            # Its own task is at work and looks for more by itself.
            return
        stream = self._stream
        if self.take is not None:
            messages = stream.after(self._place, self.index)
            if not messages or self.take(messages):
                self.index = stream.end
                return
        waiter.set_result(None)

    def wake(self) -> None:
        """Have its own task look what there is."""
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def lose(self) -> None:
        """Give the subscriber up: what follows its place is kept no longer."""
        self._given_up = True
        self.wake()
        if self.lost is not None:
            self.lost()

    def lags(self) -> None:
        """It was found behind: its connection is told by how many messages."""
        self.behind_since = min(self.behind_since, monotonic())
        self._count(self._stream.end - self.index)

    def _count(self, waiting: int) -> None:
        if self.connection is not None:
            self.connection.waiting += waiting - self._counted
            self._counted = waiting

    async def _all(self) -> AsyncGenerator[EventMessage, None]:
        try:
            async with aclosing(self._alone()) as before:
                async for message in before:
                    yield message
            while True:
                await self._next()
                message = self._stream.at(self.index)
                self.index += 1
                if message.sequence > self._place:
                    await self._following.certain()
                    yield message
        except Refused:
            raise
        except Exception as error:
            # The source broke: the domain's own word for it, or a bug.
            raise Refused([GraphQLError(str(error), original_error=error)], "") from error

    async def _next(self) -> None:
        """Wait until the stream has a message for this subscriber."""
        while not self._given_up and self.index == self._stream.end:
            if self._stream.fault is not None:
                raise self._stream.fault
            self._count(0)
            self.behind_since = inf
            self._waiter = asyncio.get_running_loop().create_future()
            try:
                await self._waiter
            finally:
                self._waiter = None
        if self._given_up:
            raise Refused([GraphQLError(TOO_SLOW)], Code.SUBSCRIBER_TOO_SLOW)

    async def _alone(self) -> AsyncGenerator[EventMessage, None]:
        """What lies between the subscriber's cursor and the stream; ends in the moment in which they have met."""
        if self._joins():
            return
        async with aclosing(self._following.pages(self._place)) as pages:
            async for page in pages:
                for event in page:
                    if self._following.meant(event):
                        message = await self._stream.message(event)
                        await self._following.certain()
                        yield message
                    self._place = event.sequence
                    if self._joins():
                        return

    def _joins(self) -> bool:
        index = self._stream.join(self, self._place)
        if index is None:
            return False
        self.index = index
        return True


class Streams:
    """All streams of this process, by what their subscribers have in common."""

    def __init__(self, bounds: Bounds) -> None:
        self._bounds = bounds
        self._open: dict[Key, Stream] = {}

    def __len__(self) -> int:
        return len(self._open)

    def subscribe(self, key: Key, following: Following, making: Callable[[], Make]) -> Subscription:
        """A place in the stream of a key; `making` gives what makes its messages, when it is the first."""
        stream = self._open.get(key)
        if stream is None:

            def ended(stream: Stream) -> None:
                # One that broke may have a successor already, whom its last subscriber leaves alone.
                if self._open.get(key) is stream:
                    del self._open[key]

            stream = self._open[key] = Stream(following, making, self._bounds, ended)
        return Subscription(stream, following)
