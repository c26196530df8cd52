"""A table of rows of hashes: finds, in little memory, those that share one with a new row."""

import numpy as np
from numpy.typing import NDArray

Hashes = NDArray[np.uint32]
Entries = NDArray[np.uint64]  # hash in the upper half, row in the lower, sorted

N_RECENT = 512  # rows that wait unsorted
GROWTH = 4
ROW_BITS = np.uint64(32)


class BandTable:
    """Rows of hashes, found by any of them; a hash costs eight bytes.

    The latest rows are searched through. When there are enough they become a sorted run, merged
    with those before it that are not much longer: so there are few runs, and each hash is moved
    few times. A hash that many rows share costs no more to find than another.
    """

    def __init__(self, n_hashes: int) -> None:
        """Create an empty table.

        n_hashes (int): The number of hashes in a row.
        """
        self._recent = np.zeros((N_RECENT, n_hashes), dtype=np.uint32)
        self._n_recent = 0
        self._n_sorted = 0
        self._runs: list[Entries] = []

    def __len__(self) -> int:
        return self._n_sorted + self._n_recent

    def add(self, hashes: Hashes) -> None:
        """Add a row.

        hashes (NDArray[np.uint32]): Its hashes, shape (n_hashes,).
        """
        self._recent[self._n_recent] = hashes
        self._n_recent += 1
        if self._n_recent == N_RECENT:
            self._sort_recent()

    def find(self, hashes: Hashes) -> list[int]:
        """Return the numbers of the rows that share a hash with a new one.

        hashes (NDArray[np.uint32]): The hashes of the new row, shape (n_hashes,).
        RETURNS (list[int]): All rows with an equal hash in the same place, and perhaps some with
            one in another place, in the order in which they were added; the first one is 0.
        """
        same = (self._recent[: self._n_recent] == hashes).any(axis=1)
        found = set((same.nonzero()[0] + self._n_sorted).tolist())
        first = np.sort(hashes).astype(np.uint64) << ROW_BITS
        last = first | np.uint64(2**32 - 1)
        for run in self._runs:
            starts, ends = run.searchsorted(first), run.searchsorted(last)
            for hit in (ends > starts).nonzero()[0]:
                found.update(run[starts[hit] : ends[hit]].astype(np.uint32).tolist())
        return sorted(found)

    def _sort_recent(self) -> None:
        rows = np.arange(self._n_sorted, self._n_sorted + N_RECENT, dtype=np.uint64)
        run = ((self._recent.astype(np.uint64) << ROW_BITS) | rows[:, np.newaxis]).ravel()
        while self._runs and len(self._runs[-1]) < GROWTH * len(run):
            run = np.concatenate((self._runs.pop(), run))
        run.sort()
        self._runs.append(run)
        self._n_sorted += N_RECENT
        self._n_recent = 0
