"""The translator every dialect is served by; it knows GraphQL and HTTP, and no product."""
