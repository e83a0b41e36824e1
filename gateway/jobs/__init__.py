"""Batches as durable work: entries one by one, then telling who asked for them."""
