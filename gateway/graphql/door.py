"""What both ways into the graph share, HTTP and websockets."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.connections import Connections
from gateway.graphql.identity import Authenticate
from gateway.graphql.limits import GraphQLLimits
from gateway.graphql.pipeline import Pipeline
from gateway.guard import Guard


@dataclass(frozen=True)
class Door:
    """Who executes, who knows the callers, who watches over open streams and lists them, and within which limits."""

    pipeline: Pipeline
    authenticate: Authenticate
    guard: Guard
    connections: Connections
    limits: GraphQLLimits
