import pytest
import spacy

from spacy_distill.contract import Contract
from spacy_distill.errors import UserError
from spacy_distill.evaluate.speed import folder_size, measure_cold_start, measure_throughput
from spacy_distill.evaluate.student import load_student, predict, student_temperature

from .conftest import CONTRACT, LABELS, MULTILABEL, make_docs, train_student

# spaCy leaves the files it writes to the garbage collector.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


@pytest.fixture(scope="module")
def nlp(student):
    return load_student(student, CONTRACT)


def test_student_predicts_in_the_order_of_the_contract(nlp):
    turned = Contract("llm", "en", LABELS[::-1], exclusive=True)
    texts = ["invoice refund", "love superb", "crash error"]
    found = predict(nlp, texts, name="student", contract=turned)
    assert found.decided.argmax(axis=1).tolist() == [2, 1, 0]


def test_student_confidence_is_at_its_temperature(nlp):
    assert student_temperature(nlp, "llm") == 0.5
    found = predict(nlp, ["love superb"], name="student", contract=CONTRACT)
    squares = found.scores[0] ** 2
    assert found.confidence[0] == pytest.approx(squares.max() / squares.sum())


def test_student_without_a_temperature():
    assert student_temperature(spacy.blank("en"), "llm") is None


def test_student_of_several_labels_decides_by_its_own_threshold():
    nlp = train_student(make_docs(60, 5, exclusive=False), exclusive=False)
    nlp.get_pipe("llm").cfg["threshold"] = 0.0
    found = predict(nlp, ["the phone"], name="student", contract=MULTILABEL)
    assert found.decided.all()


@pytest.mark.parametrize(
    ("contract", "message"),
    [
        (Contract("other", "en", LABELS, exclusive=True), r"no component 'other', only \['llm'\]"),
        (
            Contract("llm", "en", ("bug", "x"), exclusive=True),
            r"labels \['billing'.*\['bug', 'x'\]",
        ),
    ],
)
def test_student_that_breaks_the_contract_is_refused(student, contract, message):
    with pytest.raises(UserError, match=message):
        load_student(student, contract)


def test_speed_throughput_repeats_few_texts():
    batches = []
    rate = measure_throughput(batches.append, ["a", "b", "c"])
    assert [len(batch) for batch in batches] == [64, 512]
    assert rate > 0


def test_speed_cold_start_names_what_does_not_load(tmp_path):
    with pytest.raises(UserError, match="does not load in a fresh Python process: OSError"):
        measure_cold_start(tmp_path / "nowhere", texts=["a"])


def test_speed_size_counts_all_files(tmp_path):
    (tmp_path / "a").write_bytes(b"12")
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "c").write_bytes(b"345")
    assert folder_size(tmp_path) == 5
