"""`python -m spacy distill …`: thin commands; each parses, calls a plain function and prints."""

from . import (
    ab,
    assemble,
    clean,
    convert,
    curate,
    evaluate,
    ingest,
    init,
    label,
    package,
    plan,
    probe,
    remote,
    runs,
    split,
    train,
    weights,
)
from .app import distill_app

__all__ = [
    "ab",
    "assemble",
    "clean",
    "convert",
    "curate",
    "distill_app",
    "evaluate",
    "ingest",
    "init",
    "label",
    "package",
    "plan",
    "probe",
    "remote",
    "runs",
    "split",
    "train",
    "weights",
]
