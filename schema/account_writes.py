"""What can be done with companies and people."""

import strawberry
from strawberry import UNSET

from resolvers import account_writes, accounts, contact_writes, contacts
from resolvers.reads import ToOne
from schema.accounts import Account
from schema.contacts import Contact
from schema.engine.forms import change, link
from schema.engine.inputs import mirrors
from schema.nodes import Payload

_ACCOUNT = ToOne(accounts.visible, "account")
_CONTACT = ToOne(contacts.visible, "contact")


@mirrors(account_writes.AccountDraft)
class CreateAccountInput:
    """A company to be made."""

    name: str
    domain: str | None = strawberry.field(default=UNSET, description="By which it is found again; one per company.")
    industry: str | None = UNSET
    size: str | None = strawberry.field(default=UNSET, description="In words, such as 200-500 employees.")
    revenue: str | None = strawberry.field(default=UNSET, description="In words, such as $10M-$50M.")
    location: str | None = strawberry.field(
        default=UNSET, description="Such as San Francisco, CA: it tells whose law holds."
    )
    founded: str | None = UNSET
    website: str | None = strawberry.field(default=UNSET, description="Without it, that of the domain.")
    description: str | None = UNSET
    technologies: list[str] | None = UNSET


@mirrors(account_writes.AccountPatch)
class UpdateAccountInput:
    """Changes to a company: what is left out stays, null clears."""

    id: strawberry.ID
    name: str | None = UNSET
    domain: str | None = UNSET
    industry: str | None = UNSET
    size: str | None = UNSET
    revenue: str | None = UNSET
    location: str | None = UNSET
    founded: str | None = UNSET
    website: str | None = UNSET
    description: str | None = UNSET
    technologies: list[str] | None = UNSET


@mirrors(contact_writes.ContactDraft)
class CreateContactInput:
    """A person to be made."""

    email: str
    name: str | None = UNSET
    title: str | None = UNSET
    linkedin: str | None = strawberry.field(default=UNSET, description="The address of the person's page.")
    account_id: strawberry.ID | None = strawberry.field(
        default=UNSET, description="Without it, the company whose domain the address has."
    )
    unsubscribed: bool | None = strawberry.field(default=UNSET, description="Whether campaigns may not write to them.")


@mirrors(contact_writes.ContactPatch)
class UpdateContactInput:
    """Changes to a person: what is left out stays, null clears; the address stays."""

    id: strawberry.ID
    name: str | None = UNSET
    title: str | None = UNSET
    linkedin: str | None = UNSET
    account_id: strawberry.ID | None = UNSET
    unsubscribed: bool | None = UNSET


@strawberry.type
class CreateAccountPayload(Payload):
    """The company that was made."""

    account: Account | None = link(_ACCOUNT)


@strawberry.type
class UpdateAccountPayload(Payload):
    """The company as it is now."""

    account: Account | None = link(_ACCOUNT)


@strawberry.type
class CreateContactPayload(Payload):
    """The person that was made."""

    contact: Contact | None = link(_CONTACT)


@strawberry.type
class UpdateContactPayload(Payload):
    """The person as it is now."""

    contact: Contact | None = link(_CONTACT)


@strawberry.type
class AccountMutations:
    """What can be done with companies and people."""

    create_account: CreateAccountPayload = change(account_writes.create, input=CreateAccountInput)
    update_account: UpdateAccountPayload = change(account_writes.change, input=UpdateAccountInput)
    create_contact: CreateContactPayload = change(contact_writes.create, input=CreateContactInput)
    update_contact: UpdateContactPayload = change(contact_writes.change, input=UpdateContactInput)
