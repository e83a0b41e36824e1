"""Learning conversion models anew, organization by organization, away from the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from importlib import import_module
from typing import Any

from domain.conversion import ConversionSubject
from domain.intelligence.conversion import Fitted, lacking
from domain.viewer import Viewer
from gateway.database import Database
from gateway.logging import logger
from gateway.settings_conversion import ConversionSettings
from resolvers import conversion_models
from resolvers.unit import Keys, Unit

_FIT = "domain.intelligence.conversion_fit"
"""Brings numpy with it, so it is loaded when there is something to learn from."""

log = logger(__name__)


class ConversionModels:
    """Keeps the models of all organizations as good as their outcomes allow."""

    def __init__(self, database: Database, settings: ConversionSettings) -> None:
        self._database = database
        self._settings = settings

    async def learn(self) -> None:
        """Learn the models, of leads and of companies, whose outcomes have grown enough."""
        for subject in ConversionSubject:
            wanted = conversion_models.counted(subject, self._settings.labels)
            for organization_id, labels, converted, known, since in await self._database.rows(wanted):
                if why := lacking(labels, converted):
                    told = {"organization": organization_id, "subject": subject.value, "why": why}
                    log.info("no conversion model can be learnt", labels=labels, **told)
                elif conversion_models.is_worth_learning(labels, converted, known, since, self._settings.growth):
                    await self._learn(subject, organization_id)

    async def _learn(self, subject: ConversionSubject, organization_id: str) -> None:
        statement = conversion_models.outcomes(subject, organization_id, self._database.clock.now())
        rows = await self._database.rows(statement)
        # Both take seconds for as many outcomes as are learnt from.
        fitted, converted = await asyncio.to_thread(_learnt, subject, rows)

        async def work(unit: Unit) -> Keys:
            return conversion_models.keep(unit, subject, fitted, converted)

        await self._database.transact(Viewer.nobody(organization_id), work)
        told = {"organization": organization_id, "subject": subject.value, "auc": fitted.auc}
        log.info("a conversion model was learnt", labels=fitted.weights.cases, **told)


def _learnt(subject: ConversionSubject, rows: Sequence[Any]) -> tuple[Fitted, int]:
    outcomes = conversion_models.examples(subject, rows)
    converted = [each.converted for each in outcomes]
    fitted: Fitted = import_module(_FIT).fit([each.facts for each in outcomes], converted)
    return fitted, sum(converted)
