"""Entities, events and pure rules of the go-to-market domain."""
