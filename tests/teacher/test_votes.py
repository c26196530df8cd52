import pytest
from hypothesis import given
from hypothesis import strategies as st

from spacy_distill.teacher.votes import cast_ballot, count_votes, map_ballot

LABELS = ("a", "b", "c")
EXCLUSIVE = st.sampled_from(LABELS).map(lambda label: whole({label}))
ANY = st.sets(st.sampled_from(LABELS)).map(lambda labels: whole(labels))
SOFT = st.lists(st.integers(0, 100), min_size=3, max_size=3).filter(any).map(lambda x: soft(x))


def whole(labels):
    return {label: float(label in labels) for label in LABELS}


def soft(parts):
    return {label: n / sum(parts) for label, n in zip(LABELS, parts, strict=True)}


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
    shards = [({"a": 1.0, "b": 0.0}, 30), ({"a": 0.0, "b": 1.0}, 10)]
    assert cast_ballot(shards, ("a", "b")) == {"a": 0.75, "b": 0.25}


def test_votes_soft_shards_count_by_their_tokens():
    shards = [({"a": 0.8, "b": 0.2}, 30), ({"a": 0.4, "b": 0.6}, 10)]
    assert cast_ballot(shards, ("a", "b")) == pytest.approx({"a": 0.7, "b": 0.3})


@given(st.lists(st.tuples(SOFT, st.integers(0, 50)), min_size=1, max_size=5))
def test_votes_soft_ballots_stay_distributions(shards):
    assert sum(cast_ballot(shards, LABELS).values()) == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("ballots", "weights", "exclusive", "cats", "agreement"),
    [
        # sure or not, both are for a
        ([{"a": 0.6, "b": 0.4}, {"a": 0.8, "b": 0.2}], None, True, {"a": 0.7, "b": 0.3}, 1.0),
        # one sure ballot outweighs two that are not, and is outvoted
        (
            [{"a": 0.51, "b": 0.49}, {"a": 0.51, "b": 0.49}, {"a": 0.0, "b": 1.0}],
            None,
            True,
            {"a": 0.34, "b": 0.66},
            1 / 3,
        ),
        ([{"a": 1.0, "b": 0.0}, {"a": 0.0, "b": 1.0}], [3, 1], True, {"a": 0.75, "b": 0.25}, 0.75),
        ([{"a": 0.9, "b": 0.6}, {"a": 0.8, "b": 0.0}], None, False, {"a": 0.85, "b": 0.3}, 0.75),
        ([{"a": 1.0, "b": 1.0}, {"a": 1.0, "b": 0.0}], [4, 1], False, {"a": 1.0, "b": 0.8}, 0.9),
    ],
)
def test_votes_agreement_counts_ballots_not_how_sure_they_are(
    ballots, weights, exclusive, cats, agreement
):
    found, agreed = count_votes(ballots, exclusive=exclusive, weights=weights)
    assert found == pytest.approx(cats)
    assert agreed == pytest.approx(agreement)


@given(SOFT, st.lists(st.floats(0.01, 100.0), min_size=2, max_size=12), st.booleans())
def test_votes_of_one_mind_agree_exactly(ballot, weights, exclusive):
    ballots = [ballot] * len(weights)
    assert count_votes(ballots, exclusive=exclusive, weights=weights)[1] == 1.0
    assert count_votes(ballots, exclusive=exclusive)[1] == 1.0


@pytest.mark.parametrize(
    ("ballot", "label_map", "exclusive", "expected"),
    [
        ({"a": 1.0, "b": 0.0}, {"a": "x"}, True, {"x": 1.0, "b": 0.0}),
        ({"a": 0.5, "b": 0.5, "c": 0.0}, {"a": "x", "b": "x"}, True, {"x": 1.0, "c": 0.0}),
        ({"a": 1.0, "b": 1.0, "c": 0.0}, {"a": "x", "b": "x"}, False, {"x": 1.0, "c": 0.0}),
        ({"a": 0.5, "b": 0.5}, {"a": None}, True, {"b": 1.0}),
        ({"a": 1.0, "b": 0.0}, {"a": None}, True, None),
        ({"a": 0.9, "b": 0.1, "c": 0.0}, {"a": None}, True, None),
        ({"a": 0.2, "b": 0.6, "c": 0.2}, {"a": None}, True, {"b": 0.6 / 0.8, "c": 0.2 / 0.8}),
        ({"a": 1.0, "b": 0.0}, {"a": None}, False, {"b": 0.0}),
        ({"a": 1.0, "b": 0.0}, {"a": "b", "b": "a"}, True, {"b": 1.0, "a": 0.0}),
    ],
)
def test_votes_map_ballot(ballot, label_map, exclusive, expected):
    mapped = map_ballot(ballot, label_map, exclusive=exclusive)
    assert mapped == (expected and pytest.approx(expected))


@given(EXCLUSIVE, st.dictionaries(st.sampled_from(LABELS), st.sampled_from([*LABELS, "x", None])))
def test_votes_mapped_exclusive_ballots_stay_distributions(ballot, label_map):
    mapped = map_ballot(ballot, label_map, exclusive=True)
    assert mapped is None or sum(mapped.values()) == pytest.approx(1.0)
