"""What an administrator can do with API clients, their keys and their authorizations."""

from datetime import datetime

import strawberry
from strawberry import UNSET

from resolvers import client_writes, clients, keys
from resolvers.reads import ToOne
from schema.clients import ApiClient, ApiKey, Grant
from schema.engine.forms import change, link
from schema.engine.inputs import mirrors
from schema.enums import Dialect
from schema.nodes import Payload

_CLIENT = ToOne(clients.visible, "client")
_KEY = ToOne(clients.visible_keys, "key")
_ONCE = "Shown this once: a request that is repeated under its Idempotency-Key gets null."
_OVERLAP = "How long the old one goes on working: a day when nothing is said, 30 days at most, 0 ends it at once."


@mirrors(client_writes.ClientDraft)
class CreateClientInput:
    """A client to be made."""

    name: str
    dialect: Dialect | None = strawberry.field(
        default=UNSET, description="The product whose routes its keys open; without one they open GraphQL alone."
    )
    tier: str | None = strawberry.field(default=UNSET, description="One of the product's tiers.")
    scopes: list[str] | None = strawberry.field(default=UNSET, description="Reading and writing when nothing is said.")
    user_id: strawberry.ID | None = strawberry.field(default=UNSET, description="The member of staff it acts for.")
    redirect_uris: list[str] | None = strawberry.field(
        default=UNSET,
        description="Where authorizations may lead back to, compared exactly: https, http on this machine itself, or a "
        "scheme of the application's own with a dot.",
    )
    allowed_ips: list[str] | None = strawberry.field(default=UNSET, description="Addresses or networks.")
    sandbox: bool | None = strawberry.field(
        default=UNSET, description="It sees a sandbox with test data, which is made when there is none yet."
    )
    public: bool | None = strawberry.field(
        default=UNSET, description="It runs where no secret can be kept, and gets neither key nor secret."
    )
    legacy: bool | None = strawberry.field(
        default=UNSET, description="It came over from CRM-Ultra: no PKCE, and refresh tokens that stay the same."
    )
    demands_secret: bool | None = strawberry.field(default=UNSET, description="Its key alone opens nothing.")
    monthly_tokens: int | None = UNSET
    expires_at: datetime | None = UNSET
    with_key: bool | None = strawberry.field(
        default=UNSET, description="Whether it gets a key; yes unless it is public."
    )
    with_secret: bool | None = strawberry.field(
        default=UNSET, description="Whether it gets a secret; yes unless it is public."
    )


@mirrors(client_writes.ClientPatch)
class UpdateClientInput:
    """Changes to a client: what is left out stays, null is the usual."""

    id: strawberry.ID
    name: str | None = UNSET
    tier: str | None = UNSET
    scopes: list[str] | None = UNSET
    user_id: strawberry.ID | None = UNSET
    redirect_uris: list[str] | None = UNSET
    allowed_ips: list[str] | None = UNSET
    legacy: bool | None = UNSET
    demands_secret: bool | None = UNSET
    monthly_tokens: int | None = UNSET
    expires_at: datetime | None = UNSET


@mirrors(keys.KeyDraft)
class CreateKeyInput:
    """A key to be made for a client."""

    client_id: strawberry.ID
    expires_at: datetime | None = UNSET


@mirrors(keys.Rotation)
class RotateKeyInput:
    """A key to be replaced."""

    key_id: strawberry.ID
    overlap_seconds: int | None = strawberry.field(default=UNSET, description=_OVERLAP)
    expires_at: datetime | None = strawberry.field(default=UNSET, description="When the new one ends by itself.")


@mirrors(keys.SecretRotation)
class RotateSecretInput:
    """A client whose secret is to be replaced."""

    client_id: strawberry.ID
    overlap_seconds: int | None = strawberry.field(default=UNSET, description=_OVERLAP)


@strawberry.type
class CreateClientPayload(Payload):
    """The client that was made, with its key and secret."""

    client: ApiClient | None = link(_CLIENT)
    api_key: str | None = strawberry.field(description=_ONCE)
    client_secret: str | None = strawberry.field(description=_ONCE)


@strawberry.type
class UpdateClientPayload(Payload):
    """The client as it is now."""

    client: ApiClient | None = link(_CLIENT)


@strawberry.type
class CreateKeyPayload(Payload):
    """The key that was made."""

    key: ApiKey | None = link(_KEY)
    client: ApiClient | None = link(_CLIENT)
    api_key: str | None = strawberry.field(description=_ONCE)


@strawberry.type
class RotateSecretPayload(Payload):
    """The secret that was made."""

    key: ApiKey | None = link(_KEY)
    client: ApiClient | None = link(_CLIENT)
    client_secret: str | None = strawberry.field(description=_ONCE)


@strawberry.type
class RevokeKeyPayload(Payload):
    """The key that was revoked."""

    key: ApiKey | None = link(_KEY)
    client: ApiClient | None = link(_CLIENT)


@strawberry.type
class RevokeAccessPayload(Payload):
    """The authorization that was withdrawn."""

    grant: Grant | None = link(ToOne(clients.visible_grants, "grant"))


@strawberry.type
class ClientMutations:
    """What an administrator can do with API clients."""

    create_client: CreateClientPayload = change(client_writes.create, input=CreateClientInput)
    update_client: UpdateClientPayload = change(client_writes.change, input=UpdateClientInput)
    revoke_client: UpdateClientPayload = change(client_writes.revoke, id=strawberry.ID)
    create_key: CreateKeyPayload = change(keys.create, input=CreateKeyInput)
    rotate_key: CreateKeyPayload = change(keys.rotate, input=RotateKeyInput)
    revoke_key: RevokeKeyPayload = change(keys.revoke, id=strawberry.ID)
    rotate_secret: RotateSecretPayload = change(keys.rotate_secret, input=RotateSecretInput)
    revoke_access: RevokeAccessPayload = change(client_writes.withdraw, grant_id=strawberry.ID)
