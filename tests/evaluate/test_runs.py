import json
from dataclasses import replace
from datetime import datetime, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from typer.testing import CliRunner

import spacy_distill.cli.evaluate
import spacy_distill.cli.runs  # noqa: F401  (registers the commands)
from spacy_distill.cli.app import distill_app
from spacy_distill.errors import UserError
from spacy_distill.evaluate.changes import flatten
from spacy_distill.evaluate.compare_runs import compare_runs
from spacy_distill.evaluate.run import hash_encoders
from spacy_distill.evaluate.runs import locate, read_run, read_runs
from spacy_distill.io import write_docs

from .conftest import TEACHER_CFG, make_docs, train_student

# spaCy leaves the files it writes to the garbage collector.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


def run_command(*arguments, code=0):
    result = CliRunner().invoke(distill_app, [str(x) for x in arguments], catch_exceptions=False)
    assert result.exit_code == code, result.output
    return " ".join(result.output.split())


@pytest.fixture(scope="module")
def snapshots(corpora, student, tmp_path_factory):
    """The snapshots of two students: the second learned from less and is tested on fewer texts."""
    path = tmp_path_factory.mktemp("metrics")
    (path / "teacher.cfg").write_text(TEACHER_CFG, encoding="utf8")
    weak = train_student(make_docs(9, 3))
    weak.config["training"]["seed"] = 7
    weak.to_disk(path / "weak")
    write_docs(make_docs(90, 1)[:60], path / "short.spacy")
    for name, folder, test in (
        ("strong", student, corpora / "test"),
        ("weak", path / "weak", path / "short.spacy"),
    ):
        run_command(
            *("evaluate", folder, "--teacher", path / "teacher.cfg", "--test", test),
            *("--train", corpora / "train.spacy", "--name", name),
            *("--run", path / name / "run.json"),
        )
    return path


@pytest.fixture
def record(snapshots):
    return json.loads((snapshots / "strong" / "run.json").read_text(encoding="utf8"))


@pytest.fixture
def save(tmp_path):
    def save(record, name="run.json"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(record), encoding="utf8")
        return path

    return save


def columns(record, *, drop=(), ids=None, gold=None):
    """Return a snapshot with other outcomes: texts dropped, renamed or with other gold."""
    outcomes = dict(record["outcomes"])
    rows = [i for i in range(len(outcomes["ids"].split())) if i not in drop]

    def keep(column):
        return " ".join(column.split()[i] for i in rows)

    outcomes["decided"] = {name: keep(x) for name, x in outcomes["decided"].items()}
    outcomes["ids"] = ids or keep(outcomes["ids"])
    outcomes["gold"] = gold or keep(outcomes["gold"])
    return {**record, "outcomes": outcomes}


def test_runs_are_listed_newest_last(snapshots, save, record):
    old = save({**record, "time": "2020-01-01T00:00:00"}, "deep/er/run.json")
    found = read_runs([snapshots, old])
    assert [run.name for run in found.runs] == ["strong", "strong", "weak"]
    assert found.runs[0].time == datetime(2020, 1, 1, tzinfo=timezone.utc)
    assert found.runs[2].n_test == 60
    assert found.unreadable == ()


def test_runs_snapshot_holds_ids_and_labels_but_no_text(snapshots, record):
    page = (snapshots / "strong" / "run.json").read_text(encoding="utf8")
    assert len(record["outcomes"]["ids"].split()) == 90
    assert set(record["outcomes"]["decided"]) == {"teacher", "student"}
    assert not any(doc.text in page for doc in make_docs(90, 1))


def test_runs_older_snapshots_are_read(record, save):
    new = ("student", "exclusive", "acceptance", "encoder", "outcomes")
    old = {key: value for key, value in record.items() if key not in new}
    run = read_run(save(old))
    assert run.student == (read_run(save(record)).record["config"]["path"].rpartition("/")[0])
    found = compare_runs(run, read_run(save(record, "new.json")))
    assert found.paired == ()
    assert any("holds no outcomes per text" in note for note in found.notes)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("not json", "not valid JSON"),
        ("[1]", "holds no JSON object"),
        ('{"name": "x"}', "'time' is missing"),
        ('{"systems": []}', "'name' is missing"),
        ("", "not valid JSON"),
    ],
)
def test_runs_foreign_files_are_reported_and_the_rest_is_listed(
    snapshots, tmp_path, content, problem
):
    foreign = tmp_path / "other" / "run.json"
    foreign.parent.mkdir()
    foreign.write_text(content, encoding="utf8")
    found = read_runs([snapshots, tmp_path])
    assert len(found.runs) == 2
    assert [(x.path, x.named) for x in found.unreadable] == [(foreign, False)]
    assert problem in found.unreadable[0].problem
    assert str(foreign) in found.unreadable[0].problem


