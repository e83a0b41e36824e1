from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.gateway.graphql.serving import Live, serving
from tests.gateway.graphql.world import Door, World, door_of


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
async def door(world: World) -> AsyncIterator[Door]:
    made = door_of(world)
    async with made.client:
        yield made


@pytest.fixture
async def live(world: World) -> AsyncIterator[Live]:
    async with serving(door_of(world)) as served:
        yield served
