"""The use cases: what can be read, what can be done, who may, and what is told."""
