"""Older REST products served from the graph: one translator, one folder per product."""
