import json

import pytest
from typer.testing import CliRunner

import spacy_distill.cli.ab  # noqa: F401  (registers the command)
from spacy_distill.cli.app import distill_app
from spacy_distill.errors import UserError
from spacy_distill.evaluate.ab import load_checked, side_by_side
from spacy_distill.evaluate.ab_tables import ab_sentences, render_ab
from spacy_distill.evaluate.gold import read_gold_set
from spacy_distill.evaluate.student import predict
from spacy_distill.io import write_docs

from .conftest import CONTRACT, MULTILABEL, SPEED, TEACHER_CFG, make_doc, make_docs, train_student

# spaCy leaves the files it writes to the garbage collector.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


def compare(a, b, test):
    """What `ab` does, without measuring speed again."""
    texts = read_gold_set(test, CONTRACT)
    students = tuple(
        predict(load_checked(path, CONTRACT), texts.texts, name=name, contract=CONTRACT)
        for name, path in (("A", a), ("B", b))
    )
    return side_by_side(
        (a, b), students, texts=texts, speeds=(SPEED, SPEED), contract=CONTRACT, n_shown=50
    )


@pytest.fixture(scope="module")
def weak(tmp_path_factory):
    """A student that has seen too little."""
    path = tmp_path_factory.mktemp("weak") / "weak"
    train_student(make_docs(9, 3)).to_disk(path)
    return path


@pytest.fixture(scope="module")
def printed(student, weak, corpora, tmp_path_factory):
    """One run of the command on gold texts; its folder and what it printed."""
    path = tmp_path_factory.mktemp("ab")
    (path / "teacher.cfg").write_text(TEACHER_CFG, encoding="utf8")
    arguments = [
        *("ab", str(student), str(weak), "--teacher", str(path / "teacher.cfg")),
        *("--test", str(corpora / "test"), "--show", "3"),
        *("--output", str(path / "ab.json"), "--report", str(path / "ab.md")),
    ]
    result = CliRunner().invoke(distill_app, arguments, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return path, " ".join(result.output.split())


@pytest.fixture(scope="module")
def scores(printed):
    return json.loads((printed[0] / "ab.json").read_text(encoding="utf8"))


@pytest.fixture(scope="module")
def without_gold(student, weak, tmp_path_factory):
    """The same students on texts that nobody has labelled."""
    path = tmp_path_factory.mktemp("plain") / "texts.spacy"
    long = "invoice | <b>refund</b> " * 20
    docs = [make_doc(long), *(make_doc(doc.text) for doc in make_docs(20, 8))]
    write_docs(docs, path)
    return compare(student, weak, path)


def test_ab_scores_teacher_and_both_students_on_gold(scores):
    rows = {row["name"]: row for row in scores["systems"]}
    assert list(rows) == ["teacher", "A", "B"]
    assert rows["teacher"]["agreement"] is None
    assert rows["A"]["accuracy"]["value"] > rows["B"]["accuracy"]["value"]
    assert rows["A"]["agreement"]["n"] == 85


def test_ab_paired_test_is_of_these_scores(scores):
    rows = {row["name"]: row for row in scores["systems"]}
    found = scores["versus"]
    assert found["n"] == 90
    assert found["a"]["accuracy"] == rows["A"]["accuracy"]
    assert found["b"]["macro_f1"] == rows["B"]["macro_f1"]
    difference = rows["B"]["accuracy"]["value"] - rows["A"]["accuracy"]["value"]
    assert found["accuracy"]["value"] == pytest.approx(difference)
    assert (found["n_only_b"] - found["n_only_a"]) / 90 == pytest.approx(difference)
    assert found["p_value"] < 0.05


def test_ab_shows_the_surest_of_the_texts_that_differ(scores):
    assert len(scores["differ"]) == 3 < scores["n_differ"]
    assert scores["alike"]["value"] == pytest.approx(1 - scores["n_differ"] / 90)
    texts = {doc.text for doc in make_docs(90, 1)}
    for row in scores["differ"]:
        assert row["text"] in texts
        assert row["a"]["labels"] != row["b"]["labels"]
    sure = [row["a"]["confidence"] + row["b"]["confidence"] for row in scores["differ"]]
    assert sure == sorted(sure, reverse=True)


def test_ab_measures_both_students(scores):
    assert all(speed["docs_per_s"] > 0 and speed["size_mb"] > 0 for speed in scores["speeds"])


def test_ab_prints_tables_texts_and_the_paired_test(printed):
    for words in ("3 of the", "90 gold Docs", "size on disk", "McNemar's exact p =", "Written:"):
        assert words in printed[1]
    page = (printed[0] / "ab.md").read_text(encoding="utf8")
    for words in ("# A/B of two students", "| teacher | 0.844 [", "| Id | Gold | Teacher |"):
        assert words in page


def test_ab_without_gold_speaks_of_agreement_only(without_gold):
    assert without_gold.versus is None
    assert [row.name for row in without_gold.systems] == ["A", "B"]
    assert {(row.accuracy, row.agreement) for row in without_gold.systems} == {(None, None)}
    assert without_gold.alike.n == without_gold.n == 21
    assert "There is no gold" in " ".join(ab_sentences(without_gold))
    assert len(without_gold.differ) == without_gold.n_differ > 0
    assert {(row.gold, row.teacher) for row in without_gold.differ} == {(None, None)}


def test_ab_page_cuts_and_escapes_texts(without_gold):
    page = render_ab(without_gold)
    assert "<b>" not in page
    assert all(len(row.text) <= 200 for row in without_gold.differ)


def test_ab_of_a_student_and_itself_finds_nothing(student, corpora):
    found = compare(student, student, corpora / "test")
    assert (found.n_differ, found.differ, found.versus.p_value) == (0, (), 1.0)
    assert (found.alike.low, found.alike.value) == (1.0, 1.0)


def test_ab_refuses_a_student_of_another_language_or_kind(tmp_path):
    path = tmp_path / "several"
    train_student(make_docs(9, 3, exclusive=False), exclusive=False).to_disk(path)
    with pytest.raises(UserError, match="no text classifier with exclusive labels"):
        load_checked(path, CONTRACT)
    assert load_checked(path, MULTILABEL).pipe_names == ["llm"]
    german = type(MULTILABEL)("llm", "de", MULTILABEL.labels, exclusive=False)
    with pytest.raises(UserError, match="for the language 'en', its teacher for 'de'"):
        load_checked(path, german)
