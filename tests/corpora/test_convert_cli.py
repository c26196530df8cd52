import json

import pytest
from typer.testing import CliRunner

from spacy_distill.cli import convert as _  # noqa: F401  (registers the command)
from spacy_distill.cli.app import distill_app

from .conftest import LABELS

TEACHER = f"""
[nlp]
lang = "en"
pipeline = ["llm"]

[components]

[components.llm]
factory = "llm"

[components.llm.task]
@llm_tasks = "spacy.TextCat.v3"
labels = {json.dumps(LABELS)}
exclusive_classes = true
"""


@pytest.fixture
def run(curated, tmp_path):
    (tmp_path / "teacher.cfg").write_text(TEACHER, encoding="utf8")

    def run(*args):
        paths = [str(curated), str(tmp_path / "out"), "--teacher", str(tmp_path / "teacher.cfg")]
        return CliRunner().invoke(distill_app, ["convert", *paths, *map(str, args)])

    return run


def test_table_and_report(run, gold_test, tmp_path):
    result = run("--gold-test", gold_test, "--report", tmp_path / "convert.json", "--dev-size", 0.3)
    assert result.exit_code == 0, result.output
    assert "question" in result.output
    assert "Wrote train, dev, test" in result.output
    report = json.loads((tmp_path / "convert.json").read_text(encoding="utf8"))
    assert report["splits"]["test"]["hard"] == {"bug": 1, "praise": 0, "question": 1}


def test_options_reach_the_function(run, tmp_path):
    options = (
        "--labels-from",
        "gold",
        "--balance",
        "sqrt",
        "--dev-size",
        "0.4",
        "--threshold",
        "0.6",
    )
    run(*options, "--report", tmp_path / "convert.json")
    report = json.loads((tmp_path / "convert.json").read_text(encoding="utf8"))
    expected = {"labels_from": "gold", "dev_size": 0.4, "threshold": 0.6, "balance": "sqrt"}
    assert report["settings"] == expected
    assert (tmp_path / "out" / "train").is_dir()


def test_label_map(run, tmp_path):
    (tmp_path / "map.json").write_text('{"praise": null}', encoding="utf8")
    result = run("--label-map", tmp_path / "map.json")
    assert result.exit_code == 1
    assert "has the labels ['praise']" in " ".join(result.output.split())


def test_missing_corpus(run, tmp_path):
    result = run("--gold-test", tmp_path / "none")
    assert result.exit_code == 1
    assert "No corpus at" in result.output
    assert not (tmp_path / "out").exists()


def test_unknown_balance_is_refused(run):
    assert run("--balance", "linear").exit_code == 2
