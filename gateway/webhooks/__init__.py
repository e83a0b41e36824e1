"""What leaves the house by HTTP: events for those who asked to be told."""
