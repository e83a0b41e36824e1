"""ClickUp Brain over the real graph: an organization, and a key of its own."""

from __future__ import annotations

import pytest

from domain.permissions import Role
from domain.viewer import Dialect
from gateway.database import Database
from rest_compat.clickup_brain.dialect import CLICKUP_BRAIN
from rest_compat.engine.app import DialectApp
from tests.factories.credentials import make_key
from tests.factories.organizations import make_user
from tests.rest_compat.doors import served


@pytest.fixture
def app(database: Database) -> DialectApp:
    return served(CLICKUP_BRAIN, database)


@pytest.fixture
async def jane(database: Database, organization: str) -> str:
    return await make_user(database, organization, role=Role.SALES_MANAGER)


@pytest.fixture
async def key(database: Database, organization: str, jane: str) -> str:
    return await make_key(database, organization, user=jane, dialect=Dialect.CLICKUP_BRAIN)
