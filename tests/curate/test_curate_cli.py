import json

import pytest
from typer.testing import CliRunner

from spacy_distill.cli import curate as _  # noqa: F401  (registers the command)
from spacy_distill.cli.app import distill_app
from spacy_distill.io import write_docs

from .conftest import CONFIG, make_doc


@pytest.fixture
def run(corpus, tmp_path):
    def run(*args):
        paths = [str(corpus), str(tmp_path / "curated"), "--config", str(CONFIG)]
        return CliRunner().invoke(distill_app, ["curate", *paths, *map(str, args)])

    return run


def test_table_and_report(run, gold, tmp_path):
    result = run("--gold", gold, "--report", tmp_path / "metrics" / "curate.json")
    assert result.exit_code == 0, result.output
    assert "near_duplicate" in result.output
    assert "Kept 2 of 6 Docs" in result.output
    report = json.loads((tmp_path / "metrics" / "curate.json").read_text(encoding="utf8"))
    assert report["filters"]["leak"]["dropped"] == 1


def test_override(run):
    result = run("--components.curator.filters.language.threshold", "0.0")
    assert "Kept 4 of 6 Docs" in result.output


def test_unknown_override_fails(run):
    result = run("--components.curator.filters.laguage.threshold", "0.0")
    assert result.exit_code == 1
    assert "laguage" in result.output


def test_explain(run):
    run()
    result = run("--explain", "c-4")
    assert result.exit_code == 0, result.output
    assert "n/a" in result.output
    assert "placeholder" in result.output
    assert "drop" in result.output


def test_explain_before_any_run(run):
    result = run("--explain", "c-4")
    assert result.exit_code == 1
    assert "No corpus at" in result.output


def test_missing_corpus(run, tmp_path):
    result = run("--gold", tmp_path / "none")
    assert result.exit_code == 1
    assert "No corpus at" in result.output
    assert "Traceback" not in result.output


def test_corpus_without_labels(tmp_path):
    write_docs([make_doc("Where is my parcel?")], tmp_path / "texts")
    paths = [str(tmp_path / "texts"), str(tmp_path / "curated"), "--config", str(CONFIG)]
    result = CliRunner().invoke(distill_app, ["curate", *paths])
    assert result.exit_code == 0, result.output
    assert "Kept 0 of 1 Docs" in result.output


def test_help_has_examples():
    result = CliRunner().invoke(distill_app, ["curate", "--help"])
    assert "--explain w1-087" in result.output
