"""`python -m spacy distill …`: thin commands; each parses, calls a plain function and prints."""

from . import assemble, clean, convert, curate, ingest, label, package, probe, train, weights
from .app import distill_app

__all__ = [
    "assemble",
    "clean",
    "convert",
    "curate",
    "distill_app",
    "ingest",
    "label",
    "package",
    "probe",
    "train",
    "weights",
]
