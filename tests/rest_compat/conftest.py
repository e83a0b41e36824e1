"""The invented dialect, served."""

from __future__ import annotations

import pytest

from rest_compat.engine.app import DialectApp
from rest_compat.engine.services import DoorSettings
from tests.rest_compat.fakes import FakeServices
from tests.rest_compat.library.dialect import LIBRARY
from tests.rest_compat.library.schema import Library

SETTINGS = DoorSettings("https://graph.example", max_body_bytes=2000)


@pytest.fixture
def services() -> FakeServices:
    return FakeServices()


@pytest.fixture
def library() -> Library:
    return Library()


@pytest.fixture
def app(library: Library, services: FakeServices) -> DialectApp:
    return DialectApp(LIBRARY, library.schema(), services, SETTINGS)
