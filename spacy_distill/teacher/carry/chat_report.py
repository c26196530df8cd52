"""What `export chat` wrote: examples, labels, tokens, and which vendors would take it."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from ...plain import as_plain
from .limits import LIMITS, READ, problems

PER_MESSAGE = 3  # tokens around each message, as OpenAI's cookbook estimates them


@dataclass
class FileReport:
    """One file: examples, how many of them are gold, their labels, tokens and bytes."""

    n: int = 0
    n_gold: int = 0
    n_tokens: int = 0
    longest: int = 0
    n_bytes: int = 0
    labels: Counter[str] = field(default_factory=Counter)


@dataclass
class ChatReport:
    """The counts of an export.

    tokens_are says how tokens were counted; left_out counts Docs by reason; vendors holds the limits
    that the training file breaks, by vendor.
    """

    corpus: str
    teacher: str
    prompt: str
    tokens_are: str
    files: dict[str, FileReport] = field(default_factory=dict)
    left_out: Counter[str] = field(default_factory=Counter)

    @property
    def vendors(self) -> dict[str, list[str]]:
        """Limits that the training file breaks, by vendor."""
        train = self.files.get("train", FileReport())
        sizes = {"n_examples": train.n, "n_bytes": train.n_bytes, "longest": train.longest}
        return {limits.vendor: list(problems(limits, **sizes)) for limits in LIMITS}

    def to_json(self) -> dict[str, Any]:
        """Return the report as plain JSON-able values."""
        sources = {limits.vendor: list(limits.sources) for limits in LIMITS}
        return {**as_plain(self), "vendors": self.vendors, "sources": sources, "sources_read": READ}
