"""The graph as Strawberry types over the declared reads and use cases."""
