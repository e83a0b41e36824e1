"""Having a language model phrase what a research found."""

from __future__ import annotations

import json

from domain.errors import DomainError, Kind
from domain.intelligence import research_phrasing as phrasing
from domain.intelligence.research import Conclusions
from domain.intelligence.research_facts import Source
from domain.outside import WriterTask
from resolvers.desk import Desk
from resolvers.quotas import tokens_of

_KIND = "MODEL"


async def phrased(desk: Desk, found: Conclusions) -> tuple[Conclusions, Source, int]:
    """The findings in a model's words where the facts bear them, what it gave, and the tokens it took.

    Without an answer the findings stay as they are.
    """
    asked = phrasing.asked_about(found)
    task = WriterTask("research", phrasing.INSTRUCTIONS, {"findings": asked}, phrasing.SCHEMA, 100 * len(asked) + 200)
    try:
        answer = await desk.outside.writer.write(desk.viewer, task)
    except DomainError as error:
        if error.kind is not Kind.UNAVAILABLE:
            raise
        return found, Source(_KIND, None, False, 0, error.message), 0
    written, count, dropped = phrasing.taken(found, answer.value, answer.model)
    reason = f"{dropped} sentences were not borne by the facts." if dropped else None
    # Counted as everything else that is generated: by its characters.
    used = tokens_of([phrasing.INSTRUCTIONS, json.dumps(asked), json.dumps(answer.value)])
    return written, Source(_KIND, answer.model, True, count, reason), used
