"""The distribution of a length, in memory that does not grow with the number of texts."""

from collections import Counter
from dataclasses import dataclass, field

QUANTILES = {"min": 0.0, "p5": 0.05, "median": 0.5, "p95": 0.95, "max": 1.0}


@dataclass
class Lengths:
    """Counts how often each length occurs; there are no more of them than a text may be long.

    counts (Counter[int]): The number of texts of each length.
    """

    counts: Counter[int] = field(default_factory=Counter)

    def add(self, length: int) -> None:
        """Count one text."""
        self.counts[length] += 1

    @property
    def total(self) -> int:
        """Return the sum of all lengths."""
        return sum(length * n for length, n in self.counts.items())

    def to_json(self) -> dict[str, int]:
        """Return the exact quantiles and the sum; nothing without a text.

        RETURNS (dict[str, int]): `min`, `p5`, `median`, `p95`, `max` and `total`. A quantile is the
            smallest length that so large a share of the texts does not exceed.
        """
        if not self.counts:
            return {}
        lengths = sorted(self.counts)
        found = {name: self._quantile(lengths, share) for name, share in QUANTILES.items()}
        return {**found, "total": self.total}

    def _quantile(self, lengths: list[int], share: float) -> int:
        needed = share * self.counts.total()
        for length in lengths:
            needed -= self.counts[length]
            if needed <= 0:
                break
        return length
