"""Counting what clients use of their limits, in this process or in Redis."""
