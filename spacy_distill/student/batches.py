"""Batches of texts of like length, all with the same number of texts."""

import random
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import TypeVar

from spacy.training import Example
from spacy.util import minibatch

ItemT = TypeVar("ItemT")


def configure_length_batcher(
    size: int, buffer: int
) -> Callable[[Iterable[Example]], Iterator[list[Example]]]:
    """Create a batcher that wastes little on padding and gives each text the same say.

    `spacy.batch_by_padded.v1` saves padding as well, but by putting few long texts into one step and
    many short ones into another: with Adam, a step of two texts counts as much as one of forty.

    size (int): Texts per batch.
    buffer (int): Texts that are sorted by length together; more waste less and mix less.
    RETURNS (Callable): Called with the shuffled Examples of an epoch; yields the batches in random
        order within each buffer.
    RAISES (ValueError): If a batch is larger than the buffer, or empty.
    """
    if not 1 <= size <= buffer:
        raise ValueError(f"size = {size}, buffer = {buffer}: a batch holds 1 text to a buffer's.")
    return partial(batch_by_length, size=size, buffer=buffer, length=n_words)


def batch_by_length(
    items: Iterable[ItemT], *, size: int, buffer: int, length: Callable[[ItemT], int]
) -> Iterator[list[ItemT]]:
    """Yield batches of items of like length; each item comes exactly once."""
    for window in minibatch(items, buffer):
        ordered = sorted(window, key=length)
        batches = [ordered[i : i + size] for i in range(0, len(ordered), size)]
        random.shuffle(batches)
        yield from batches


def n_words(example: Example) -> int:
    """Return the number of tokens of an Example."""
    return len(example.predicted)
