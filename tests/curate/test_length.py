import pytest

from spacy_distill.curate.filters.length import create_length_filter
from spacy_distill.errors import UserError

from .conftest import make_doc


@pytest.mark.parametrize(
    ("text", "keep", "score", "threshold"),
    [
        ("one two", True, 7, 5),
        ("a bcd", True, 5, 5),
        ("a bc", False, 4, 5),
        ("  a bc  ", False, 4, 5),
        ("", False, 0, 5),
        ("one two three", False, 13, 10),
        ("one two 10", True, 10, 5),
        ("oneword", False, 1, 2),
    ],
)
def test_length_filter(text, keep, score, threshold):
    verdict = create_length_filter(min_chars=5, max_chars=10, min_words=2)(make_doc(text))
    assert (verdict["keep"], verdict["score"], verdict["threshold"]) == (keep, score, threshold)


def test_length_filter_evidence():
    verdict = create_length_filter(min_chars=1, max_chars=10, min_words=2)(make_doc("oneword"))
    assert verdict["evidence"] == "1 words, fewer than 2"


def test_length_filter_that_nothing_passes():
    with pytest.raises(UserError, match="min_chars = 9 is above max_chars = 5"):
        create_length_filter(min_chars=9, max_chars=5, min_words=1)
