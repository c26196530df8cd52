"""Texts in: the rows of files become Docs with content ids; no row is lost without a reason."""

from .report import IngestReport
from .run import ingest
from .stats import TextStats
from .subset import Subset
from .targets import check_targets

__all__ = ["IngestReport", "Subset", "TextStats", "check_targets", "ingest"]
