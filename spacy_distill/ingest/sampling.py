"""Choosing some texts of many by a hash of their content, so that the choice is stable."""

from collections.abc import Iterable
from hashlib import blake2b
from heapq import nsmallest
from itertools import islice

from .scan import Scan
from .subset import Subset


def sample_rank(key: int, seed: int) -> bytes:
    """Return what a text is ordered by: the same for the same text, at random otherwise.

    key (int): The text's content id as a number, below 2 ** 64.
    seed (int): Decides which order it is; it has nothing in common with the order of the ids.
    RETURNS (bytes): 8 bytes.
    """
    return blake2b(f"sample {seed} {key:016x}".encode(), digest_size=8).digest()


def choose_texts(scan: Scan, subset: Subset) -> None:
    """Leave those texts in a scan that a limit or a sample keeps; all others are excluded.

    scan (Scan): The first pass over all rows.
    subset (Subset): Names the limit or the sample, if any.
    """
    if subset.limit is not None:
        scan.keep(list(islice(scan.gold, subset.limit)), "limit")
    if subset.sample is not None:
        scan.keep(_smallest(scan.gold, subset.sample, subset.seed), "sample")


def _smallest(keys: Iterable[int], n: int, seed: int) -> list[int]:
    ranked = nsmallest(n, ((sample_rank(key, seed), key) for key in keys))
    return [key for _, key in ranked]
