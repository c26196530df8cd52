"""`spacy distill batch` on the command line, and the half price in `plan`."""

import json

from typer.testing import CliRunner

from spacy_distill.cli.app import distill_app
from spacy_distill.io import read_json

from .test_batches import TEXTS


def run(*arguments):
    return CliRunner().invoke(distill_app, [str(argument) for argument in arguments])


def test_batch_command_hands_in_collects_and_reports(config, server, make_corpus, tmp_path):
    server.manual = True
    arguments = ("batch", config(), make_corpus(TEXTS), "--store", tmp_path / "a.sqlite")
    first = run(*arguments, "--tag", "run=first")
    assert first.exit_code == 0, first.output
    assert "batch_0" in first.output
    assert "Batches are open" in first.output
    server.finish(server.batches["batch_0"])
    second = run(*arguments, "--wait", "--log-json", "--report", tmp_path / "report.json")
    assert second.exit_code == 0, second.output
    assert "No batch is open" in second.output
    report = read_json(tmp_path / "report.json")
    assert report["collected"]["n_answered"] == 7
    assert report["batches"] == []


def test_batch_command_reports_progress_while_it_waits(config, server, make_corpus, tmp_path):
    arguments = ("--store", tmp_path / "a.sqlite", "--wait", "--every", "0.05", "--log-json")
    result = run("batch", config(), make_corpus(TEXTS), *arguments)
    lines = [json.loads(x) for x in result.stderr.splitlines() if x.startswith("{")]
    (last,) = [x for x in lines if x["task"] == "Batches" and x["event"] == "done"]
    assert (last["n"], last["total"], last["answered"]) == (7, 7, 7)
    assert last["spent"].startswith("$")


def test_batch_command_wants_corpora_or_cancel(config, make_corpus, tmp_path):
    neither = run("batch", config(), "--store", tmp_path / "a.sqlite")
    both = run("batch", config(), make_corpus(TEXTS), "--cancel", "--store", tmp_path / "a.sqlite")
    assert (neither.exit_code, both.exit_code) == (1, 1)
    assert "--cancel" in neither.output


def test_batch_command_cancels(config, server, make_corpus, tmp_path):
    server.manual = True
    run("batch", config(), make_corpus(TEXTS), "--store", tmp_path / "a.sqlite")
    result = run("batch", config(), "--cancel", "--store", tmp_path / "a.sqlite")
    assert result.exit_code == 0, result.output
    assert [one["status"] for one in server.batches.values()] == ["cancelled"]
    assert "No batch is open" in result.output


def test_plan_shows_half_the_price(config, server, make_corpus, tmp_path):
    report = tmp_path / "plan.json"
    store = ("--store", tmp_path / "a.sqlite")
    result = run("plan", config(), make_corpus(TEXTS), *store, "--report", report)
    assert "As a batch, at half price" in result.output
    found = read_json(report)
    assert found["batch"]["worst_cost"] == found["total"]["worst_cost"] / 2
    assert found["batch"]["prompt_cost"]["value"] == found["total"]["prompt_cost"]["value"] / 2
    assert found["batch"]["prompt_tokens"] == found["total"]["prompt_tokens"]
