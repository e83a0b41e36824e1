"""Analyses of texts and numbers: deterministic, offline, and with the evidence each answer stands on."""
