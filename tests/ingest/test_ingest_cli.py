import json

import pytest
from typer.testing import CliRunner

from spacy_distill.cli import ingest as _  # noqa: F401  (registers the command)
from spacy_distill.cli.app import distill_app

TEACHER = """
[nlp]
lang = "de"
pipeline = ["llm"]

[components]

[components.llm]
factory = "llm"

[components.llm.task]
@llm_tasks = "spacy.TextCat.v3"
labels = ["bug", "praise"]
exclusive_classes = true
"""


@pytest.fixture
def run(room):
    (room.path / "teacher.cfg").write_text(TEACHER, encoding="utf8")
    (room.path / "map.json").write_text('{"bug": "problem"}', encoding="utf8")

    def run(name, content, *options):
        source = room.write(name, content)
        return CliRunner().invoke(
            distill_app, ["ingest", str(source), str(room.out_path), *map(str, options)]
        )

    return run


def test_counts_are_printed_and_written(room, run):
    rows = [{"text": "a"}, {"text": "a"}, {"text": ""}, {"text": "b"}]
    result = run("x.jsonl", rows, "--report", room.path / "m" / "ingest.json")
    assert result.exit_code == 0, result.output
    assert "holds 2 Docs" in result.output
    assert json.loads((room.path / "m" / "ingest.json").read_text(encoding="utf8")) == {
        "n_rows": 4,
        "n_docs": 2,
        "n_copies": 1,
        "rejects": {"empty": 1},
    }


def test_first_reject_of_each_reason_is_printed(room, run):
    result = run("x.jsonl", [{"text": "a"}, {"text": ""}, {"text": "\t"}, {"text": None}])
    assert "'text' is ''" in result.output
    assert "'text' is null" in result.output
    assert "\\t" not in result.output


def test_columns_are_options(room, run):
    options = ("--text-column", "body", "--id-column", "nr", "--gold", "intent")
    result = run("x.csv", "nr,body,intent\n4,a,bug\n", *options)
    assert result.exit_code == 0, result.output
    (record,) = room.records()
    assert (record["source"], record["gold"]) == ("4", ("bug",))


def test_teacher_gives_language_and_labels(room, run):
    rows = [{"text": "z.B. ja", "intent": "bug"}, {"text": "b", "intent": "other"}]
    options = ("--teacher", room.path / "teacher.cfg", "--gold", "intent")
    result = run("x.jsonl", rows, *options)
    assert "'other' is none of bug, praise" in result.output
    assert [token.text for token in room.docs()[0]] == ["z.B.", "ja"]


def test_language_option_wins_over_the_teacher(room, run):
    options = ("--teacher", room.path / "teacher.cfg", "--lang", "xx")
    run("x.jsonl", [{"text": "z.B. ja"}], *options)
    assert [token.text for token in room.docs()[0]] == ["z.", "B.", "ja"]


def test_label_map_allows_both_names_and_leaves_gold_as_it_is(room, run):
    options = ("--teacher", room.path / "teacher.cfg", "--label-map", room.path / "map.json")
    rows = [{"text": "a", "intent": "bug"}, {"text": "b", "intent": "problem"}]
    run("x.jsonl", rows, *options, "--gold", "intent")
    assert [record["gold"] for record in room.records()] == [("bug",), ("problem",)]


def test_mistake_is_one_clear_line(room, run):
    result = run("x.csv", "body\na\n")
    assert result.exit_code == 1
    assert "no column 'text'; it has 'body'" in " ".join(result.output.split())
    assert "Traceback" not in result.output


def test_rejects_file_is_named(room, run):
    result = run("x.jsonl", [{"text": "a"}, {"text": 1}], "--rejects", room.rejects_path)
    assert "holds the rejected rows" in " ".join(result.output.split())
    assert room.rejects()[0]["reason"] == "not text"
