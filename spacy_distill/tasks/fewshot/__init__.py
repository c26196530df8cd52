"""Few-shot examples that are picked for each text."""
