"""Curation: filters as one spaCy component that records verdicts and never deletes."""
