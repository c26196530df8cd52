import pytest
from typer.testing import CliRunner

import spacy_distill.cli  # noqa: F401  (adds its commands)
from spacy_distill.cli.app import distill_app
from spacy_distill.io import read_json


@pytest.fixture
def run():
    def command(*words):
        return CliRunner().invoke(distill_app, [str(word) for word in words])

    return command


def test_harvest_then_export(run, ask, save, config, tmp_path):
    docs = save(ask([f"text {i}" for i in range(12)]))
    bad = tmp_path / "rejects.jsonl"
    result = run(
        "harvest", "llm-io", docs, tmp_path / "out", "-t", config, "--store", tmp_path / "a.sqlite",
        "--rejects", bad, "--report", tmp_path / "harvest.json",
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    assert "12 answers are new in the store" in result.output
    assert read_json(tmp_path / "harvest.json")["n_labelled"] == 12
    result = run(
        "export", "chat", tmp_path / "out", tmp_path / "tuning", "-t", config,
        "--report", tmp_path / "export.json",
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    assert "--gold-test" in result.output
    files = read_json(tmp_path / "export.json")["files"]
    assert files["train"]["n"] + files["validation"]["n"] == 12


def test_rejects_are_shown(run, write_rows, config, tmp_path, prompt_of):
    row = {"text": "one", "llm": {"prompt": prompt_of("one"), "response": "bad"}}
    log = write_rows([row, {"text": "\x1b[31mred"}])
    words = ["prodigy", log, tmp_path / "out", "-t", config, "--store", tmp_path / "a.sqlite"]
    result = run("harvest", *words)
    assert result.exit_code == 0, result.output
    assert "log.jsonl:2" in result.output
    assert "\x1b[31mred" not in result.output


def test_export_csv(run, ask, save, config, tmp_path):
    docs = save(ask(["=fine"]))
    run("harvest", "llm-io", docs, tmp_path / "out", "-t", config, "--store", tmp_path / "a.sqlite")
    result = run("export", "csv", tmp_path / "out", tmp_path / "out.csv", "-t", config)
    assert result.exit_code == 0, result.output
    assert "apostrophe" in result.output
    assert "'=fine" in (tmp_path / "out.csv").read_text(encoding="utf8")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["openai", "{log}", "--metadata", "app"], "key=value"),
        (["openai", "{log}", "--pattern", "("], "no regular expression"),
        (["llm-io", "missing.spacy"], "is missing"),
    ],
)
def test_mistake_is_explained(run, write_rows, config, tmp_path, words, message):
    words = [word.format(log=write_rows([{}])) for word in words]
    result = run(
        "harvest", *words[:2], tmp_path / "out", "-t", config, *words[2:],
        "--store", tmp_path / "a.sqlite",
    )  # fmt: skip
    assert result.exit_code == 1
    assert message in result.output
