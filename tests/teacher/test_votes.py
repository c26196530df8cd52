import pytest
from hypothesis import given
from hypothesis import strategies as st

from spacy_distill.teacher.votes import cast_ballot, count_votes, map_ballot

LABELS = ("a", "b", "c")
EXCLUSIVE = st.sampled_from(LABELS).map(lambda label: cast_ballot([((label,), 1)], LABELS))
ANY = st.sets(st.sampled_from(LABELS)).map(lambda x: cast_ballot([(sorted(x), 1)], LABELS))


@given(st.lists(EXCLUSIVE, min_size=1, max_size=9))
def test_votes_exclusive_soft_labels_are_a_distribution(ballots):
    cats, agreement = count_votes(ballots, exclusive=True)
    assert sum(cats.values()) == pytest.approx(1.0)
    if len(ballots) > 1:
        assert agreement == max(cats.values()) >= 1 / len(LABELS) - 1e-9


@given(st.lists(ANY, min_size=2, max_size=9))
def test_votes_multilabel_agreement_is_at_least_half(ballots):
    cats, agreement = count_votes(ballots, exclusive=False)
    assert all(0.0 <= score <= 1.0 for score in cats.values())
    assert 0.5 <= agreement <= 1.0


def test_votes_without_ballots_leave_the_label_absent():
    assert count_votes([], exclusive=True) == ({}, None)


def test_votes_of_one_have_no_agreement():
    assert count_votes([{"a": 1.0, "b": 0.0}], exclusive=True) == ({"a": 1.0, "b": 0.0}, None)


def test_votes_shards_count_by_their_tokens():
    assert cast_ballot([(("a",), 30), (("b",), 10)], ("a", "b")) == {"a": 0.75, "b": 0.25}


@pytest.mark.parametrize(
    ("ballot", "label_map", "exclusive", "expected"),
    [
        ({"a": 1.0, "b": 0.0}, {"a": "x"}, True, {"x": 1.0, "b": 0.0}),
        ({"a": 0.5, "b": 0.5, "c": 0.0}, {"a": "x", "b": "x"}, True, {"x": 1.0, "c": 0.0}),
        ({"a": 1.0, "b": 1.0, "c": 0.0}, {"a": "x", "b": "x"}, False, {"x": 1.0, "c": 0.0}),
        ({"a": 0.5, "b": 0.5}, {"a": None}, True, {"b": 1.0}),
        ({"a": 1.0, "b": 0.0}, {"a": None}, True, None),
        ({"a": 1.0, "b": 0.0}, {"a": None}, False, {"b": 0.0}),
        ({"a": 1.0, "b": 0.0}, {"a": "b", "b": "a"}, True, {"b": 1.0, "a": 0.0}),
    ],
)
def test_votes_map_ballot(ballot, label_map, exclusive, expected):
    assert map_ballot(ballot, label_map, exclusive=exclusive) == expected


@given(EXCLUSIVE, st.dictionaries(st.sampled_from(LABELS), st.sampled_from([*LABELS, "x", None])))
def test_votes_mapped_exclusive_ballots_stay_distributions(ballot, label_map):
    mapped = map_ballot(ballot, label_map, exclusive=True)
    assert mapped is None or sum(mapped.values()) == pytest.approx(1.0)
