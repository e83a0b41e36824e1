"""Language models: what they were used for, what that cost, and whether they may be used."""

from datetime import datetime
from typing import Any

import strawberry
from strawberry import UNSET

from domain.writing import dollars
from resolvers import organizations, writing
from resolvers.reads import ToOne
from schema.context import Context
from schema.engine.forms import change, connection, derived, link, service
from schema.engine.inputs import mirrors
from schema.enums import WriterOutcome
from schema.nodes import Connection, Node, Payload
from schema.users import Organization


@strawberry.type(description="One task for a language model. What was sent and answered is kept nowhere.")
class WriterUse(Node, read=writing.visible):
    """One task for a language model."""

    created_at: datetime
    purpose: str = strawberry.field(description="What it was for, such as `localize`.")
    model: str
    outcome: WriterOutcome
    prompt_tokens: int = strawberry.field(description="Tokens that were read, of every request that it took.")
    completion_tokens: int = strawberry.field(description="Tokens that were written.")
    cost: float = derived(dollars, "cost_micros", description="In US dollars; of a task under way, the most it can be.")
    estimated: bool = strawberry.field(
        description="Whether the server did not tell all of it, and the most it can have been was counted."
    )
    milliseconds: int


@strawberry.type(description="What the organization spends on language models in the running month of the clock (UTC).")
class WriterBudget:
    """What the organization spends on language models in the running month, in US dollars."""

    configured: bool = strawberry.field(description="Whether this server has a language model at all.")
    enabled: bool = strawberry.field(description="Whether the organization lets it be used.")
    model: str | None
    month: str = strawberry.field(description="Such as 2024-01.")
    spent: float = strawberry.field(description="US dollars, what is under way included at the most it can cost.")
    limit: float | None = strawberry.field(
        description="US dollars: the organization's own budget, or the server's; null without a language model."
    )
    remaining: float | None
    prices_assumed: bool = strawberry.field(
        description="Whether nobody has told the server its model's prices: then they are assumed to be high."
    )
    reset_at: datetime = strawberry.field(description="When the next month begins.")


@mirrors(writing.WriterUseFilter)
class WriterUseFilter:
    """Which uses are wanted."""

    since: datetime | None = UNSET
    until: datetime | None = UNSET
    purpose: str | None = UNSET
    model: str | None = UNSET
    outcome: WriterOutcome | None = UNSET


@mirrors(writing.WriterPatch)
class UpdateWriterInput:
    """Changes to what language models may do for the organization: what is left out stays."""

    enabled: bool | None = UNSET
    monthly_budget: float | None = strawberry.field(
        default=UNSET, description="US dollars a month; null is what the server allows, and no budget exceeds its most."
    )


@strawberry.type
class UpdateWriterPayload(Payload):
    """The organization as it is now."""

    organization: Organization | None = link(ToOne(organizations.visible, "organization"))


async def _budget(context: Context) -> dict[str, Any]:
    found = await context.operations.writing(context.known_viewer())
    return {
        "configured": found.model is not None,
        "enabled": found.enabled,
        "model": found.model,
        "month": found.month,
        "spent": dollars(found.spent_micros),
        "limit": None if found.limit_micros is None else dollars(found.limit_micros),
        "remaining": None if found.remaining_micros is None else dollars(found.remaining_micros),
        "prices_assumed": found.assumed,
        "reset_at": found.resets_at,
    }


@strawberry.type
class WriterQueries:
    """Reads of what language models were used for."""

    writer_uses: Connection[WriterUse] = connection(
        writing.search, "What language models were used for, newest first.", where=WriterUseFilter
    )
    writer_budget: WriterBudget = service(
        _budget, "What language models have cost the organization this month, and may cost.", writing.PERMISSION
    )


@strawberry.type
class WriterMutations:
    """What an administrator can do with language models."""

    update_writer: UpdateWriterPayload = change(writing.change, input=UpdateWriterInput)