@pytest.mark.parametrize(
    "damage", [{"time": "yesterday"}, {"n": {}}, {"n": {"test": "many"}}, {"config": {"text": ""}}]
)
def test_runs_damaged_snapshots_are_refused(record, save, damage):
    damaged = {key: value for key, value in {**record, **damage}.items() if key != "student"}
    with pytest.raises(UserError, match=r"run\.json is a damaged snapshot"):
        read_run(save(damaged))


def test_runs_are_found_by_name(snapshots, save, record):
    assert locate("weak", snapshots) == snapshots / "weak" / "run.json"
    assert str(locate("nobody", snapshots)) == "nobody"
    paths = [save(record, f"{x}/run.json") for x in "ab"]
    with pytest.raises(UserError, match="2 runs are called 'strong'"):
        locate("strong", paths[0].parents[1])


@settings(max_examples=25, deadline=None)
@given(which=st.sampled_from(["strong", "weak"]), drop=st.sets(st.integers(0, 58)))
def test_runs_a_run_does_not_differ_from_itself(snapshots, which, drop):
    run = read_run(snapshots / which / "run.json")
    n = run.n_test - len(drop)
    run = replace(run, n_test=n, record=columns(dict(run.record), drop=drop))
    found = compare_runs(run, run)
    assert found.changes == ()
    assert found.notes == ()
    assert [pair.name for pair in found.paired] == ["teacher", "student"]
    for pair in found.paired:
        assert pair.p_value == 1.0
        assert (pair.accuracy.low, pair.accuracy.high, pair.macro_f1.value) == (0.0, 0.0, 0.0)
        assert (pair.n_only_a, pair.n_only_b, pair.n) == (0, 0, n)


def test_runs_comparison_says_what_changed(snapshots):
    found = compare_runs(*(read_run(snapshots / x / "run.json") for x in ("strong", "weak")))
    changed = {(x.area, x.what): (x.a, x.b) for x in found.changes}
    assert changed[("config", "training.seed")] == ("0", "7")
    assert changed[("seed", "seed")] == ("0", "7")
    assert changed[("data", "n test")] == ("90", "60")
    assert ("data", "test") in changed
    assert ("data", "train") not in changed
    assert {area for area, _ in changed} == {"config", "seed", "data", "prompt"}
    assert any("digest covers the texts" in note for note in found.notes)


def test_runs_paired_test_is_on_the_common_texts(snapshots):
    strong, weak = (read_run(snapshots / x / "run.json") for x in ("strong", "weak"))
    found = compare_runs(strong, weak)
    student = next(pair for pair in found.paired if pair.name == "student")
    assert student.n == 60
    assert student.accuracy.value < 0
    n_differ = student.n_only_a + student.n_only_b
    assert student.p_value == pytest.approx(stats.binomtest(student.n_only_b, n_differ).pvalue)
    assert student.p_value < 1
    assert str(student.b.accuracy) == weak.scores["student accuracy"]
    assert str(student.b.macro_f1) == weak.scores["student macro-F1"]
    assert "on the 60 texts that both have, of 90 and 60" in found.notes[-1]
    teacher = next(pair for pair in found.paired if pair.name == "teacher")
    assert teacher.p_value == 1.0


def test_runs_comparison_turns_with_its_sides(snapshots):
    strong, weak = (read_run(snapshots / x / "run.json") for x in ("strong", "weak"))
    one, two = compare_runs(strong, weak), compare_runs(weak, strong)
    for pair, turned in zip(one.paired, two.paired, strict=True):
        assert pair.p_value == turned.p_value
        assert pair.accuracy.value == pytest.approx(-turned.accuracy.value)
        assert (pair.n_only_a, pair.n_only_b) == (turned.n_only_b, turned.n_only_a)
    assert {(x.what, x.a, x.b) for x in one.changes} == {(x.what, x.b, x.a) for x in two.changes}


def test_runs_without_a_common_text_get_no_paired_test(record, save):
    ids = " ".join(f"{i:016x}" for i in range(90))
    other = read_run(save(columns(record, ids=ids), "other.json"))
    found = compare_runs(read_run(save(record)), other)
    assert found.paired == ()
    assert any("no test text in common (90 and 90 texts)" in note for note in found.notes)


def test_runs_with_other_gold_get_no_paired_test(record, save):
    gold = record["outcomes"]["gold"].split()
    first = record["outcomes"]["ids"].split()[0]
    gold[0] = "1" if gold[0] == "0" else "0"
    other = read_run(save(columns(record, gold=" ".join(gold)), "other.json"))
    found = compare_runs(read_run(save(record)), other)
    assert found.paired == ()
    assert any(
        f"gold differs on 1 of the 90 common texts, such as {first}" in x for x in found.notes
    )


def test_runs_labels_in_another_order_are_matched_by_name(record, save):
    turned = {"0": "2", "1": "1", "2": "0", "?": "?"}
    outcomes = record["outcomes"]

    def turn(column):
        return " ".join(turned[x] for x in column.split())

    other = {
        **record,
        "labels": record["labels"][::-1],
        "outcomes": {
            "ids": outcomes["ids"],
            "gold": turn(outcomes["gold"]),
            "decided": {name: turn(x) for name, x in outcomes["decided"].items()},
        },
    }
    found = compare_runs(read_run(save(record)), read_run(save(other, "other.json")))
    assert [pair.p_value for pair in found.paired] == [1.0, 1.0]
    assert [(x.area, x.what) for x in found.changes] == [("task", "labels")]


