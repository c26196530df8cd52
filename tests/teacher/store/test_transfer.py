"""Answers go from store to file to store without loss, and nothing wrong gets in."""

import gzip
import json

import pytest

from spacy_distill.errors import UserError
from spacy_distill.teacher.recorded import ReplayModel, read_recording
from spacy_distill.teacher.store.answers import AnswerStore
from spacy_distill.teacher.store.intake import import_answers, merge_stores
from spacy_distill.teacher.store.records import read_records
from spacy_distill.teacher.store.selection import Selection
from spacy_distill.teacher.store.transfer import export_answers, export_recording
from spacy_distill.ty import Answer, Request

from .conftest import fill


@pytest.fixture
def row(path, tmp_path):
    """One exported row."""
    export_answers(path, tmp_path / "row.jsonl", Selection(pattern="^ja$"))
    return json.loads((tmp_path / "row.jsonl").read_text(encoding="utf8"))


@pytest.mark.parametrize("name", ["a.jsonl", "a.jsonl.gz"])
def test_transfer_round_trip_loses_nothing(path, tmp_path, name):
    n = export_answers(path, tmp_path / name)
    found = import_answers(tmp_path / name, tmp_path / "b.sqlite")
    assert (n, found.n_read, found.n_added, found.n_known, found.n_rejected) == (6, 6, 6, 0, 0)
    assert list(read_records(tmp_path / "b.sqlite")) == list(read_records(path))
    export_answers(tmp_path / "b.sqlite", tmp_path / "again.jsonl")
    export_answers(path, tmp_path / "first.jsonl")
    assert (tmp_path / "again.jsonl").read_bytes() == (tmp_path / "first.jsonl").read_bytes()


def test_transfer_exports_every_column(row):
    assert row["prompt"] == "Ein Täßchen 👍\r\nTee?"
    assert row["sample"] == 1
    assert row["params"] == {"temperature": 0.3}
    assert row["usage"] == {"input_tokens": 7}
    assert row["tags"] == {"run": "a", "who": 'ä"\\'}
    assert row["logprobs"][0] == ["ye", -0.1, [["ye", -0.1], ["no", -2.5]]]


def test_transfer_exports_text_as_it_is(path, tmp_path):
    fill(path, ["grün 👍"])
    export_answers(path, tmp_path / "a.jsonl")
    assert "grün 👍" in (tmp_path / "a.jsonl").read_text(encoding="utf8")


def test_import_twice_adds_nothing(path, tmp_path):
    export_answers(path, tmp_path / "a.jsonl")
    found = import_answers(tmp_path / "a.jsonl", path)
    assert (found.n_added, found.n_known) == (0, 6)


def test_import_never_replaces_an_answer_but_a_failure(path, tmp_path):
    fill(tmp_path / "b.sqlite", [Answer(Request("Down"), "up")], model="n", run="c")
    fill(tmp_path / "b.sqlite", [Answer(Request("Bad"), "good")], model="n", run="c")
    fill(tmp_path / "b.sqlite", [Answer(Request("Is the cat grey?"), None, "failed")], model="n")
    export_answers(tmp_path / "b.sqlite", tmp_path / "b.jsonl")
    assert import_answers(tmp_path / "b.jsonl", path).n_added == 1
    with AnswerStore(path) as store:
        assert store.get(Request("Down"), "n", {}).response == "up"
        assert store.get(Request("Bad"), "n", {}).status == "refused"
        assert store.get(Request("Is the cat grey?"), "n", {}).response == "yes"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"prompt": "Another question?"}, "the key is not that"),
        ({"model": "another"}, "the key is not that"),
        ({"params": {"temperature": 0.7}}, "the key is not that"),
        ({"prompt": None}, "'prompt' is missing"),
        ({"sample": -1}, "sample -1"),
        ({"sample": True}, "'sample' is missing"),
        ({"sample": 2**63}, "sample"),
        ({"status": "perfect"}, "status 'perfect'"),
        ({"response": None}, "status 'answered' with response None"),
        ({"response": 3}, "'response' is missing"),
        ({"latency": float("nan")}, "latency nan"),
        ({"latency": 10**400}, "too large"),
        ({"created": "yesterday"}, "yesterday"),
        ({"tags": {"run": 1}}, "a tag is no text"),
        ({"logprobs": [1]}, "int"),
        ({"usage": []}, "'usage' is missing"),
    ],
)
def test_import_rejects_a_bad_row_and_goes_on(tmp_path, row, change, reason):
    good = {**row, "prompt": "Good?", "key": None}
    del good["key"]
    lines = [json.dumps({**row, **change}), "", json.dumps(good)]
    (tmp_path / "in.jsonl").write_text("\n".join(lines), encoding="utf8")
    found = import_answers(
        tmp_path / "in.jsonl", tmp_path / "b.sqlite", rejects_path=tmp_path / "rejects.jsonl"
    )
    assert (found.n_read, found.n_added, found.n_rejected) == (2, 1, 1)
    assert found.first_reject.startswith("line 1: ")
    (reject,) = map(json.loads, (tmp_path / "rejects.jsonl").read_text().splitlines())
    assert reject["line"] == 1
    assert reason in reject["reason"]
    assert [record.prompt for record in read_records(tmp_path / "b.sqlite")] == ["Good?"]


