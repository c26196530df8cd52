import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from spacy_distill.scoring.intervals import Interval, interval, mcnemar, resampled_sums, wilson


@settings(max_examples=50, deadline=None)
@given(st.lists(st.booleans(), min_size=1, max_size=60))
def test_intervals_bootstrap_contains_the_estimate(right):
    n = len(right)
    found = interval(resampled_sums(np.asarray(right, dtype=float)[:, None])[:, 0] / n, n)
    assert found.low <= found.value <= found.high
    assert found.value == pytest.approx(np.mean(right))


def test_intervals_bootstrap_agrees_with_scipy():
    right = (np.arange(200) % 5 != 0).astype(float)
    found = interval(resampled_sums(right[:, None])[:, 0] / 200, 200)
    theirs = stats.bootstrap((right,), np.mean, method="percentile", n_resamples=5000, rng=1)
    assert found.low == pytest.approx(theirs.confidence_interval.low, abs=0.01)
    assert found.high == pytest.approx(theirs.confidence_interval.high, abs=0.01)


def test_intervals_first_row_is_the_plain_sum():
    counts = np.asarray([[1.0, 2.0], [3.0, 4.0]])
    sums = resampled_sums(counts, n_resamples=7)
    assert sums.shape == (8, 2)
    assert sums[0].tolist() == [4.0, 6.0]


def test_intervals_resamples_draw_as_many_docs():
    assert (resampled_sums(np.ones((13, 1)), n_resamples=50) == 13).all()


def test_intervals_resamples_are_paired_and_repeatable():
    column = np.arange(30.0)[:, None]
    assert (resampled_sums(column) * 2 == resampled_sums(column * 2)).all()


def test_intervals_chunks_do_not_change_the_number_of_resamples(monkeypatch):
    monkeypatch.setattr("spacy_distill.scoring.intervals.CHUNK", 100)
    assert len(resampled_sums(np.ones((33, 1)), n_resamples=10)) == 11


def test_intervals_undefined_estimate_is_zero():
    assert interval(np.asarray([np.nan, 1.0]), 0) == Interval(0.0, 0.0, 0.0, 0)


def test_intervals_undefined_resamples_are_left_out():
    assert interval(np.asarray([0.5, np.nan, 0.5]), 4) == Interval(0.5, 0.5, 0.5, 4)


@pytest.mark.parametrize(("k", "n"), [(0, 10), (10, 10), (1, 2), (47, 50), (150, 300)])
def test_intervals_wilson_agrees_with_scipy(k, n):
    theirs = stats.binomtest(k, n).proportion_ci(method="wilson")
    found = wilson(k, n)
    assert (found.low, found.high) == pytest.approx((theirs.low, theirs.high))
    assert (found.value, found.n) == (k / n, n)


@given(st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_intervals_wilson_contains_the_estimate(pair):
    found = wilson(*pair)
    assert 0.0 <= found.low <= found.value <= found.high <= 1.0


def test_intervals_wilson_of_nothing_is_everything():
    assert wilson(0, 0) == Interval(0.0, 0.0, 1.0, 0)


@pytest.mark.parametrize(("better", "worse"), [(0, 0), (5, 5), (0, 6), (3, 12), (40, 70)])
def test_intervals_mcnemar_agrees_with_scipy(better, worse):
    expected = stats.binomtest(better, better + worse).pvalue if better + worse else 1.0
    assert mcnemar(better, worse) == pytest.approx(expected)


def test_intervals_mcnemar_takes_many_docs():
    assert mcnemar(6000, 6000) == 1.0
    assert mcnemar(0, 6000) == 0.0


def test_intervals_read_as_text():
    assert str(Interval(0.5, 0.25, 1.0, 4)) == "0.500 [0.250, 1.000]"
