"""ClickUp Brain API v1, as documented."""
