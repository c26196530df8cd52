"""`spacy distill answers`: what the commands print and write, and how they refuse."""

import json

import pytest
import spacy
from typer.testing import CliRunner

from spacy_distill.attrs import content_id
from spacy_distill.cli import distill_app
from spacy_distill.io import write_docs
from spacy_distill.teacher.store.answers import AnswerStore
from spacy_distill.teacher.store.keys import answer_key
from spacy_distill.teacher.store.records import count_answers
from spacy_distill.ty import Answer, Request

from .conftest import backdate, fill


@pytest.fixture
def run(path):
    def invoke(command, *arguments, answer=None, store=path):
        line = ["answers", command, *map(str, arguments), "--store", str(store)]
        return CliRunner().invoke(distill_app, line, input=answer)

    return invoke


def test_answers_list_shows_the_newest_last(run, path):
    backdate(path, "Bad", "2999-01-31")
    result = run("list", "-n", 3)
    assert result.exit_code == 0, result.output
    lines = result.output.strip().splitlines()
    assert len(lines) == 5
    assert lines[-1].startswith(answer_key("Bad", "n", {})[:12])
    assert "refused" in lines[-1]
    assert "policy" in lines[-1]


def test_answers_list_of_nothing_says_so(run):
    assert "holds no such answer" in run("list", "--model", "none").output


def test_answers_list_has_one_line_an_answer(run, path):
    fill(path, [Answer(Request("x"), "one\ntwo\x1b[31m\ud800" + "long " * 50)])
    line = run("list", "--grep", "^one").output.strip().splitlines()[-1]
    assert "one two" in line
    assert "\x1b" not in line
    assert "…" in line


def test_answers_grep_prints_id_and_place(run):
    result = run("grep", "yes|dog")
    lines = result.output.splitlines()
    assert "3 of the answers" in result.output.replace("\n", " ")
    id_ = answer_key("Is the dog brown?", "m", {"temperature": 0.3})[:12]
    assert f"{id_}  prompt  Is the dog brown?" in lines
    assert f"{id_}  answer  yes" in lines
    assert f"{id_}  answer  no" not in lines


def test_answers_show_prints_everything(run):
    key = answer_key("Ein Täßchen 👍\r\nTee?", "m", {"temperature": 0.3})
    result = run("show", key[:10])
    assert result.exit_code == 0, result.output
    for expected in (key, "Ein Täßchen 👍", "\nTee?", "ja", '"temperature": 0.3', "-2.5"):
        assert expected in result.output


def test_answers_show_of_an_unknown_id_fails(run):
    result = run("show", "zz")
    assert result.exit_code == 1
    assert "zz" in result.output


def test_answers_stats_count(run):
    output = run("stats").output
    assert "5 answers and 1 failures" in output.replace("\n", " ")
    assert "run=b" in output
    assert "27" in output


@pytest.mark.parametrize("name", ["a.jsonl", "a.jsonl.gz"])
def test_answers_export_and_import_again(run, path, tmp_path, name):
    assert "6 answers" in run("export", tmp_path / name).output
    result = run("import", tmp_path / name, store=tmp_path / "b.sqlite")
    assert "6 of 6 rows are new" in result.output.replace("\n", " ")
    assert count_answers(tmp_path / "b.sqlite") == 6


def test_answers_export_a_choice(run, tmp_path):
    run("export", tmp_path / "a.jsonl", "--tag", "run=b", "--status", "answered")
    (row,) = map(json.loads, (tmp_path / "a.jsonl").read_text(encoding="utf8").splitlines())
    assert (row["model"], row["prompt"]) == ("n", "Is the cat grey?")


def test_answers_export_to_replay(run, tmp_path):
    result = run("export", tmp_path / "r.jsonl", "--replay", "--model", "n")
    assert "1 prompts with their answers" in result.output
    assert json.loads((tmp_path / "r.jsonl").read_text()) == {
        "prompt": "Is the cat grey?",
        "responses": ["yes"],
    }


def test_answers_import_says_what_is_rejected(run, tmp_path):
    (tmp_path / "in.jsonl").write_text("nonsense\n{}\n", encoding="utf8")
    result = run("import", tmp_path / "in.jsonl", "--rejects", tmp_path / "rejects.jsonl")
    assert result.exit_code == 0, result.output
    assert "2 rows" in result.output
    assert "line 1" in result.output
    assert len((tmp_path / "rejects.jsonl").read_text().splitlines()) == 2


