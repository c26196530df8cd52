import numpy as np
import pytest
from scipy import stats

from spacy_distill.evaluate.attribution import attribute_errors
from spacy_distill.evaluate.confusion import NONE, confusion_cells
from spacy_distill.evaluate.paired import compare
from spacy_distill.evaluate.slices import slice_scores
from spacy_distill.scoring.predictions import make_predictions

from .conftest import LABELS, mark, one_hot, predict_indices


def test_paired_difference_and_test():
    student = np.asarray([True] * 60 + [False] * 40)
    teacher = np.asarray([True] * 50 + [False] * 10 + [True] * 20 + [False] * 20)
    found = compare(student, teacher)
    assert found.accuracy.value == pytest.approx(-0.1)
    assert (found.n_better, found.n_worse) == (10, 20)
    assert found.p_value == pytest.approx(stats.binomtest(10, 30).pvalue)
    assert found.accuracy.low < -0.1 < found.accuracy.high


def test_paired_systems_that_never_differ():
    found = compare(np.asarray([True, False]), np.asarray([True, False]))
    assert (found.accuracy.low, found.accuracy.high, found.p_value) == (0.0, 0.0, 1.0)


def test_confusion_cells_hold_their_docs():
    cells = confusion_cells(
        predict_indices("teacher", [0, 1, None, 0]),
        one_hot([0, 0, 1, 0]).astype(bool),
        ids=["a", "b", "c", "d"],
        labels=LABELS,
        exclusive=True,
    )
    assert [(x.gold, x.decided, x.ids) for x in cells] == [
        ("billing", "billing", ("a", "d")),
        ("billing", "praise", ("b",)),
        ("praise", NONE, ("c",)),
    ]


def test_confusion_cells_of_several_labels_stand_per_label():
    said = np.asarray([[1.0, 0.0, 1.0], [0.0, 0.0, 0.0]])
    cells = confusion_cells(
        make_predictions("student", said, exclusive=False),
        np.asarray([[True, True, False], [False, False, False]]),
        ids=["a", "b"],
        labels=LABELS,
        exclusive=False,
    )
    assert {(x.gold, x.decided, x.ids) for x in cells} == {
        ("billing", "billing", ("a",)),
        ("praise", NONE, ("a",)),
        (NONE, "bug", ("a",)),
    }


def test_attribution_splits_errors_by_what_the_teacher_said():
    docs = mark([1, 1, 1, 1, 0], [1, 2, 0, None, 0], [0, 0, 0, 0, 0])
    ids = ["same", "other", "right", "absent", "fine"]
    causes = attribute_errors(docs, ids=ids, texts=ids, labels=LABELS)
    assert [(cause.name, cause.ids) for cause in causes] == [
        ("teacher wrong, same label", ("same",)),
        ("teacher wrong, another label", ("other",)),
        ("teacher right", ("right",)),
        ("teacher's answer absent", ("absent",)),
    ]
    assert {(cause.share.value, cause.share.n) for cause in causes} == {(0.25, 4)}


def test_attribution_shows_the_first_examples():
    docs = mark([1] * 9, [0] * 9, [0] * 9)
    texts = [f"text {i}" for i in range(9)]
    right = attribute_errors(docs, ids=texts, texts=texts, labels=LABELS)[2]
    assert len(right.ids) == 9
    assert len(right.examples) == 5
    first = right.examples[0]
    assert (first.text, first.gold, first.teacher, first.student) == (
        "text 0",
        ("billing",),
        ("billing",),
        ("praise",),
    )


def test_attribution_without_errors():
    docs = mark([0], [0], [0])
    assert all(x.ids == () for x in attribute_errors(docs, ids="a", texts="a", labels=LABELS))


def test_slices_score_each_value():
    meta = [{"channel": "mail"}, {"channel": "mail"}, {"channel": "chat"}]
    found = slice_scores(
        meta, np.asarray([True, False, True]), teacher=np.asarray([True, True, True])
    )
    assert [(x.field, x.value, x.student.value, x.student.n) for x in found] == [
        ("channel", "chat", 1.0, 1),
        ("channel", "mail", 0.5, 2),
    ]
    assert found[1].teacher.value == 1.0


@pytest.mark.parametrize(
    "meta",
    [
        [{"number": i} for i in range(21)],
        [{"same": "x"} for _ in range(21)],
        [{"tags": ["a", str(i % 2)]} for i in range(21)],
    ],
)
def test_slices_leave_out_what_is_no_slice(meta):
    right = np.ones(21, dtype=bool)
    assert slice_scores(meta, right, teacher=right) == ()


def test_slices_count_docs_that_have_the_field():
    right = np.ones(3, dtype=bool)
    found = slice_scores([{"a": 1}, {}, {"a": 2}], right, teacher=right)
    assert [x.student.n for x in found] == [1, 1]
