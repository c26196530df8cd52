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
        "n_files": 1,
        "n_rows": 4,
        "n_docs": 2,
        "n_copies": 1,
        "rejects": {"empty": 1},
        "excluded": {},
        "skipped_files": {},
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


TABLE = """text,intent,channel,day
the hinge broke,bug;praise,chat,2025-05-01
it works,praise,mail,2025-05-02
how does it work?,,chat,2025-05-03
"""


def test_several_labels_in_one_cell(room, run):
    options = ("--gold", "intent", "--gold-separator", ";", "--multilabel")
    result = run("x.csv", TABLE, *options)
    assert result.exit_code == 0, result.output
    assert [record["gold"] for record in room.records()] == [("bug", "praise"), ("praise",)]


def test_cells_can_say_that_no_label_applies(room, run):
    content = "text;y\na;bug|praise\nb;==NONE==\nc;|\nd;\n"
    options = ("--gold", "y", "--gold-separator", "|", "--multilabel")
    result = run("x.csv", content, *options)
    assert [record["gold"] for record in room.records()] == [("bug", "praise"), (), ()]
    assert "no gold" in result.output
    assert "write ==NONE== where no label applies" in " ".join(result.output.split())


def test_multilabel_against_the_teacher_is_a_mistake(room, run):
    result = run("x.csv", TABLE, "--teacher", room.path / "teacher.cfg", "--multilabel")
    assert result.exit_code == 1
    assert "exactly one label applies" in " ".join(result.output.split())


@pytest.mark.parametrize(
    ("options", "kept", "reason"),
    [
        (("--where", "channel=chat"), [0, 2], "where channel"),
        (("--where", "channel=chat", "--where", "channel=mail"), [0, 1, 2], None),
        (("--where", "channel=chat", "--match", "[?]"), [2], "where channel"),
        (("--no-match", "work"), [0], "no match"),
        (("--language", "en", "--limit", "1"), [0], "limit"),
        (("--date-column", "day", "--since", "2025-05-02", "--until", "2025-05-02"), [1], "date"),
        (("--sample", "3", "--seed", "7"), [0, 1, 2], None),
    ],
)
def test_subset(room, run, options, kept, reason):
    result = run("x.csv", TABLE, *options)
    assert result.exit_code == 0, result.output
    texts = [line.split(",")[0] for line in TABLE.splitlines()[1:]]
    assert room.texts() == [texts[index] for index in kept]
    assert ("Left out by" in result.output) is (reason is not None)
    assert reason is None or reason in result.output


@pytest.mark.parametrize("pair", ["channel", "=chat", ""])
def test_condition_without_column_or_value_is_a_mistake(run, pair):
    result = run("x.csv", TABLE, "--where", pair)
    assert result.exit_code == 1
    assert "is not COLUMN=VALUE" in " ".join(result.output.split())


def test_stats_are_printed_and_written(room, run):
    result = run("x.csv", TABLE + TABLE.partition("\n")[2], "--stats", room.path / "stats.json")
    assert result.exit_code == 0, result.output
    assert "3 of 3 texts" in result.output
    assert "chat 2, mail 1" in result.output
    found = json.loads((room.path / "stats.json").read_text(encoding="utf8"))
    assert (found["n_rows"], found["texts"], found["characters"]["max"]) == (6, 3, 17)
    assert room.out_path.is_dir()


@pytest.mark.parametrize("option", ["--stats", "--report", "--rejects"])
@pytest.mark.parametrize("name", ["in/a", "in/sub/b", "out", "out/c", "other/d"])
def test_nothing_that_is_written_hits_source_corpus_or_other_files(room, option, name):
    (room.path / "in").mkdir()
    source = room.write("in/a", "text\na\n").rename(room.path / "in" / "x.csv")
    options = {"--stats": "s", "--report": "r", "--rejects": "j"}
    paths = {key: str(room.path / "other" / value) for key, value in options.items()}
    clash = next(path for key, path in paths.items() if key != option)
    paths[option] = clash if name == "other/d" else str(room.path / name)
    arguments = ["ingest", str(room.path / "in"), str(room.out_path)]
    result = CliRunner().invoke(
        distill_app, arguments + [x for pair in paths.items() for x in pair]
    )
    assert result.exit_code == 1
    assert "name another path" in " ".join(result.output.split())
    assert sorted(path.name for path in room.path.rglob("*")) == ["in", "x.csv"]
    assert source.read_text(encoding="utf8") == "text\na\n"


@pytest.mark.parametrize(
    "name",
    ["x.csv", "x.TSV", "x.txt", "x.txt.gz", "x.jsonl", "x.ndjson", "x.parquet", "x.spacy", "x.gz"],
)
def test_stats_path_that_looks_like_a_source_is_refused(room, name):
    tickets = room.write(name, "text\na\n")
    (room.path / "texts").mkdir()
    room.write("texts/a.txt", "a\n")
    arguments = ["ingest", "--stats", str(tickets), str(room.path / "texts")]
    result = CliRunner().invoke(distill_app, arguments)
    assert result.exit_code == 1
    assert "takes the JSON file to write" in " ".join(result.output.split())
    assert tickets.read_bytes() == b"text\na\n"


def test_stats_path_that_is_a_folder_is_refused_before_any_work(room):
    source = room.write("x.txt", "a\n")
    (room.path / "tickets").mkdir()
    arguments = ["ingest", str(source), str(room.out_path), "--stats", str(room.path / "tickets")]
    result = CliRunner().invoke(distill_app, arguments)
    assert result.exit_code == 1
    assert "takes the JSON file to write" in " ".join(result.output.split())
    assert not room.out_path.exists()


def test_stats_alone_write_nothing(room):
    source = room.write("x.txt", "a\nb\n")
    result = CliRunner().invoke(distill_app, ["ingest", str(source), "--stats", "-"])
    assert result.exit_code == 0, result.output
    assert "Docs" not in result.output
    assert [path.name for path in room.path.iterdir()] == ["x.txt"]


def test_without_corpus_and_stats_there_is_nothing_to_do(room):
    source = room.write("x.txt", "a\n")
    result = CliRunner().invoke(distill_app, ["ingest", str(source)])
    assert result.exit_code == 1
    assert "Say where the corpus goes" in result.output


def test_files_that_are_not_read_are_named(room):
    room.write("notes.md", "b")
    room.write("x.txt", "a\n")
    (room.path / "out").mkdir()
    arguments = ["ingest", str(room.path), "--stats", "-"]
    result = CliRunner().invoke(distill_app, arguments)
    assert result.exit_code == 0, result.output
    assert "1 not read (unknown ending): notes.md" in " ".join(result.output.split())


def test_help_shows_how_to(run):
    text = " ".join(CliRunner().invoke(distill_app, ["ingest", "--help"]).output.split())
    for example in ("--text-column body", "ingest tickets/", "--where channel=chat", "--stats -"):
        assert example in text