def test_answers_merge_prints_the_counts(run, path, tmp_path):
    result = run("merge", path, store=tmp_path / "all.sqlite")
    assert "6 of 6 are new" in result.output.replace("\n", " ")
    assert count_answers(tmp_path / "all.sqlite") == 6


@pytest.mark.parametrize(("answer", "left"), [("y\n", 3), ("n\n", 6), ("", 6)])
def test_answers_delete_asks_first(run, path, answer, left):
    result = run("delete", "--model", "m", answer=answer)
    assert "Delete 3 answers" in result.output
    assert count_answers(path) == left
    assert (result.exit_code == 0) == (left == 3)


@pytest.mark.parametrize(
    ("arguments", "left"),
    [
        (["--tag", "run=a", "--tag", 'who=ä"\\'], 5),
        (["--older-than", "30"], 5),
        (["--older-than", "30", "--until", "2026-01-01"], 6),
        (["--since", "2026-01-31", "--until", "2026-02-01"], 5),
        (["--status", "failed", "--model", "n"], 5),
        (["--grep", "cat|dog"], 3),
        (["--all"], 0),
    ],
)
def test_answers_delete_a_choice(run, path, arguments, left):
    backdate(path, "Is the dog brown?", "2026-01-31")
    result = run("delete", "--yes", *arguments)
    assert result.exit_code == 0, result.output
    assert f"Deleted {6 - left} answers" in result.output
    assert count_answers(path) == left


def test_answers_delete_about_a_text(run, path, tmp_path):
    (tmp_path / "text.txt").write_text("the cat\n", encoding="utf8")
    run("delete", "--yes", "--about", tmp_path / "text.txt")
    assert count_answers(path) == 4


def test_answers_delete_about_a_doc(run, path, tmp_path):
    nlp = spacy.blank("en")
    write_docs([nlp("the cat"), nlp("the dog")], tmp_path / "corpus.spacy")
    found = ["--corpus", tmp_path / "corpus.spacy", "--id", content_id("the dog")]
    assert run("delete", "--yes", *found).exit_code == 0
    assert count_answers(path) == 5


@pytest.mark.parametrize(
    ("command", "arguments", "message"),
    [
        ("delete", ["--yes"], "Say which answers"),
        ("delete", ["--yes", "--about", "empty.txt"], "every answer"),
        ("delete", ["--yes", "--corpus", "corpus.spacy"], "belong together"),
        ("delete", ["--yes", "--id", "x"], "belong together"),
        ("list", ["--status", "perfect"], "choose one of"),
        ("list", ["--tag", "run"], "run"),
        ("list", ["--grep", "("], "regular expression"),
        ("list", ["--about", "latin.txt"], "UTF-8"),
        ("list", ["--about", "missing.txt"], "missing.txt"),
        ("import", ["missing.jsonl"], "missing.jsonl"),
        ("merge", ["missing.sqlite"], "missing.sqlite"),
    ],
)
def test_answers_commands_refuse(run, path, tmp_path, monkeypatch, command, arguments, message):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty.txt").write_text("\n")
    (tmp_path / "latin.txt").write_bytes(b"\xe4")
    result = run(command, *arguments)
    assert result.exit_code == 1
    assert message in result.output.replace("\n", " ")
    assert count_answers(path) == 6


@pytest.mark.parametrize("command", ["list", "grep x", "show x", "stats", "export out.jsonl"])
def test_answers_commands_that_read_need_a_store(run, tmp_path, monkeypatch, command):
    monkeypatch.chdir(tmp_path)
    result = run(*command.split(), store="none.sqlite")
    assert result.exit_code == 1
    assert "No answer store at none.sqlite" in result.output.replace("\n", " ")
    assert not (tmp_path / "none.sqlite").exists()
    assert not (tmp_path / "out.jsonl").exists()


def test_answers_commands_that_read_work_beside_a_writer(run, path):
    with AnswerStore(path) as store:
        store.claim([Request("new")], "m", {})
        assert run("list").exit_code == 0
        assert "1 being asked now" in run("stats").output.replace("\n", " ")


def test_answers_help_shows_examples():
    result = CliRunner().invoke(distill_app, ["answers", "delete", "--help"])
    assert "spacy distill answers delete --older-than 90" in " ".join(result.output.split())
