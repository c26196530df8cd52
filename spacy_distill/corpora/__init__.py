"""Corpora: a leak-free split, and the files that `spacy train` and `spacy evaluate` read."""
