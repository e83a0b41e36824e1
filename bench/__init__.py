"""Measurements of the real server; `make bench` runs them."""
