"""Imports of files of any size: read once to see what is in them, then stored piece by piece."""
