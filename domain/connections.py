"""How clients listen."""

from enum import StrEnum


class ConnectionKind(StrEnum):
    """What a client listens by."""

    GRAPHQL_WEBSOCKET = "GRAPHQL_WEBSOCKET"
    GRAPHQL_SSE = "GRAPHQL_SSE"
    CLICKUP_BRAIN_WEBSOCKET = "CLICKUP_BRAIN_WEBSOCKET"
    CLICKUP_BRAIN_SSE = "CLICKUP_BRAIN_SSE"
