"""Texts in: rows of JSONL or CSV become Docs with content ids; no row is lost without a reason."""

from .run import ingest
from .scan import IngestReport

__all__ = ["IngestReport", "ingest"]
