"""Alembic migrations that run on both databases, and the functions that run them."""
