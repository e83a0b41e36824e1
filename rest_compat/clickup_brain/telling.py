"""What ClickUp Brain tells its receivers (documentation, section Webhooks).

`data` is the documented object that caused the event, just as the log holds it: the printed alert, or the answer of
the route (CB-32). The log says an alert's type and severity in the graph's words.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from domain.event_log import Event
from domain.events import EventType
from rest_compat.engine.telling import Body, Telling, in_order, printed

NAMES: Mapping[EventType, str] = {
    EventType.COMPLIANCE_ALERT: "compliance.alert",
    EventType.MARKETING_OPTIMIZED: "marketing.optimization",
    EventType.FEEDBACK_ANALYZED: "feedback.analysis",
}

_WORDS = ("type", "severity")

sample = printed(Path(__file__).parent / "examples" / "webhooks", NAMES)


def tell(event: Event) -> Body:
    """The data of an event, its keys in the printed order."""
    data = event.data
    if event.type is EventType.COMPLIANCE_ALERT:
        data = data | {name: data[name].lower() for name in _WORDS}
    return {"data": in_order(data, sample(event.type, event.occurred_at)["data"])}


TELLING = Telling(names=NAMES, tell=tell, signature_header="X-ClickUp-Brain-Signature", sample=sample)
