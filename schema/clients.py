"""API clients, and what hangs on them: keys, secrets, authorizations. No hash and no secret is in the graph."""

from datetime import datetime

import strawberry

from resolvers import clients
from schema.engine.forms import collection, connection, link, one
from schema.enums import CredentialKind, Dialect
from schema.nodes import Connection, Node
from schema.users import User


@strawberry.type(description="A program that may call.")
class ApiClient(Node, read=clients.visible):
    """A program that may call. Its id is its OAuth client_id."""

    name: str
    dialect: Dialect | None = strawberry.field(description="The product its keys open besides GraphQL, if any.")
    tier: str = strawberry.field(description="The tier its rate limits come from.")
    scopes: list[str] = strawberry.field(description="The most its keys and tokens may do.")
    redirect_uris: list[str] = strawberry.field(
        description="Where authorizations may lead back to, exactly as written."
    )
    allowed_ips: list[str] = strawberry.field(description="Where it may call from; an empty list is anywhere.")
    sandbox: bool = strawberry.field(description="Whether it sees test data instead of the organization's.")
    public: bool = strawberry.field(description="Whether it runs where no secret can be kept.")
    legacy: bool = strawberry.field(description="Whether it may do without PKCE and keeps its refresh tokens.")
    demands_secret: bool = strawberry.field(description="Whether its key alone opens nothing.")
    monthly_tokens: int = strawberry.field(description="How many tokens it may have generated a month.")
    expires_at: datetime | None = strawberry.field(description="When it ends by itself.")
    revoked_at: datetime | None
    created_at: datetime
    user: User | None = link(clients.user, "The member of staff it acts for.")
    keys: Connection["ApiKey"] = collection(clients.keys, "Its API keys, newest first.")
    secrets: Connection["ApiKey"] = collection(clients.secrets, "Its secrets, newest first.")
    grants: Connection["Grant"] = collection(clients.grants, "What people have allowed it, newest first.")


@strawberry.type(description="A key or a secret of a client; it is shown when it is made and never again.")
class ApiKey(Node, read=clients.visible_keys):
    """A key or a secret of a client."""

    kind: CredentialKind
    hint: str = strawberry.field(description="How it begins.")
    created_at: datetime
    expires_at: datetime | None = strawberry.field(description="When it ends by itself, such as after a rotation.")
    revoked_at: datetime | None
    last_used_at: datetime | None = strawberry.field(description="When it was last seen, a little late.")
    client: ApiClient = link(clients.of_key)


@strawberry.type(description="What a member of staff has allowed a client.")
class Grant(Node, read=clients.visible_grants):
    """What a member of staff has allowed a client."""

    scopes: list[str]
    created_at: datetime
    revoked_at: datetime | None = strawberry.field(description="Since when it is withdrawn.")
    client: ApiClient = link(clients.of_grant)
    user: User | None = link(clients.user_of_grant, "Who allowed it.")


@strawberry.type
class ClientQueries:
    """Reads of API clients."""

    client: ApiClient | None = one(clients.visible, "An API client.")
    clients: Connection[ApiClient] = connection(
        clients.search, "API clients, newest first.", search=str, dialect=Dialect, active=bool
    )
