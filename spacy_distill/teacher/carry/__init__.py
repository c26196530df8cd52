"""Answers in and out: what was paid for elsewhere becomes a corpus, a corpus a file to tune on."""
