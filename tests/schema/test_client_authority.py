"""What a credential that manages clients may not make of itself through one."""

from __future__ import annotations

from typing import Any

import pytest

from domain.errors import Code
from domain.permissions import Role
from domain.viewer import Viewer
from gateway.database import Database
from tests.conftest import MakeViewer
from tests.factories.office import Office, office
from tests.factories.organizations import make_user

__all__ = ["office"]

CLIENT = "client { id scopes keys { nodes { id } } }"
REDIRECT = "https://app.example.com/callback"


@pytest.fixture
async def clerk(viewer_of: MakeViewer) -> Viewer:
    """Manages clients and reads leads, no more."""
    return await viewer_of(role=Role.ADMIN, scopes=("read:leads", "read:clients", "write:clients"))


async def forbidden(office: Office, clerk: Viewer, name: str, /, **given: Any) -> bool:
    """Whether the clerk may not."""
    return (await office.ask(name, "__typename", clerk, **given)).codes == [Code.FORBIDDEN]


@pytest.mark.parametrize(
    "scopes",
    [
        ["admin"],
        ["write:users"],
        ["read:leads", "read:audit"],
        ["read"],
        ["write"],
        ["write:leads"],
        ["read", "write"],
        None,
    ],
)
async def test_none_is_mightier(office: Office, clerk: Viewer, scopes: list[str] | None) -> None:
    assert await forbidden(office, clerk, "createClient", name="App", scopes=scopes)
    own = await office.done("createClient", CLIENT, clerk, name="App", scopes=["read:leads", "write:clients"])
    assert await forbidden(office, clerk, "updateClient", id=own["client"]["id"], scopes=scopes)


async def test_usual_scopes_are_scopes_too(office: Office, clerk: Viewer) -> None:
    assert await forbidden(office, clerk, "createClient", name="App")
    assert await forbidden(office, clerk, "createClient", name="App", dialect="COPYCAR")


async def test_none_that_is_mightier_is_taken_over(office: Office, clerk: Viewer) -> None:
    for scopes in (["admin"], ["read", "write"]):
        mighty = (await office.done("createClient", CLIENT, name="Mine", scopes=scopes))["client"]
        key = mighty["keys"]["nodes"][0]["id"]
        assert await forbidden(office, clerk, "updateClient", id=mighty["id"], redirectUris=[REDIRECT])
        # Not even by making it less mighty first.
        assert await forbidden(office, clerk, "updateClient", id=mighty["id"], scopes=["read:leads"])
        assert await forbidden(office, clerk, "createKey", clientId=mighty["id"])
        assert await forbidden(office, clerk, "rotateKey", keyId=key)
        assert await forbidden(office, clerk, "rotateSecret", clientId=mighty["id"])
        await office.done("revokeKey", "__typename", clerk, by={"id": key})


async def test_none_acts_for_somebody_else(office: Office, clerk: Viewer, database: Database) -> None:
    other = await make_user(database, office.organization)
    assert await forbidden(office, clerk, "createClient", name="App", scopes=["read:leads"], userId=other)
    own = await office.done("createClient", CLIENT, clerk, name="App", scopes=["read:leads"], userId=clerk.user_id)
    assert await forbidden(office, clerk, "updateClient", id=own["client"]["id"], userId=other)
    others = await office.done("createClient", CLIENT, name="Theirs", scopes=["read:leads"], userId=other)
    assert await forbidden(office, clerk, "createKey", clientId=others["client"]["id"])


async def test_whoever_decides_over_all_access_needs_no_scope_for_data(office: Office, viewer_of: MakeViewer) -> None:
    admin = await viewer_of(role=Role.ADMIN, scopes=("admin",))
    made = await office.done("createClient", CLIENT, admin, name="App", scopes=["read", "write"])
    assert made["client"]["scopes"] == ["read", "write"]


async def test_a_sandbox_holds_nothing_of_anybodys(office: Office, clerk: Viewer) -> None:
    await office.done("createClient", "client { sandbox }", clerk, name="Tests", sandbox=True)
    assert await forbidden(office, clerk, "createClient", name="Tests", sandbox=True, scopes=["admin"])
