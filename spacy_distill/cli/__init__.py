"""`python -m spacy distill …`: thin commands; each parses, calls a plain function and prints."""

from . import (
    assemble,
    clean,
    convert,
    curate,
    evaluate,
    ingest,
    label,
    package,
    probe,
    train,
    weights,
)
from .app import distill_app

__all__ = [
    "assemble",
    "clean",
    "convert",
    "curate",
    "distill_app",
    "evaluate",
    "ingest",
    "label",
    "package",
    "probe",
    "train",
    "weights",
]