def test_runs_other_labels_are_named(record, save):
    other = {**record, "labels": [*record["labels"], "spam"]}
    found = compare_runs(read_run(save(record)), read_run(save(other, "other.json")))
    assert any("only A has none, only B ['spam']" in note for note in found.notes)
    assert [pair.n for pair in found.paired] == [90, 90]


def test_runs_without_gold_get_no_paired_test(record, save):
    other = {**record, "outcomes": {**record["outcomes"], "gold": None}}
    found = compare_runs(read_run(save(record)), read_run(save(other, "other.json")))
    assert any("other.json was evaluated without gold" in note for note in found.notes)


def test_runs_damaged_outcomes_are_no_reason_to_stop(record, save):
    other = {**record, "outcomes": {**record["outcomes"], "gold": "0"}}
    found = compare_runs(read_run(save(record)), read_run(save(other, "other.json")))
    assert any("other.json cannot be used" in note for note in found.notes)
    assert found.scores


def test_runs_a_variable_that_changes_is_one_change(record, save):
    texts = [
        f"[system]\nseed = {seed}\n\n[training]\nseed = ${{system.seed}}\n\n"
        f'[paths]\ntrain = "{seed}.spacy"\n\n[corpora]\n\n[corpora.train]\npath = ${{paths.train}}\n'
        for seed in (1, 2)
    ]
    a, b = (
        read_run(save({**record, "config": {"path": "c.cfg", "text": text}}, f"{i}.json"))
        for i, text in enumerate(texts)
    )
    changes = compare_runs(a, b).changes
    assert [(x.area, x.what, x.a, x.b) for x in changes] == [("config", "system.seed", "1", "2")]


def test_runs_config_that_is_none_is_named(record, save):
    run = read_run(save({**record, "config": {"path": "c.cfg", "text": "[a\nb"}}))
    with pytest.raises(UserError, match=r"run\.json is a damaged snapshot"):
        compare_runs(run, run)


def test_flatten_keeps_empty_blocks():
    assert flatten({"a": {"b": 1, "c": {}}, "d": []}) == {"a.b": 1, "a.c": {}, "d": []}


def test_runs_command_lists(snapshots):
    output = run_command("runs", snapshots)
    assert output.index("strong") < output.index("weak")
    for words in ("2 runs", "Accuracy [95 %]", "don't ship"):
        assert words in output


def test_runs_command_compares_by_name_and_writes(snapshots, tmp_path):
    output = run_command(
        *("runs", "strong", "weak", "--folder", snapshots),
        *("--output", tmp_path / "c.json", "--report", tmp_path / "c.md"),
    )
    for words in ("What changed", "config: training.seed", "McNemar's exact p =", "Paired test"):
        assert words in output
    data = json.loads((tmp_path / "c.json").read_text(encoding="utf8"))
    assert (data["a"]["name"], data["b"]["name"]) == ("strong", "weak")
    assert data["paired"][1]["n"] == 60
    page = (tmp_path / "c.md").read_text(encoding="utf8")
    assert page.startswith("# strong (A) and weak (B)")
    assert "| config: training.seed | 0 | 7 |" in page


def test_runs_command_fails_for_a_named_foreign_file_only(snapshots, tmp_path):
    (tmp_path / "run.json").write_text("{}", encoding="utf8")
    listed = run_command("runs", snapshots, tmp_path)
    assert "is no snapshot" in " ".join(listed.split())
    listed = run_command("runs", snapshots, tmp_path / "run.json", code=1)
    assert "weak" in listed
    assert "No snapshot at" in run_command("runs", "nobody", "-f", snapshots, code=1)


def test_runs_command_in_an_empty_folder(tmp_path):
    assert "No run.json in" in run_command("runs", tmp_path)


def test_runs_command_writes_comparisons_only(snapshots, tmp_path):
    output = run_command("runs", snapshots, "--output", tmp_path / "c.json", code=1)
    assert "name two runs to compare" in output


def test_snapshot_names_encoders_by_their_weights(tmp_path):
    (tmp_path / "model.safetensors").write_bytes(b"x")
    model = {"@architectures": "spacy-distill.Encoder.v1", "name": str(tmp_path)}
    block = {"llm": {"factory": "textcat", "model": {"tok2vec": model}}}
    found = hash_encoders(block)
    assert found[str(tmp_path)]["model.safetensors"].startswith("2d711642b726b044")
    model["name"] = "distilbert-base-uncased"
    assert hash_encoders(block) == {"distilbert-base-uncased": {}}
    assert hash_encoders({"llm": {"factory": "textcat", "model": {"name": "x"}}}) == {}
