"""The GraphQL door: HTTP, Server-Sent Events and the graphql-transport-ws protocol over one executable schema."""
