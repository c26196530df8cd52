"""Text classification with answers in JSON."""
