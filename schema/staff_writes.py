"""What an administrator can do with staff and teams."""

import strawberry
from strawberry import UNSET

from resolvers import teams, user_writes, users
from resolvers.reads import ToOne
from schema.engine.forms import change, link
from schema.engine.inputs import mirrors
from schema.enums import Role
from schema.nodes import Payload
from schema.users import Team, User

_USER = ToOne(users.visible, "user")
_TEAM = ToOne(teams.visible, "team")
_LINK = (
    "The address under which the user sets a password, once. It is mailed too, and shown this once: a request that is "
    "repeated under its Idempotency-Key gets null."
)


@mirrors(user_writes.Invitee)
class InviteUserInput:
    """Somebody who is to become a member of staff."""

    email: str
    role: Role
    name: str | None = strawberry.field(default=UNSET, description="Without one, what the address begins with.")
    team_id: strawberry.ID | None = UNSET


@mirrors(user_writes.UserPatch)
class UpdateUserInput:
    """Changes to a member of staff: what is left out stays, a null team is none."""

    id: strawberry.ID
    name: str | None = UNSET
    role: Role | None = UNSET
    team_id: strawberry.ID | None = UNSET


@mirrors(teams.TeamDraft)
class CreateTeamInput:
    """A team to be made."""

    name: str


@mirrors(teams.TeamPatch)
class UpdateTeamInput:
    """Changes to a team."""

    id: strawberry.ID
    name: str | None = UNSET


@mirrors(teams.TeamRemoval)
class DeleteTeamInput:
    """A team to be deleted."""

    id: strawberry.ID
    move_to: strawberry.ID | None = strawberry.field(
        default=UNSET, description="The team that takes over its members and notes; needed as long as it has any."
    )


@strawberry.type
class InviteUserPayload(Payload):
    """The member of staff, and the link that lets them in."""

    user: User | None = link(_USER)
    invitation_url: str | None = strawberry.field(description=_LINK)


@strawberry.type
class UpdateUserPayload(Payload):
    """The member of staff as they are now."""

    user: User | None = link(_USER)


@strawberry.type
class CreateTeamPayload(Payload):
    """The team that was made."""

    team: Team | None = link(_TEAM)


@strawberry.type
class UpdateTeamPayload(Payload):
    """The team as it is now."""

    team: Team | None = link(_TEAM)


@strawberry.type
class DeleteTeamPayload(Payload):
    """What was deleted."""

    deleted_id: strawberry.ID | None


@strawberry.type
class StaffMutations:
    """What an administrator can do with staff and teams."""

    invite_user: InviteUserPayload = change(user_writes.invite, input=InviteUserInput)
    resend_invitation: InviteUserPayload = change(user_writes.invite_again, user_id=strawberry.ID)
    reset_password: InviteUserPayload = change(user_writes.reset_password, user_id=strawberry.ID)
    update_user: UpdateUserPayload = change(user_writes.change, input=UpdateUserInput)
    disable_user: UpdateUserPayload = change(user_writes.disable, id=strawberry.ID)
    enable_user: UpdateUserPayload = change(user_writes.enable, id=strawberry.ID)
    create_team: CreateTeamPayload = change(teams.create, input=CreateTeamInput)
    update_team: UpdateTeamPayload = change(teams.change, input=UpdateTeamInput)
    delete_team: DeleteTeamPayload = change(teams.delete, input=DeleteTeamInput)
