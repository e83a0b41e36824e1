"""The read forms and the one change form: how a declared read or use case becomes a field of the graph."""
