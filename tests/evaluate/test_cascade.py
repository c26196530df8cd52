import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spacy_distill.evaluate.cascade import (
    AT_TARGET,
    AT_TEACHER,
    MIN_KEPT,
    choose_threshold,
    keep,
    kept_curve,
    operate,
)

from .conftest import mark

DOCS = st.lists(
    st.tuples(st.integers(35, 100), st.booleans(), st.booleans()), min_size=1, max_size=60
)


def judged(rows):
    """Rows of confidence in %, student right, teacher right."""
    sure, student, teacher = zip(*rows, strict=True)
    return mark(
        [0 if right else 1 for right in student],
        [0 if right else 1 for right in teacher],
        [0] * len(rows),
        sure=[x / 100 for x in sure],
    )


@given(DOCS)
def test_cascade_coverage_falls_as_the_threshold_rises(rows):
    curve = kept_curve(judged(rows))
    thresholds = [point.threshold for point in curve]
    coverages = [point.coverage for point in curve]
    assert thresholds == sorted(set(thresholds))
    assert coverages == sorted(coverages, reverse=True)
    assert coverages[0] == 1.0


@given(DOCS)
def test_cascade_curve_is_what_keeping_gives(rows):
    docs = judged(rows)
    for point in kept_curve(docs):
        kept = keep(docs, point.threshold)
        assert (kept.coverage.value, kept.accuracy.n) == (point.coverage, point.n_kept)
        assert kept.accuracy.value == pytest.approx(point.accuracy)
        assert kept.teacher_accuracy.value == pytest.approx(point.teacher_accuracy)


def test_cascade_lowest_threshold_that_reaches_the_target_is_chosen():
    docs = judged([(90, True, True)] * 49 + [(80, False, True)] + [(60, False, True)] * 20)
    assert choose_threshold(kept_curve(docs), AT_TARGET) == pytest.approx(0.8)


def test_cascade_few_docs_cannot_choose():
    docs = judged([(90, True, True)] * (MIN_KEPT - 1) + [(60, False, True)] * 20)
    assert choose_threshold(kept_curve(docs), AT_TARGET) is None


def test_cascade_target_of_the_teacher_is_its_accuracy_on_the_same_docs():
    docs = judged([(90, True, False)] * 10 + [(90, False, True)] * 10 + [(90, True, True)] * 20)
    assert choose_threshold(kept_curve(docs), AT_TEACHER) == pytest.approx(0.9)
    assert choose_threshold(kept_curve(docs), AT_TARGET) is None


def test_cascade_teacher_margin_is_inclusive():
    docs = judged([(90, True, True)] * 49 + [(90, False, True)])
    assert choose_threshold(kept_curve(docs), AT_TEACHER) == pytest.approx(0.9)


def test_cascade_combined_accuracy_asks_the_teacher_about_the_rest():
    docs = judged([(90, True, False), (90, False, True), (60, False, True), (60, True, False)])
    assert keep(docs, 0.9).combined.value == 0.5


def test_cascade_threshold_is_inclusive():
    docs = judged([(90, True, True), (80, True, True)])
    assert keep(docs, float(np.sort(docs.confidence)[1])).coverage.value == 0.5


def test_cascade_that_keeps_nothing_on_test():
    dev, test = judged([(90, True, True)] * 40), judged([(60, True, True)] * 10)
    found = operate(dev, test, purpose=AT_TARGET)
    assert found.test.coverage.value == 0.0
    assert found.held is False


def test_cascade_says_whether_the_choice_held():
    dev = judged([(90, True, True)] * 40)
    good, bad = judged([(95, True, True)] * 10), judged([(95, False, True)] * 10)
    held = operate(dev, good, purpose=AT_TEACHER)
    assert "the target held on test" in str(held)
    assert "keeps 1.000 [0.722, 1.000] of 10 test Docs" in str(held)
    assert "the target did not hold on test" in str(operate(dev, bad, purpose=AT_TEACHER))


def test_cascade_says_that_no_threshold_does_it():
    docs = judged([(90, False, True)] * 40)
    found = operate(docs, docs, purpose=AT_TEACHER)
    assert found.threshold is None
    assert "no threshold on gold dev" in str(found)
