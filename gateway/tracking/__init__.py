"""Noticing that mail was opened, and which of its links were followed (decision 0020)."""
