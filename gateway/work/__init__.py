"""Durable work: what is due is a column of a row; a sweeper hands it on, and no crash loses or repeats it."""
