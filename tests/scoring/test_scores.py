import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics

from spacy_distill.evaluate.systems import compare_system, score_system
from spacy_distill.scoring.predictions import cats_scores, correct, make_predictions
from spacy_distill.scoring.scores import label_counts, points

from ..evaluate.conftest import LABELS, one_hot, predict_indices

PAIRS = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), min_size=1, max_size=40)
SETS = st.lists(st.tuples(st.lists(st.booleans(), min_size=6, max_size=6)), min_size=1, max_size=30)


def plain(predictions, gold):
    return points(label_counts(predictions, gold).sum(axis=0, keepdims=True))


def score(predictions, gold, teacher, *, exclusive=True):
    return score_system(
        predictions, gold, teacher=teacher, labels=LABELS, exclusive=exclusive, docs_per_s=7.0
    )


@given(PAIRS)
def test_scores_agree_with_sklearn(pairs):
    gold, said = zip(*pairs, strict=True)
    found = plain(predict_indices("student", said), one_hot(gold).astype(bool))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        macro = metrics.f1_score(gold, said, average="macro", zero_division=0)
    precision, recall, f1, _ = metrics.precision_recall_fscore_support(
        gold, said, labels=[0, 1, 2], zero_division=0
    )
    assert found.accuracy[0] == pytest.approx(metrics.accuracy_score(gold, said))
    assert found.macro_f1[0] == pytest.approx(macro)
    assert np.nan_to_num(found.precision[0]) == pytest.approx(precision)
    assert np.nan_to_num(found.recall[0]) == pytest.approx(recall)
    assert np.nan_to_num(found.f1[0]) == pytest.approx(f1)


@given(SETS)
def test_scores_of_several_labels_agree_with_sklearn(rows):
    table = np.asarray(rows)[:, 0, :]
    gold, said = table[:, :3], table[:, 3:]
    predictions = make_predictions("student", said.astype(float), exclusive=False)
    found = plain(predictions, gold)
    assert found.accuracy[0] == pytest.approx(metrics.accuracy_score(gold, said))
    expected = metrics.f1_score(gold, said, average="micro", zero_division=0)
    assert np.nan_to_num(found.micro_f1[0]) == pytest.approx(expected)


@settings(max_examples=25, deadline=None)
@given(PAIRS)
def test_scores_intervals_contain_their_estimates(pairs):
    gold, said = zip(*pairs, strict=True)
    student = predict_indices("student", said)
    system = score(student, one_hot(gold).astype(bool), student)
    for found in (system.accuracy, system.macro_f1, *(x.f1 for x in system.labels)):
        assert found.low <= found.value <= found.high


def test_scores_absent_answer_is_wrong_and_counted():
    teacher = predict_indices("teacher", [0, None, 2, 1])
    system = score(teacher, one_hot([0, 1, 2, 1]).astype(bool), teacher)
    assert system.accuracy.value == 0.75
    assert system.n_absent == 1
    assert system.labels[1].recall.value == 0.5


def test_scores_absent_answer_is_no_true_negative():
    known = np.asarray([True, False])
    teacher = make_predictions("teacher", np.zeros((2, 3)), exclusive=False, known=known)
    assert correct(teacher, np.zeros((2, 3), dtype=bool)).tolist() == [True, False]


def test_scores_agreement_leaves_absent_answers_out():
    teacher = predict_indices("teacher", [0, None, 2, 1])
    student = predict_indices("student", [0, 1, 2, 2])
    system = compare_system(student, teacher=teacher)
    assert (system.agreement.value, system.agreement.n) == (pytest.approx(2 / 3), 3)
    assert system.accuracy is None


def test_scores_agreement_of_the_teacher_with_itself_is_not_reported():
    teacher = predict_indices("teacher", [0, 1])
    assert compare_system(teacher, teacher=teacher).agreement is None


def test_scores_calibration_is_left_out_for_a_system_that_is_always_certain():
    gold = one_hot([0, 1]).astype(bool)
    teacher = predict_indices("teacher", [0, 1])
    student = predict_indices("student", [0, 1], sure=[0.8, 0.8])
    assert score(teacher, gold, teacher).ece is None
    assert score(student, gold, teacher).ece == pytest.approx(0.2)


def test_scores_count_gold_and_decisions_per_label():
    student = predict_indices("student", [0, 0, 2, 0])
    system = score(student, one_hot([0, 1, 2, 2]).astype(bool), student)
    assert [(x.label, x.n_gold, x.n_decided) for x in system.labels] == [
        ("billing", 1, 3),
        ("praise", 1, 0),
        ("bug", 2, 1),
    ]
    assert system.labels[0].precision.n == 3
    assert system.docs_per_s == 7.0


def test_scores_micro_f1_is_for_several_labels_only():
    gold = np.asarray([[True, True, False]])
    student = make_predictions("student", np.asarray([[0.9, 0.1, 0.2]]), exclusive=False)
    assert score(student, gold, student, exclusive=False).micro_f1.value == pytest.approx(2 / 3)
    assert score(student, gold, student).micro_f1 is None


def test_predictions_threshold_is_inclusive():
    scores = np.asarray([[0.5, 0.49, 0.3]])
    predictions = make_predictions("student", scores, exclusive=False)
    assert predictions.decided.tolist() == [[True, False, False]]


def test_predictions_temperature_changes_confidence_but_no_decision():
    scores = np.asarray([[0.6, 0.3, 0.1]])
    plain, sharp = (
        make_predictions("student", scores, exclusive=True, temperature=t) for t in (1.0, 0.5)
    )
    assert (plain.decided == sharp.decided).all()
    assert sharp.confidence[0] == pytest.approx(0.36 / (0.36 + 0.09 + 0.01))


def test_predictions_absent_scores_are_zero():
    assert cats_scores([{"b": 0.5}, {}], ["a", "b"]).tolist() == [[0.0, 0.5], [0.0, 0.0]]


def test_predictions_have_a_threshold_for_each_label():
    scores = np.asarray([[0.3, 0.3, 0.3]])
    thresholds = np.asarray([0.2, 0.3, 0.4])
    predictions = make_predictions("student", scores, exclusive=False, threshold=thresholds)
    assert predictions.decided.tolist() == [[True, True, False]]
    assert predictions.thresholds.tolist() == [0.2, 0.3, 0.4]


def test_predictions_of_one_label_have_no_thresholds():
    assert make_predictions("student", np.asarray([[0.3, 0.7]]), exclusive=True).thresholds is None
