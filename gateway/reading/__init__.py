"""Texts taken out of files, and analysed, in processes that can be killed: a file is never trusted with the server."""
