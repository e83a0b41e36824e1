"""Drivers of compiled operations: each runs a whole program of statements in as few turns as its database allows."""
