"""Learning churn models anew, organization by organization, away from the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from importlib import import_module
from typing import Any

from domain.intelligence.churn_weights import Fitted
from domain.viewer import Viewer
from gateway.database import Database
from gateway.logging import logger
from gateway.settings_feedback import FeedbackSettings
from resolvers import churn_models
from resolvers.unit import Keys, Unit

_FIT = "domain.intelligence.churn_fit"
"""Brings numpy with it, so it is loaded when there is something to learn from."""

log = logger(__name__)


class ChurnModels:
    """Keeps the models of all organizations as good as their outcomes allow."""

    def __init__(self, database: Database, settings: FeedbackSettings) -> None:
        self._database = database
        self._settings = settings

    async def learn(self) -> None:
        """Learn the models whose outcomes have grown enough; one that fails does not hold back the others."""
        wanted = churn_models.counted(self._settings.churn_labels)
        growth = self._settings.churn_growth
        for organization_id, labels, churned, known, since in await self._database.rows(wanted):
            if churn_models.is_worth_learning(labels, churned, known, since, growth):
                await self._learn(organization_id)

    async def _learn(self, organization_id: str) -> None:
        rows = await self._database.rows(churn_models.outcomes(organization_id))
        # Both take a second for as many outcomes as are learnt from.
        examples, fitted = await asyncio.to_thread(_learnt, rows)

        async def work(unit: Unit) -> Keys:
            return churn_models.keep(unit, examples, fitted)

        await self._database.transact(Viewer.nobody(organization_id), work)
        log.info("a churn model was learnt", organization=organization_id, labels=len(examples), auc=fitted.auc)


def _learnt(rows: Sequence[Any]) -> tuple[list[churn_models.Example], Fitted]:
    examples = churn_models.examples(rows)
    fitted: Fitted = import_module(_FIT).fit([each.row for each in examples], [each.left for each in examples])
    return examples, fitted
