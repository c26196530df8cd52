import pytest

from spacy_distill.evaluate.acceptance import Criteria
from spacy_distill.evaluate.cascade import AT_TEACHER, operate
from spacy_distill.evaluate.notes import find_notes
from spacy_distill.evaluate.paired import compare
from spacy_distill.evaluate.systems import score_system
from spacy_distill.evaluate.verdict import acceptance_verdict, default_verdict

from .conftest import LABELS, SPEED, mark, predict_indices

N = 200


def system(predictions, docs):
    return score_system(predictions, docs.gold, teacher=docs.teacher, labels=LABELS, exclusive=True)


def build(n_wrong, *, sure_wrong=0.5, n_teacher_wrong=0):
    """A student with its errors at the end of the list, at a confidence of their own."""
    student = [0] * (N - n_wrong) + [1] * n_wrong
    teacher = [1] * n_teacher_wrong + [0] * (N - n_teacher_wrong)
    sure = [0.9] * (N - n_wrong) + [sure_wrong] * n_wrong
    return mark(student, teacher, [0] * N, sure=sure)


def decide(docs, *, tfidf_wrong=100, dev="same"):
    tfidf = predict_indices("TF-IDF + LR", [0] * (N - tfidf_wrong) + [1] * tfidf_wrong)
    fallback = operate(docs if dev == "same" else dev, docs, purpose=AT_TEACHER) if dev else None
    return default_verdict(
        compare(docs.student_right, docs.teacher_right),
        system(docs.student, docs),
        tfidf=system(tfidf, docs),
        fallback=fallback,
    )


def accept(criteria, docs, *, dev="same"):
    return acceptance_verdict(
        criteria, docs, dev=docs if dev == "same" else dev, speed=SPEED, labels=LABELS
    )


def test_verdict_student_at_the_teachers_level_ships():
    found = decide(build(0))
    assert found.word == "ship"
    assert (
        "0.000 [0.000, 0.000]. To ship, the worst that it may well be, -0.019" in found.reasons[0]
    )
    assert "1.000 must be above TF-IDF + LR's 0.500: met" in found.reasons[1]


def test_verdict_better_student_than_a_weak_teacher_ships():
    assert decide(build(10, n_teacher_wrong=60)).word == "ship"


def test_verdict_student_no_better_than_tfidf_does_not_ship():
    assert decide(build(0), tfidf_wrong=0).word == "ship with fallback"


def test_verdict_sure_half_ships_with_fallback():
    found = decide(build(60))
    assert found.word == "ship with fallback"
    assert found.threshold == pytest.approx(0.9)
    assert "keeps 0.700" in found.reasons[2]
    assert "held on test" in found.reasons[3]


def test_verdict_fallback_that_does_not_hold_on_test_does_not_ship():
    found = decide(build(60, sure_wrong=0.95), dev=build(0))
    assert found.word == "don't ship"
    assert "did not hold on test" in found.reasons[3]


def test_verdict_confident_errors_do_not_ship():
    found = decide(build(60, sure_wrong=0.95))
    assert found.word == "don't ship"
    assert "no threshold on gold dev" in found.reasons[2]


def test_verdict_less_than_half_does_not_ship():
    found = decide(build(120))
    assert found.word == "don't ship"
    assert found.reasons[2].endswith("missed.")


def test_verdict_without_dev_cannot_fall_back():
    found = decide(build(60), dev=None)
    assert found.word == "don't ship"
    assert "Without gold dev Docs" in found.reasons[2]


def test_verdict_all_criteria_met_ships():
    found = accept(Criteria(min_accuracy=0.7, max_size_mb=10), build(60))
    assert found.word == "ship"
    assert found.reasons == ("min_accuracy 0.7: met (0.7).", "max_size_mb 10: met (5).")
    assert [check.met for check in found.checks] == [True, True]


def test_verdict_quality_met_on_the_kept_share_ships_with_fallback():
    found = accept(Criteria(min_accuracy=0.95), build(60))
    assert found.word == "ship with fallback"
    assert found.threshold == pytest.approx(0.9)
    assert [check.met for check in found.checks] == [False]
    assert [check.met for check in found.kept_checks] == [True]
    assert "keeps 0.700 of the 200 test Docs" in found.reasons[1]


