"""GraphiQL, served from this repository: the page, its files, and nothing from any other host."""

from gateway.graphiql.page import GraphiQLConfig, graphiql_page, graphiql_routes

__all__ = ["GraphiQLConfig", "graphiql_page", "graphiql_routes"]
