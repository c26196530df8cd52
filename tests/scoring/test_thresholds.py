import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spacy_distill.scoring.thresholds import (
    choose_thresholds,
    f1_influence,
    label_threshold,
    standard_error,
)

ROWS = st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=80)


def spread(n, low, high):
    return np.linspace(low, high, n)


def mixed(*groups):
    """Scores and gold of groups of Docs, each (how many, from which score, to which, gold)."""
    scores = np.concatenate([spread(n, low, high) for n, low, high, _ in groups])
    gold = np.concatenate([np.full(n, applies) for n, _, _, applies in groups])
    return scores, gold


def f1_at(scores, gold, threshold):
    return float(f1_influence(scores[:, None] >= threshold, gold[:, None])[0][0])


@pytest.mark.parametrize(
    ("groups", "low", "high"),
    [
        # The scores of the label are too low throughout: the threshold follows them
        ([(60, 0.2, 0.4, True), (60, 0.0, 0.15, False)], 0.15, 0.25),
        # … or too high
        ([(60, 0.85, 1.0, True), (60, 0.5, 0.8, False)], 0.75, 0.85),
        # 0.5 separates as well as any other threshold
        ([(60, 0.6, 1.0, True), (60, 0.0, 0.4, False)], 0.5, 0.5),
    ],
)
def test_threshold_lies_where_the_label_begins(groups, low, high):
    assert low <= label_threshold(*mixed(*groups)) <= high


@pytest.mark.parametrize("few", [True, False])
@pytest.mark.parametrize(("n", "moves"), [(0, False), (9, False), (10, True)])
def test_threshold_needs_ten_docs_on_either_side(few, n, moves):
    shift = 0.0 if few else 0.55
    sizes = (n, 60) if few else (60, n)
    scores, gold = mixed(
        (sizes[0], 0.3 + shift, 0.4 + shift, True), (sizes[1], 0.0 + shift, 0.1 + shift, False)
    )
    assert (label_threshold(scores, gold) != 0.5) == moves


@pytest.mark.parametrize(("n", "expected"), [(1, 0.5), (2, 0.45)])
def test_threshold_moves_for_more_than_one_doc(n, expected):
    scores, gold = mixed((40, 0.6, 1.0, True), (n, 0.45, 0.45, True), (40, 0.0, 0.4, False))
    assert f1_at(scores, gold, 0.45) > f1_at(scores, gold, 0.5)
    assert label_threshold(scores, gold) == expected


def test_threshold_is_never_extreme():
    assert label_threshold(*mixed((50, 0.02, 0.03, True), (50, 0.0, 0.01, False))) >= 0.1
    assert label_threshold(*mixed((50, 0.99, 1.0, True), (50, 0.95, 0.98, False))) <= 0.9


@given(ROWS)
def test_threshold_is_a_step_between_its_bounds(rows):
    scores, gold = (np.asarray(column) for column in zip(*rows, strict=True))
    found = label_threshold(scores, gold)
    assert 0.1 <= found <= 0.9
    assert found == round(found, 2)


@given(ROWS)
def test_threshold_is_as_good_as_half_unless_half_is_nearly_best(rows):
    scores, gold = (np.asarray(column) for column in zip(*rows, strict=True))
    found = label_threshold(scores, gold)
    if found != 0.5:
        assert f1_at(scores, gold, found) > f1_at(scores, gold, 0.5)


def test_thresholds_are_chosen_label_by_label():
    low = mixed((60, 0.2, 0.4, True), (60, 0.0, 0.15, False))
    even = mixed((60, 0.6, 1.0, True), (60, 0.0, 0.4, False))
    scores, gold = (np.column_stack(pair) for pair in zip(low, even, strict=True))
    assert choose_thresholds(scores, gold).tolist() == [label_threshold(*low), 0.5]


def test_f1_standard_error_is_that_of_resampled_docs():
    rng = np.random.default_rng(0)
    gold = rng.random(300) < 0.3
    assigned = np.where(rng.random(300) < 0.2, ~gold, gold)
    f1, influence = f1_influence(assigned[:, None], gold[:, None])
    draws = rng.integers(0, 300, (2000, 300))
    resampled = [f1_influence(assigned[i, None], gold[i, None])[0][0] for i in draws]
    assert f1[0] == pytest.approx(2 * (assigned & gold).sum() / (assigned.sum() + gold.sum()))
    assert influence.sum() == pytest.approx(0.0, abs=1e-12)
    assert standard_error(influence)[0] == pytest.approx(np.std(resampled), rel=0.1)
