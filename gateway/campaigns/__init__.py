"""Campaigns run beside the doors: what they have planned is done when its time has come."""
