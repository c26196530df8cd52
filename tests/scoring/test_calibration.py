import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from spacy_distill.scoring.calibration import (
    apply_temperature,
    confidence,
    expected_calibration_error,
    fit_temperature,
)

TEMPERATURES = st.floats(0.1, 10.0)
LOGITS = arrays(float, (4, 3), elements=st.floats(-6, 6))


def softmax(logits):
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def test_calibration_error_by_hand():
    # Two bins of two: |1.7 - 2| and |1.2 - 1|, over four Docs.
    sure = np.asarray([0.85, 0.85, 0.6, 0.6])
    right = np.asarray([True, True, True, False])
    found = expected_calibration_error(sure, right, n_bins=5)
    assert found == pytest.approx((0.3 + 0.2) / 4)


def test_calibration_error_bins_include_their_upper_end():
    sure = np.asarray([0.2, 0.4])
    assert expected_calibration_error(sure, np.asarray([True, False]), n_bins=5) == pytest.approx(
        (0.8 + 0.4) / 2
    )


@pytest.mark.parametrize(("sure", "right", "expected"), [(1.0, True, 0.0), (0.0, True, 1.0)])
def test_calibration_error_at_the_ends(sure, right, expected):
    assert expected_calibration_error(np.full(3, sure), np.full(3, right)) == expected


@given(LOGITS, TEMPERATURES)
def test_calibration_temperature_keeps_the_best_label(logits, temperature):
    scores = softmax(logits)
    cooled = apply_temperature(scores, temperature)
    best = cooled[np.arange(4), scores.argmax(axis=1)]
    assert (best == cooled.max(axis=1)).all()
    assert cooled.sum(axis=1) == pytest.approx(1.0)


@given(LOGITS, TEMPERATURES)
def test_calibration_temperature_is_softmax_of_divided_logits(logits, temperature):
    expected = softmax(logits / temperature)
    assert apply_temperature(softmax(logits), temperature) == pytest.approx(expected, abs=1e-4)


@given(LOGITS, TEMPERATURES)
def test_calibration_temperature_keeps_sides_of_each_label(logits, temperature):
    scores = 1 / (1 + np.exp(-logits))
    cooled = apply_temperature(scores, temperature, exclusive=False)
    assert cooled == pytest.approx(1 / (1 + np.exp(-logits / temperature)), abs=1e-6)
    assert ((cooled >= 0.5) | (scores < 0.5 + 1e-12)).all()


def test_calibration_temperature_of_one_changes_nothing():
    scores = np.asarray([[0.0, 1.0]])
    assert apply_temperature(scores, 1.0) is scores


def test_calibration_temperature_takes_certain_scores():
    cooled = apply_temperature(np.asarray([[0.0, 1.0]]), 2.0)
    assert np.isfinite(cooled).all()
    assert cooled.argmax() == 1


@pytest.mark.parametrize("exclusive", [True, False])
@pytest.mark.parametrize("temperature", [0.5, 2.0, 4.0])
def test_calibration_fit_finds_the_temperature(exclusive, temperature):
    rng = np.random.default_rng(0)
    logits = rng.normal(scale=2.0, size=(4000, 3))
    if exclusive:
        truth = softmax(logits)
        drawn = (truth.cumsum(axis=1) > rng.random((4000, 1))).argmax(axis=1)
        gold = np.arange(3) == drawn[:, None]
        scores = softmax(logits * temperature)
    else:
        gold = rng.random((4000, 3)) < 1 / (1 + np.exp(-logits))
        scores = 1 / (1 + np.exp(-logits * temperature))
    found = fit_temperature(scores, gold, exclusive=exclusive)
    assert found == pytest.approx(temperature, rel=0.1)


def test_calibration_fit_says_nothing_without_errors():
    scores = np.asarray([[0.9, 0.1], [0.2, 0.8]])
    assert fit_temperature(scores, np.eye(2, dtype=bool)) == 1.0


def test_calibration_confidence_of_exclusive_labels_is_the_best_score():
    scores = np.asarray([[0.2, 0.7, 0.1]])
    assert confidence(scores, scores > 0.5) == pytest.approx([0.7])


def test_calibration_confidence_of_several_labels_is_that_of_all_decisions():
    scores = np.asarray([[0.9, 0.2]])
    decided = np.asarray([[True, False]])
    assert confidence(scores, decided, exclusive=False) == pytest.approx([0.9 * 0.8])


def test_fit_temperature_says_nothing_of_a_multilabel_student_without_error():
    scores = np.asarray([[0.8, 0.2], [0.3, 0.7]])
    assert fit_temperature(scores, scores >= 0.5, exclusive=False) == 1.0