@pytest.mark.parametrize(
    "line", [b"no json", b"[]", b"3", b"{}", b'{"prompt": "\xff"}', b"[" * 100_000, b"\x00"]
)
def test_import_rejects_what_is_no_row(tmp_path, line):
    (tmp_path / "in.jsonl").write_bytes(line + b"\n")
    found = import_answers(tmp_path / "in.jsonl", tmp_path / "b.sqlite")
    assert (found.n_read, found.n_added, found.n_rejected) == (1, 0, 1)


@pytest.mark.parametrize("name", ["no-gzip", "cut-short", "missing"])
def test_import_explains_a_faulty_file(path, tmp_path, name):
    file = tmp_path / f"{name}.jsonl.gz"
    export_answers(path, file)
    content = {"no-gzip": b"no gzip", "cut-short": file.read_bytes()[:-30]}.get(name)
    file.unlink() if content is None else file.write_bytes(content)
    with pytest.raises(UserError, match=f"{name}.jsonl.gz"):
        import_answers(file, tmp_path / "b.sqlite")


def test_merge_adds_what_is_new(path, tmp_path):
    fill(tmp_path / "b.sqlite", ["Is the bird red?", "Down", "Bad"], model="n")
    fill(tmp_path / "c.sqlite", ["Is the bird red?", "Is the fish blue?"], model="n")
    merged = merge_stores([tmp_path / "b.sqlite", tmp_path / "c.sqlite"], path)
    assert [(m.n_read, m.n_added, m.n_known) for m in merged] == [(3, 2, 1), (2, 1, 1)]
    with AnswerStore(path) as store:
        assert len(store) == 8
        assert store.get(Request("Bad"), "n", {}).status == "refused"
        assert store.get(Request("Down"), "n", {}).response == "yes"


def test_merge_keeps_times_and_tags(path, tmp_path):
    merge_stores([path], tmp_path / "new.sqlite")
    assert list(read_records(tmp_path / "new.sqlite")) == list(read_records(path))


def test_merge_with_itself_is_refused(path, tmp_path):
    (tmp_path / "link.sqlite").symlink_to(path)
    with pytest.raises(UserError, match="itself"):
        merge_stores([tmp_path / "link.sqlite"], path)


def test_merge_checks_all_before_it_writes(path, tmp_path):
    with pytest.raises(UserError, match="missing"):
        merge_stores([path, tmp_path / "missing.sqlite"], tmp_path / "new.sqlite")
    assert not (tmp_path / "new.sqlite").exists()


def test_recording_replays_what_was_answered(tmp_path):
    requests = [Request("p", sample) for sample in range(3)]
    fill(tmp_path / "a.sqlite", [Answer(r, f"yes {r.sample}") for r in requests])
    fill(tmp_path / "a.sqlite", ["q"])
    assert export_recording(tmp_path / "a.sqlite", tmp_path / "r.jsonl.gz") == 2
    model = ReplayModel(tmp_path / "r.jsonl.gz", "r")
    assert [a.response for a in model.answers([*requests, Request("q")])] == [
        "yes 0",
        "yes 1",
        "yes 2",
        "yes",
    ]


def test_recording_holds_only_samples_whose_place_is_their_number(tmp_path):
    fill(tmp_path / "a.sqlite", [Answer(Request("p", i), str(i)) for i in (0, 1, 3)])
    fill(tmp_path / "a.sqlite", [Answer(Request("q", 0), None, "failed")])
    fill(tmp_path / "a.sqlite", [Answer(Request("q", 1), "1")])
    assert export_recording(tmp_path / "a.sqlite", tmp_path / "r.jsonl") == 1
    assert list(read_recording(tmp_path / "r.jsonl")) == [("p", ["0", "1"])]


def test_recording_of_several_models_is_refused(path, tmp_path):
    with pytest.raises(UserError, match=r"several models.*one model or tag"):
        export_recording(path, tmp_path / "r.jsonl")
    assert not (tmp_path / "r.jsonl").exists()
    assert export_recording(path, tmp_path / "r.jsonl", Selection(model="n")) == 1


def test_export_is_gzipped_for_gz(path, tmp_path):
    export_answers(path, tmp_path / "a.jsonl.gz")
    with gzip.open(tmp_path / "a.jsonl.gz") as file:
        assert len(file.readlines()) == 6
