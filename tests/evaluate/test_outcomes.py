import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from spacy_distill.errors import UserError
from spacy_distill.evaluate.outcomes import Outcomes, read_outcomes
from spacy_distill.scoring.predictions import make_predictions

LABELS = ("a", "b", "c")
IDS = ("00000000000000aa", "00000000000000ab")
GOOD = {"ids": " ".join(IDS), "gold": "0 -", "decided": {"student": "0+2 ?"}}


@given(
    decided=arrays.arrays(bool, st.tuples(st.integers(0, 6), st.just(3))),
    data=st.data(),
)
def test_outcomes_round_trip(decided, data):
    n = len(decided)
    known = data.draw(arrays.arrays(bool, n))
    student = make_predictions("student", decided.astype(float), exclusive=False, known=known)
    ids = tuple(f"{i:016x}" for i in range(n))
    written = json.dumps(Outcomes(ids, LABELS, decided, {"student": student}).to_json())
    read = read_outcomes(json.loads(written), LABELS)
    assert read.ids == ids
    assert (read.gold == decided).all()
    assert (read.systems["student"].known == known).all()
    assert (read.systems["student"].decided == student.decided).all()


def test_outcomes_columns_are_numbers_of_labels():
    found = read_outcomes(GOOD, LABELS)
    assert found.gold.tolist() == [[True, False, False], [False] * 3]
    assert found.systems["student"].decided.tolist() == [[True, False, True], [False] * 3]
    assert found.systems["student"].known.tolist() == [True, False]
    assert found.to_json() == GOOD


def test_outcomes_without_gold():
    assert read_outcomes({**GOOD, "gold": None}, LABELS).gold is None


@pytest.mark.parametrize(
    "damage",
    [
        {"gold": "0"},
        {"gold": "0 3"},
        {"gold": "0 -1"},
        {"gold": "0 x"},
        {"gold": 7},
        {"ids": None},
        {"decided": {"student": "0 1 2"}},
        {"decided": ["student"]},
    ],
)
def test_outcomes_that_are_damaged_are_refused(damage):
    with pytest.raises(UserError, match="damaged"):
        read_outcomes({**GOOD, **damage}, LABELS)


def test_outcomes_of_many_texts_stay_small():
    n = 2_000
    gold = np.eye(3, dtype=bool)[np.arange(n) % 3]
    said = make_predictions("student", gold.astype(float), exclusive=True)
    ids = tuple(f"{i:016x}" for i in range(n))
    names = ("teacher", "student", "student on gold")
    written = json.dumps(Outcomes(ids, LABELS, gold, dict.fromkeys(names, said)).to_json())
    assert len(written) / n < 30  # 100,000 texts: below 3 MB
