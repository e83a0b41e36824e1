"""Staff and teams in the graph: inviting, changing, shutting out; each is an event, an audit entry, and heard."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from domain.credentials import CredentialKind, hash_of
from domain.errors import Code, DomainError
from domain.grants import Grant
from domain.permissions import Role
from domain.sessions import BrowserSession, Invitation
from domain.users import User
from domain.viewer import Viewer
from gateway.database import Database
from resolvers import user_writes
from resolvers.unit import Keys, Unit
from tests.clocks import SetClock
from tests.conftest import MakeViewer
from tests.factories.credentials import make_client, make_credential, make_key, resolve
from tests.factories.leads import make_lead
from tests.factories.office import Office, office
from tests.factories.organizations import make_team, make_user, store

__all__ = ["office"]

PERSON = "user { id name email role status disabledAt team { id } }"
INVITED = f"{PERSON} invitationUrl"


async def invitations(database: Database, user: str) -> list[Any]:
    columns = select(Invitation.hash, Invitation.expires_at, Invitation.used_at).where(Invitation.user_id == user)
    return list(await database.rows(columns))


async def has_password(database: Database, user: str, hash: str | None = "argon2 says") -> None:
    async def work(session: AsyncSession) -> None:
        await session.execute(update(User).where(User.id == user).values(password_hash=hash))

    await database.store(work)


async def test_inviting_makes_a_user_and_a_link(office: Office, database: Database, clock: SetClock) -> None:
    team = await make_team(database, office.organization)
    made = await office.done("inviteUser", INVITED, email=" Ada@Example.com ", role="SALES_REP", teamId=team)
    user = made["user"]
    assert user == {
        "id": user["id"],
        "name": "ada",
        "email": "ada@example.com",
        "role": "SALES_REP",
        "status": "INVITED",
        "disabledAt": None,
        "team": {"id": team},
    }
    base, _, token = made["invitationUrl"].partition("/invitation?token=")
    assert base == "http://127.0.0.1:8000"
    assert await invitations(database, user["id"]) == [(hash_of(token), clock.now() + timedelta(days=7), None)]
    assert await office.told() == [("USER_INVITED", user["id"], None)]
    assert await office.noted() == [("inviteUser", user["id"])]
    assert token not in str(await office.facts())


async def test_an_address_is_one_user(office: Office) -> None:
    await office.done("inviteUser", email="ada@example.com", role="ANALYST", name="Ada Lovelace")
    assert await office.refused("inviteUser", email="ADA@example.com", role="ANALYST") == [("CONFLICT", "email")]
    assert await office.refused("inviteUser", email="nobody", role="ANALYST") == [("INVALID", "email")]


async def test_two_at_once_invite_one_user(office: Office) -> None:
    wanted = {"email": "ada@example.com", "role": "ANALYST"}
    payloads = await asyncio.gather(*(office.do("inviteUser", PERSON, **wanted) for _ in range(4)))
    assert sorted(len(each["errors"]) for each in payloads) == [0, 1, 1, 1]


async def test_a_new_invitation_ends_the_earlier_one(office: Office, database: Database) -> None:
    first = await office.done("inviteUser", INVITED, email="ada@example.com", role="ANALYST")
    user = first["user"]["id"]
    second = await office.done("resendInvitation", INVITED, by={"userId": user})
    assert second["invitationUrl"] != first["invitationUrl"]
    (open_,) = await invitations(database, user)
    assert open_.hash == hash_of(second["invitationUrl"].rpartition("=")[2])
    assert [each[0] for each in await office.told()] == ["USER_INVITED", "USER_INVITED"]
    await has_password(database, user)
    assert await office.refused("resendInvitation", by={"userId": user}) == [("CONFLICT", "userId")]


async def test_a_reset_takes_the_password_and_the_sessions(office: Office, database: Database, clock: SetClock) -> None:
    user = await make_user(database, office.organization)
    await has_password(database, user)
    await store(database, _session(user, office.organization, clock))
    reset = await office.done("resetPassword", INVITED, by={"userId": user})
    assert reset["user"]["status"] == "INVITED"
    assert reset["invitationUrl"]
    assert await database.rows(select(BrowserSession.id).where(BrowserSession.user_id == user)) == []
    assert await office.noted() == [("resetPassword", user)]


def _session(user: str, organization: str, clock: SetClock) -> BrowserSession:
    return BrowserSession(
        id=BrowserSession.new_id(),
        organization_id=organization,
        user_id=user,
        hash=hash_of(BrowserSession.new_id()),
        created_at=clock.now(),
        expires_at=clock.now() + timedelta(hours=12),
    )


async def test_changing_a_user_is_heard(office: Office, database: Database) -> None:
    user, team = await make_user(database, office.organization), await make_team(database, office.organization)
    changed = await office.done("updateUser", PERSON, id=user, name="Jane Doe", role="ANALYST", teamId=team)
    assert (changed["user"]["name"], changed["user"]["role"], changed["user"]["team"]) == (
        "Jane Doe",
        "ANALYST",
        {"id": team},
    )
    assert await office.told() == [("USER_UPDATED", user, None)]
    assert await office.heard(user) == {user}
    # The same again is no change.
    await office.done("updateUser", PERSON, id=user, name="Jane Doe", role="ANALYST")
    assert len(await office.told()) == len(await office.noted()) == 1
    cleared = await office.done("updateUser", PERSON, id=user, teamId=None)
    assert cleared["user"]["team"] is None
    assert await office.refused("updateUser", id=user, role=None) == [("REQUIRED", "role")]
    assert await office.refused("updateUser", id=user, name=" ") == [("REQUIRED", "name")]


async def test_disabling_ends_whatever_acts_for_the_user(office: Office, database: Database, clock: SetClock) -> None:
    organization = office.organization
    user = await make_user(database, organization, role=Role.ADMIN)
    key = await make_key(database, organization, user=user)
    client = await make_client(database, organization)
    grant = Grant(
        id=Grant.new_id(),
        organization_id=organization,
        client_id=client,
        user_id=user,
        scopes=["read"],
        created_at=clock.now(),
    )
    invitation = Invitation(
        id=Invitation.new_id(),
        organization_id=organization,
        user_id=user,
        hash=hash_of(Invitation.new_id()),
        created_at=clock.now(),
        expires_at=clock.now() + timedelta(days=1),
    )
    await store(database, grant, invitation, _session(user, organization, clock))
    token = await make_credential(database, organization, client, CredentialKind.ACCESS_TOKEN, grant_id=grant.id)
    for headers in ({"x-api-key": key}, {"authorization": f"Bearer {token}"}):
        assert await resolve(database, headers) is not None

    disabled = await office.done("disableUser", PERSON, by={"id": user})

    assert (disabled["user"]["status"], disabled["user"]["disabledAt"]) == ("DISABLED", "2024-01-15T14:30:00Z")
    for headers in ({"x-api-key": key}, {"authorization": f"Bearer {token}"}):
        with pytest.raises(DomainError):
            await resolve(database, headers)
    assert await invitations(database, user) == []
    assert await database.rows(select(BrowserSession.id).where(BrowserSession.user_id == user)) == []
    assert await office.told() == [("USER_DISABLED", user, None)]
    assert await office.noted() == [("disableUser", user)]
    assert await office.heard(user) == {user}
    for again in ("resetPassword", "resendInvitation"):
        assert await office.refused(again, by={"userId": user}) == [("CONFLICT", "userId")]

    await office.done("enableUser", PERSON, by={"id": user})

    assert await resolve(database, {"x-api-key": key}) is not None
    with pytest.raises(DomainError):
        await resolve(database, {"authorization": f"Bearer {token}"})


async def test_the_last_administrator_stays(office: Office, viewer: Viewer, database: Database) -> None:
    own = viewer.user_id
    assert await office.refused("disableUser", by={"id": own}) == [("CONFLICT", "id")]
    assert await office.refused("updateUser", id=own, role="ANALYST") == [("CONFLICT", "role")]
    other = await make_user(database, office.organization, role=Role.ADMIN)
    await office.done("disableUser", by={"id": other})
    # Who is disabled does not count.
    assert await office.refused("updateUser", id=own, role="ANALYST") == [("CONFLICT", "role")]
    await office.done("enableUser", by={"id": other})
    await office.done("updateUser", id=own, role="ANALYST")


async def test_an_administrator_who_has_not_joined_yet_is_no_other_one(
    office: Office, viewer: Viewer, database: Database
) -> None:
    async def join(user: str) -> None:
        async def work(unit: Unit) -> Keys:
            return await user_writes.set_password(unit, user, "a hash")

        await database.transact(viewer, work)

    own, invited = viewer.user_id or "", await make_user(database, office.organization, role=Role.ADMIN)
    await join(own)
    assert await office.refused("disableUser", by={"id": own}) == [("CONFLICT", "id")]
    assert await office.refused("updateUser", id=own, role="ANALYST") == [("CONFLICT", "role")]
    await office.done("disableUser", by={"id": invited})
    await office.done("enableUser", by={"id": invited})
    await join(invited)
    await office.done("updateUser", id=own, role="ANALYST")


async def test_two_administrators_cannot_shut_each_other_out(
    database: Database, viewer: Viewer, organization: str
) -> None:
    other = await make_user(database, organization, role=Role.ADMIN)

    async def shut_out(user: str) -> Keys | DomainError:
        async def work(unit: Unit) -> Keys:
            return await user_writes.disable(unit, user)

        try:
            return await database.transact(viewer, work)
        except DomainError as error:
            return error

    answers = await asyncio.gather(shut_out(other), shut_out(viewer.user_id or ""))
    assert [type(each) for each in answers].count(DomainError) == 1
    left = select(User.id).where(User.organization_id == organization, User.disabled_at.is_(None))
    assert len(await database.rows(left)) == 1


async def test_who_may_only_manage_users_does_not_become_an_administrator(
    office: Office, viewer_of: MakeViewer, database: Database
) -> None:
    clerk = await viewer_of(role=Role.ADMIN, scopes=("read", "write:users"))
    admin = await make_user(database, office.organization, role=Role.ADMIN)
    rep = await make_user(database, office.organization)
    for name, given in (
        ("inviteUser", {"email": "ada@example.com", "role": "ADMIN"}),
        ("updateUser", {"id": rep, "role": "ADMIN"}),
        ("updateUser", {"id": admin, "role": "ANALYST"}),
        ("resetPassword", {"by": {"userId": admin}}),
        ("disableUser", {"by": {"id": admin}}),
    ):
        answer = await office.ask(name, "__typename", clerk, **given)
        assert answer.codes == [Code.FORBIDDEN], name
    assert await office.told() == []
    await office.done("inviteUser", PERSON, clerk, email="ada@example.com", role="SALES_REP")


async def test_teams_are_made_renamed_and_deleted(office: Office) -> None:
    made = await office.done("createTeam", "team { id name members { totalCount } }", name=" Field ")
    team = made["team"]["id"]
    assert made["team"] == {"id": team, "name": "Field", "members": {"totalCount": 0}}
    renamed = await office.done("updateTeam", "team { name }", id=team, name="Outside")
    assert renamed["team"] == {"name": "Outside"}
    await office.done("updateTeam", id=team, name="Outside")
    deleted = await office.done("deleteTeam", "deletedId", id=team)
    assert deleted["deletedId"] == team
    assert await office.told() == [(f"TEAM_{done}", team, None) for done in ("CREATED", "UPDATED", "DELETED")]
    assert await office.noted() == [(f"{done}Team", team) for done in ("create", "update", "delete")]
    assert (await office.graph.data("query ($id: ID!) { team(id: $id) { id } }", id=team))["team"] is None


async def test_a_team_with_members_or_notes_needs_an_heir(
    office: Office, database: Database, viewer_of: MakeViewer, organization: str
) -> None:
    team, heir = await make_team(database, organization), await make_team(database, organization, "Heirs")
    author = await viewer_of(role=Role.SALES_REP, team=team)
    lead = await make_lead(database, organization)
    note = 'mutation ($lead: ID!) { createNote(input: {leadId: $lead, content: "For us"}) { note { id } } }'
    noted = (await office.graph.data(note, author, lead=lead))["createNote"]["note"]["id"]
    read = "query ($id: ID!) { node(id: $id) { id } }"
    colleague = await viewer_of(role=Role.SALES_REP, team=heir)
    assert (await office.graph.data(read, colleague, id=noted))["node"] is None
    assert await office.refused("deleteTeam", id=team) == [("CONFLICT", "moveTo")]
    await office.done("updateUser", id=author.user_id, teamId=heir)
    # The member is gone, the note is not.
    assert await office.refused("deleteTeam", id=team) == [("CONFLICT", "moveTo")]
    assert await office.refused("deleteTeam", id=team, moveTo=team) == [("INVALID", "moveTo")]
    await office.done("updateUser", id=author.user_id, teamId=team)

    await office.done("deleteTeam", "deletedId", id=team, moveTo=heir)

    assert (await office.graph.data(read, colleague, id=noted))["node"] == {"id": noted}
    assert (await office.facts())["movedTo"] == heir
    moved = (await office.graph.data("query ($id: ID!) { user(id: $id) { team { id } } }", id=author.user_id))["user"]
    assert moved["team"] == {"id": heir}
    assert await office.heard(author.user_id or "") == {author.user_id}


async def test_staff_can_be_looked_for(office: Office, database: Database) -> None:
    team = await make_team(database, office.organization, "100% Field")
    await make_user(database, office.organization, team=team, name="Ada Lovelace")
    await make_user(database, office.organization, team=team, name="Grace Hopper")
    query = '{ teams(search: "0% f") { totalCount nodes { name members(search: "love") { nodes { name status } } } } }'
    assert (await office.graph.data(query))["teams"] == {
        "totalCount": 1,
        "nodes": [{"name": "100% Field", "members": {"nodes": [{"name": "Ada Lovelace", "status": "INVITED"}]}}],
    }
