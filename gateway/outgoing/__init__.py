"""Requests to other people's servers: only where they may go, and never longer or larger than asked for."""
