"""Augmentation for small corpora: the same text with some of its words missing."""

import random
from collections.abc import Callable, Iterator
from functools import partial

from spacy.language import Language
from spacy.tokens import Doc
from spacy.training import Example

from ..attrs import get_distill

Augmenter = Callable[[Language, Example], Iterator[Example]]
MIN_WORDS = 2


def create_word_dropout_augmenter(rate: float) -> Augmenter:
    """Create an augmenter that leaves out words at random, each time a text is trained on.

    A pretrained encoder learns a few hundred texts by heart within some epochs; with other words
    missing in each epoch it goes on learning what the label hangs on.

    rate (float): The share of words left out, from 0.0 to below 1.0.
    RETURNS (Augmenter): Called by the corpus reader; yields one Example per Example.
    RAISES (ValueError): If the rate is out of range.
    """
    if not 0.0 <= rate < 1.0:
        raise ValueError(
            f"rate = {rate}: the share of words to leave out is from 0.0 to below 1.0."
        )
    return partial(drop_words, rate=rate)


def drop_words(nlp: Language, example: Example, *, rate: float) -> Iterator[Example]:
    """Yield an Example of the text without some of its words, with the same labels and weight."""
    doc = example.reference
    kept = [token for token in doc if random.random() >= rate]
    if len(kept) == len(doc) or len(kept) < MIN_WORDS:
        yield example
        return
    words = [token.text for token in kept]
    spaces = [bool(token.whitespace_) for token in kept]
    reference = Doc(nlp.vocab, words=words, spaces=spaces)
    reference.cats = doc.cats
    reference._.distill = get_distill(doc)
    yield Example(Doc(nlp.vocab, words=words, spaces=spaces), reference)
