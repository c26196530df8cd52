"""The room for human review: what a person should see, and the way back into the corpus."""
