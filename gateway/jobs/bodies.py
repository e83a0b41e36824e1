"""What is sent of a batch that is over: the answer that the dialect's own document gives of it."""

from __future__ import annotations

from dataclasses import replace

from domain.values import new_id
from domain.viewer import Viewer
from gateway import json
from gateway.doors import Contexts
from rest_compat.clickup_brain.batches import RESULTS
from rest_compat.clickup_brain.dialect import CLICKUP_BRAIN
from rest_compat.engine.prepared import prepare
from schema.graph import graphql_schema


class BatchBodies:
    """Writes what the callbacks of batches carry, as their viewer may see it."""

    def __init__(self, contexts: Contexts) -> None:
        self._contexts = contexts
        self._dialect = replace(CLICKUP_BRAIN, routes=(RESULTS,))

    async def __call__(self, viewer: Viewer, batch_id: str) -> bytes:
        """The body of a batch.

        Raises:
            Fault: the viewer may not see it.
        """
        (route,) = prepare(self._dialect, graphql_schema)
        bound = route.binder.bind({"batch_id": batch_id}, {}, {})
        # It belongs to the answer of the call that asked for it, which only writes.
        acting = viewer.to_be_answered(writing=True)
        return json.dumps(await route.run(bound, self._contexts.make(acting, new_id("req"), trusted=True)))
