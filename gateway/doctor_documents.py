"""The doctor's look at trusted documents: whether there are any where no others are run, and whether they still fit."""

from __future__ import annotations

from sqlalchemy import select

from domain.documents import TrustedDocument
from gateway.assembly import graphql_limits
from gateway.engines import Engines
from gateway.findings import Finding, Health
from gateway.graphql.checking import Checking
from gateway.graphql.errors import Refused
from gateway.settings import Settings
from schema.graph import graphql_schema

_ABOUT = "documents"
_SHOWN = 3


async def examine_documents(settings: Settings, engines: Engines) -> list[Finding]:
    """Whether what is registered in a migrated database can be run."""
    async with engines.reading.connect() as connection:
        statement = select(TrustedDocument.source, TrustedDocument.text).order_by(TrustedDocument.source)
        found = (await connection.execute(statement)).all()
    if not found:
        return _none(settings)
    checking = Checking(graphql_schema, graphql_limits(settings))
    unfit = [each.source for each in found if not _fits(checking, each.text)]
    if unfit:
        more = f" and {len(unfit) - _SHOWN} more" if len(unfit) > _SHOWN else ""
        words = f"{len(unfit)} of {len(found)} trusted documents cannot be run: {', '.join(unfit[:_SHOWN])}{more}."
        return [Finding(Health.WORTH_A_LOOK, _ABOUT, f"{words} `trigraph documents list` says why.")]
    return [Finding(Health.FINE, _ABOUT, f"All {len(found)} trusted documents can be run.")]


def _none(settings: Settings) -> list[Finding]:
    if not settings.documents.trusted_only:
        return []
    words = "TRIGRAPH_DOCUMENTS_TRUSTED_ONLY is set and no document is registered: GraphQL answers nothing at all."
    return [Finding(Health.WORTH_A_LOOK, _ABOUT, f"{words} `trigraph documents push` registers them.")]


def _fits(checking: Checking, text: str) -> bool:
    try:
        checking.operations(text)
    except Refused:
        return False
    return True
