import random
from itertools import pairwise

import pytest
import spacy
from hypothesis import given
from hypothesis import strategies as st
from spacy.training import Example

from spacy_distill.student.batches import batch_by_length, configure_length_batcher

LENGTHS = st.lists(st.integers(1, 50), max_size=60)


@given(LENGTHS, st.integers(1, 8), st.integers(8, 64), st.integers())
def test_batches_hold_every_item_once_and_equally_many(lengths, size, buffer, seed):
    random.seed(seed)
    items = list(enumerate(lengths))
    batches = list(batch_by_length(items, size=size, buffer=buffer, length=lambda item: item[1]))
    assert sorted(item for batch in batches for item in batch) == items
    assert all(len(batch) <= size for batch in batches)
    full_windows = len(lengths) // buffer
    assert sum(len(batch) < size for batch in batches) <= full_windows + 1


@given(st.lists(st.integers(1, 50), min_size=2, max_size=60))
def test_batches_are_of_like_length(lengths):
    batches = list(batch_by_length(lengths, size=4, buffer=100, length=lambda n: n))
    spans = sorted((min(batch), max(batch)) for batch in batches)
    assert all(a[1] <= b[0] for a, b in pairwise(spans))


def test_batches_count_the_words_of_examples():
    nlp = spacy.blank("en")
    texts = ["one two three", "one", "one two", "a b c d"]
    examples = [Example(nlp.make_doc(text), nlp.make_doc(text)) for text in texts]
    batches = list(configure_length_batcher(2, 4)(examples))
    assert sorted(sorted(len(eg.predicted) for eg in batch) for batch in batches) == [
        [1, 2],
        [3, 4],
    ]


@pytest.mark.parametrize(("size", "buffer"), [(0, 8), (9, 8)])
def test_batches_refuse_impossible_sizes(size, buffer):
    with pytest.raises(ValueError, match=rf"size = {size}, buffer = {buffer}"):
        configure_length_batcher(size, buffer)
