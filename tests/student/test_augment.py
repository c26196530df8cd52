import random

import pytest
import spacy
from hypothesis import given, settings
from hypothesis import strategies as st
from spacy.training import Example

from spacy_distill.attrs import get_distill
from spacy_distill.student.augment import create_word_dropout_augmenter

NLP = spacy.blank("en")


def make_example(text):
    reference = NLP.make_doc(text)
    reference.cats = {"a": 0.7, "b": 0.3}
    get_distill(reference)["weight"] = 2.0
    return Example(NLP.make_doc(text), reference)


@settings(max_examples=50, deadline=None)
@given(st.text(), st.floats(0.0, 0.9), st.integers())
def test_augment_keeps_labels_weight_and_word_order(text, rate, seed):
    random.seed(seed)
    example = make_example(text)
    (found,) = create_word_dropout_augmenter(rate)(NLP, example)
    assert found.reference.cats == example.reference.cats
    assert get_distill(found.reference)["weight"] == 2.0
    words = iter([token.text for token in example.reference])
    assert all(token.text in words for token in found.reference)
    assert found.predicted.text == found.reference.text


def test_augment_leaves_out_the_given_share():
    random.seed(0)
    example = make_example("word " * 1000)
    (found,) = create_word_dropout_augmenter(0.25)(NLP, example)
    assert len(found.reference) == pytest.approx(750, abs=50)


@pytest.mark.parametrize("rate", [-0.1, 1.0])
def test_augment_refuses_a_rate_out_of_range(rate):
    with pytest.raises(ValueError, match=r"from 0\.0 to below 1\.0"):
        create_word_dropout_augmenter(rate)
