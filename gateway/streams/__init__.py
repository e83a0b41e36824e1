"""The streams of ClickUp Brain: a websocket and server-sent events over the event log."""
