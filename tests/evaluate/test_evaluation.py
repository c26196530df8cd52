import json
import sys

import pytest
from typer.testing import CliRunner

import spacy_distill.cli.evaluate  # noqa: F401  (registers the command)
from spacy_distill.cli.app import distill_app
from spacy_distill.errors import UserError
from spacy_distill.evaluate import evaluate
from spacy_distill.evaluate.acceptance import NO_CRITERIA
from spacy_distill.evaluate.answered import read_answered
from spacy_distill.evaluate.evaluation import compare_all
from spacy_distill.evaluate.inputs import read_inputs
from spacy_distill.evaluate.judgement import judge
from spacy_distill.evaluate.marked import Marked
from spacy_distill.evaluate.result import Price
from spacy_distill.evaluate.student import predict
from spacy_distill.io import write_docs

from .conftest import CONTRACT, MULTILABEL, SPEED, TEACHER_CFG, make_docs, train_student

# spaCy leaves the files it writes to the garbage collector.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


@pytest.fixture(scope="module")
def printed(corpora, student, tmp_path_factory):
    """One run of the command with everything it takes; its folder and what it printed."""
    path = tmp_path_factory.mktemp("run")
    (path / "teacher.cfg").write_text(TEACHER_CFG, encoding="utf8")
    (path / "own.cfg").write_text("[acceptance]\nmin_accuracy = 0.85", encoding="utf8")
    arguments = [
        *("evaluate", str(student), "--teacher", str(path / "teacher.cfg")),
        *("--acceptance", str(path / "own.cfg")),
        *("--test", str(corpora / "test"), "--dev", str(corpora / "dev.spacy")),
        *("--train", str(corpora / "train.spacy"), "--gold-student", str(student)),
        *("--also", f"tuned LLM={corpora / 'test'}"),
        *("--price-per-1k-docs", "2", "--currency", "EUR", "--name", "first"),
        *("--output", str(path / "e.json"), "--report", str(path / "e.md")),
        *("--run", str(path / "run.json")),
    ]
    result = CliRunner().invoke(distill_app, arguments, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return path, result.output


@pytest.fixture(scope="module")
def scores(printed):
    return json.loads((printed[0] / "e.json").read_text(encoding="utf8"))


def test_evaluation_rows_are_teacher_students_and_baselines(scores):
    assert [row["name"] for row in scores["systems"]] == [
        *("teacher", "student", "student on gold", "tuned LLM", "TF-IDF + LR", "majority"),
    ]


def test_evaluation_takes_what_another_llm_has_labelled(scores):
    teacher, tuned = scores["systems"][0], scores["systems"][3]
    assert (tuned["accuracy"], tuned["n_absent"]) == (teacher["accuracy"], teacher["n_absent"])
    assert tuned["agreement"]["value"] == 1.0


@pytest.mark.parametrize(
    ("also", "match"),
    [
        ({"student": "test"}, "can't be called"),
        ({"other": "dev.spacy"}, "lacks 90 of 90 test texts"),
    ],
)
def test_evaluation_refuses_a_system_that_does_not_fit(corpora, also, match):
    ids = read_inputs(
        CONTRACT, test=corpora / "test", train=corpora / "train.spacy", dev=None
    ).test.ids
    paths = {name: corpora / path for name, path in also.items()}
    with pytest.raises(UserError, match=match):
        read_answered(paths, ids=ids, contract=CONTRACT)


def test_evaluation_counts_absent_answers_as_wrong(scores):
    teacher = scores["systems"][0]
    # 9 of 90 answers are wrong and 5 more are absent.
    assert teacher["n_absent"] == 5
    assert teacher["accuracy"]["value"] == pytest.approx(76 / 90)


def test_evaluation_student_beats_a_noisy_teacher(scores):
    assert scores["systems"][1]["accuracy"]["value"] > 0.9
    assert scores["gold"]["difference"]["accuracy"]["value"] > 0


def test_evaluation_student_ships_by_the_users_criteria(scores):
    verdict = scores["gold"]["verdict"]
    assert verdict["word"] == "ship"
    assert [check["criterion"] for check in verdict["checks"]] == ["min_accuracy"]


def test_evaluation_confusion_cells_open_to_their_docs(scores):
    cells = scores["gold"]["confusion"]["teacher"]
    absent = [cell for cell in cells if cell["decided"] == "(none)"]
    assert sum(len(cell["ids"]) for cell in absent) == 5
    assert sum(len(cell["ids"]) for cell in cells) == 90


def test_evaluation_slices_leave_out_fields_with_many_values(scores):
    assert {row["field"] for row in scores["gold"]["slices"]} == {"channel"}


def test_evaluation_uses_the_students_temperature(scores):
    assert scores["gold"]["calibration"]["stored"] == 0.5


def test_evaluation_cost_follows_the_kept_share(scores):
    cost = scores["gold"]["cost"]
    kept = scores["gold"]["cascade"][1]["test"]["coverage"]["value"]
    assert cost["with_fallback"] == pytest.approx(2 * (1 - kept))


def test_evaluation_speed_is_measured(scores):
    speed = scores["speed"]
    assert speed["docs_per_s"] > 0
    assert 0 < speed["latency_p50_ms"] <= speed["latency_p95_ms"]
    assert speed["size_mb"] > 0
    assert speed["load_s"] > 0
    assert (speed["peak_memory_mb"] is None) == (sys.platform == "win32")
    (tfidf,) = (row for row in scores["systems"] if row["name"] == "TF-IDF + LR")
    assert tfidf["docs_per_s"] > 0


def test_evaluation_terminal_fits_110_columns(printed):
    assert max(map(len, printed[1].splitlines())) <= 110


def test_evaluation_terminal_ends_with_the_verdict(printed):
    last = printed[1].splitlines()[-1].removesuffix("\x1b[0m")
    assert last.endswith(" ship")
    assert "don't" not in last
    for words in ("TF-IDF + LR", "Labels: student", "Confusion: student", "errors", "98% accuracy"):
        assert words in printed[1]


def test_evaluation_markdown_has_the_same_findings(printed):
    page = (printed[0] / "e.md").read_text(encoding="utf8")
    assert page.startswith("# Evaluation of `llm`\n\n**Verdict: ship**")
    for words in ("| teacher | 0.844", "## Slices", "| channel = mail |", "2.00 EUR", "| (none) |"):
        assert words in page


def test_evaluation_snapshot_says_what_produced_the_run(printed, student):
    run = json.loads((printed[0] / "run.json").read_text(encoding="utf8"))
    assert (run["name"], run["verdict"]) == ("first", "ship")
    assert run["config"]["text"] == (student / "config.cfg").read_text(encoding="utf8")
    assert {key: len(value) for key, value in run["data"].items()} == {
        "test": 1,
        "dev": 1,
        "train": 1,
    }
    assert run["prompts"]["n"] == 90 + 60 + 114
    assert run["scores"]["teacher accuracy"].startswith("0.844 [")
    assert run["versions"]["spacy"]
    assert run["seed"] == 0


def test_evaluation_without_gold_speaks_of_agreement_only(student, corpora, tmp_path):
    write_docs(make_docs(30, 8, gold=False), tmp_path / "test.spacy")
    report = evaluate(
        student, CONTRACT, test=tmp_path / "test.spacy", train=corpora / "train.spacy"
    )
    assert report.gold is None
    assert {row.accuracy for row in report.systems} == {None}
    assert report.system("student").agreement.n == 28
    assert "there is no verdict" in report.notes[0]


def test_evaluation_of_several_labels_uses_exact_match(tmp_path):
    for name, seed, n in (("test", 1, 60), ("dev", 2, 60), ("train", 3, 150)):
        docs = make_docs(n, seed, exclusive=False, gold=name != "train")
        write_docs(docs, tmp_path / f"{name}.spacy")
    paths = {name: tmp_path / f"{name}.spacy" for name in ("test", "dev", "train")}
    inputs = read_inputs(MULTILABEL, **paths)
    nlp = train_student(make_docs(150, 3, exclusive=False), exclusive=False)
    ours, on_dev = (
        predict(nlp, docs.texts, name="student", contract=MULTILABEL)
        for docs in (inputs.test, inputs.dev)
    )
    systems = compare_all([ours], inputs, contract=MULTILABEL, speed=SPEED)
    found = judge(
        Marked(ours, inputs.test.teacher, inputs.test.gold),
        systems,
        test=inputs.test,
        dev=Marked(on_dev, inputs.dev.teacher, inputs.dev.gold),
        contract=MULTILABEL,
        temperature=None,
        speed=SPEED,
        criteria=NO_CRITERIA,
        price=Price(1.0),
    )
    exact = (ours.decided == inputs.test.gold).all(axis=1).mean()
    assert systems[1].accuracy.value == pytest.approx(exact)
    assert systems[1].micro_f1 is not None
    assert found.calibration.fitted is not None
    assert found.verdict.word in ("ship", "ship with fallback", "don't ship")


def test_evaluation_command_explains_a_mistake_in_one_line(teacher_cfg, student, corpora, tmp_path):
    arguments = [
        *("evaluate", str(student), "--teacher", str(teacher_cfg), "--test", "nowhere.spacy"),
        *("--train", str(corpora / "train.spacy"), "--output", str(tmp_path / "never.json")),
    ]
    result = CliRunner().invoke(distill_app, arguments)
    assert result.exit_code == 1
    assert "No corpus at nowhere.spacy" in result.output
    assert not (tmp_path / "never.json").exists()


def test_evaluation_command_has_help_with_examples():
    result = CliRunner().invoke(distill_app, ["evaluate", "--help"])
    assert "python -m spacy distill evaluate" in result.output