@pytest.mark.parametrize(
    ("criteria", "docs", "dev", "reason"),
    [
        (Criteria(min_accuracy=0.9, max_size_mb=1), build(60), "same", "max_size_mb 1: missed"),
        (Criteria(min_accuracy=0.9), build(120), "same", "keeps 0.400"),
        (Criteria(min_accuracy=0.9), build(60), None, "Without gold dev"),
        (Criteria(min_accuracy=0.9), build(60, sure_wrong=0.95), "same", "No confidence threshold"),
        (
            Criteria(min_accuracy=0.9),
            build(60, sure_wrong=0.95),
            build(0),
            "kept Docs: min_accuracy",
        ),
        (Criteria(min_recall={"bug": 0.5}), build(0), "same", "no gold Doc"),
    ],
)
def test_verdict_criteria_missed_do_not_ship(criteria, docs, dev, reason):
    found = accept(criteria, docs, dev=dev)
    assert found.word == "don't ship"
    assert found.threshold is None
    assert any(reason in line for line in found.reasons)


def notes(docs, *, word="don't ship", n_train=480, on_gold=None):
    systems = [system(docs.teacher, docs), system(docs.student, docs)]
    if on_gold is not None:
        other = predict_indices("student on gold", [0] * (N - on_gold) + [1] * on_gold)
        systems.append(system(other, docs))
    return " ".join(find_notes(systems, n_test=N, n_without_gold=3, n_train=n_train, word=word))


def test_notes_few_training_texts_and_a_miss():
    assert "480 training texts" in notes(build(60))
    assert "label more" in notes(build(60))


@pytest.mark.parametrize(
    "more", [{"n_train": 1000}, {"word": "ship"}, {"docs": build(5, n_teacher_wrong=5)}]
)
def test_notes_do_not_blame_the_number_of_texts(more):
    assert "training texts" not in notes(**{"docs": build(60), **more})


def test_notes_student_on_gold_shows_the_limit_of_the_data():
    assert "not the teacher's labels" in notes(build(60), on_gold=40)
    assert "not the teacher's labels" not in notes(build(60), on_gold=0)


def test_notes_flawless_system_and_docs_left_out():
    found = notes(build(60))
    assert "The teacher makes no error on 200 Docs" in found
    assert "0.015" in found
    assert "3 test Docs have no gold" in found


def test_notes_absent_answers_are_counted():
    docs = mark([0, 0], [0, None], [0, 0])
    systems = [system(docs.teacher, docs), system(docs.student, docs)]
    found = find_notes(systems, n_test=2, n_without_gold=0, n_train=5000, word="ship")
    assert "no usable answer on 1 of 2 test Docs" in found[0]


def test_notes_a_verdict_beside_a_weak_teacher_says_what_it_is_worth():
    weak = build(60, n_teacher_wrong=60)
    assert "own accuracy is 0.700" in notes(weak, word="ship")
    assert "own accuracy" not in notes(weak, word="don't ship")
    assert "own accuracy" not in notes(build(0), word="ship")


def test_notes_without_gold_say_how_to_get_it():
    docs = mark([0], [0], [0])
    systems = [system(docs.teacher, docs), system(docs.student, docs)]
    found = find_notes(systems, n_test=1, n_without_gold=0, n_train=5000, word=None)
    assert "ingest them with --gold" in found[0]


@pytest.mark.parametrize("n", [1, 10, 50, 100])
def test_verdict_a_few_texts_without_a_difference_do_not_ship(n):
    docs = mark([0] * n, [0] * n, [0] * n)
    tfidf = predict_indices("TF-IDF + LR", [1] * n)
    found = default_verdict(
        compare(docs.student_right, docs.teacher_right),
        system(docs.student, docs),
        tfidf=system(tfidf, docs),
        fallback=None,
    )
    assert found.word == "don't ship"
