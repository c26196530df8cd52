import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from spacy_distill.attrs import content_id
from spacy_distill.errors import UserError
from spacy_distill.ingest import run as run_module
from spacy_distill.ingest.run import ingest


def test_doc_has_id_source_and_copies(room):
    room.ingest("x.jsonl", [{"id": "c-1", "text": "The hinge broke."}])
    (record,) = room.records()
    assert record["id"] == content_id("The hinge broke.")
    assert record["source"] == "c-1"
    assert record["copies"] == 0
    assert "gold" not in record


@pytest.mark.parametrize(
    ("row", "source"),
    [
        ({"id": 17}, "17"),
        ({"id": 10**40}, str(10**40)),
        ({"id": 12.0}, "12"),
        ({"id": -3.0}, "-3"),
        ({"id": 12.5}, "12.5"),
        ({"id": 1e22}, "1e+22"),
        ({"id": float("nan")}, "x.jsonl:1"),
        ({"id": float("inf")}, "x.jsonl:1"),
        ({"id": ""}, "x.jsonl:1"),
        ({"id": None}, "x.jsonl:1"),
        ({"id": ["a"]}, "x.jsonl:1"),
        ({}, "x.jsonl:1"),
    ],
)
def test_source_is_own_id_or_file_and_line(room, row, source):
    room.ingest("x.jsonl", [{"text": "Hello", **row}])
    assert room.records()[0]["source"] == source


@pytest.mark.parametrize("value", [["a"], {"nr": 1}, float("inf")])
def test_value_that_is_no_id_stays_in_the_metadata(room, value):
    room.ingest("x.jsonl", [{"text": "a", "nr": value}], id="nr")
    expected = ("a",) if value == ["a"] else value
    assert room.records()[0]["meta"] == {"nr": expected}


@pytest.mark.parametrize("value", [7, 12.0, "c-1", "", "  ", None, float("nan")])
def test_id_and_missing_id_are_no_metadata(room, value):
    room.ingest("x.jsonl", [{"text": "a", "id": value}])
    assert room.records()[0]["meta"] == {}


def test_texts_keep_order_and_characters(room):
    texts = [" padded ", "naïve café 😀", "two\nlines", "z\u2028y", "a"]
    room.ingest("x.jsonl", [{"text": text} for text in texts])
    assert room.texts() == texts


def test_meta_holds_nested_values(room):
    meta = {"channel": "chat", "tags": [1, {"deep": None}], "score": 0.5}
    room.ingest("x.jsonl", [{"text": "a", "meta": meta, "lang": "en"}])
    assert room.records()[0]["meta"] == {
        "lang": "en",
        "channel": "chat",
        "tags": (1, {"deep": None}),
        "score": 0.5,
    }


def test_meta_that_is_no_object_is_a_column(room):
    room.ingest("x.jsonl", [{"text": "a", "meta": "chat"}])
    assert room.records()[0]["meta"] == {"meta": "chat"}


def test_meta_object_wins_over_column(room):
    room.ingest("x.jsonl", [{"text": "a", "channel": "web", "meta": {"channel": "chat"}}])
    assert room.records()[0]["meta"] == {"channel": "chat"}


def test_meta_keeps_huge_numbers_as_text(room):
    room.ingest("x.jsonl", '{"text": "a", "n": 340282366920938463463374607431768211456}')
    assert room.records()[0]["meta"] == {"n": "340282366920938463463374607431768211456"}


def test_exact_copies_merge_into_first_row(room):
    rows = [{"id": "1", "text": "a"}, {"id": "2", "text": "b"}, {"id": "3", "text": "a"}]
    report = room.ingest("x.jsonl", [*rows, {"id": "4", "text": "a"}])
    assert [(record["source"], record["copies"]) for record in room.records()] == [
        ("1", 2),
        ("2", 0),
    ]
    assert (report.n_rows, report.n_docs, report.n_copies) == (4, 2, 2)


@pytest.mark.parametrize(
    ("text", "reason", "detail"),
    [
        ("", "empty", "''"),
        (" \n\t", "empty", "' \\n\\t'"),
        (None, "not text", "null"),
        (3, "not text", "3"),
        (["a"], "not text", '["a"]'),
        ("x" * 21, "over length", "21 characters, at most 20"),
        ("x\0", "bad encoding", "NUL"),
        ("x\ud800", "bad encoding", "ud800"),
    ],
)
def test_bad_text_is_rejected_and_the_run_goes_on(room, text, reason, detail):
    report = room.ingest("x.jsonl", [{"text": "a"}, {"text": text}, {"text": "b"}], max_chars=20)
    (reject,) = room.rejects()
    assert (reject["line"], reject["reason"]) == (2, reason)
    assert detail in reject["detail"]
    assert report.rejects == {reason: 1}
    assert room.texts() == ["a", "b"]


def test_unbroken_punctuation_is_rejected(room):
    room.ingest("x.jsonl", [{"text": "=" * 5_000}, {"text": "=" * 1_000}])
    assert room.rejects()[0]["reason"] == "over length"
    assert room.texts() == ["=" * 1_000]


def test_max_chars_may_exceed_the_limit_of_spacy(room):
    room.ingest("x.jsonl", [{"text": ("w" * 999 + " ") * 1_050}], max_chars=2_000_000)
    assert len(room.texts()[0]) == 1_050_000


def test_lone_surrogate_in_meta_is_rejected(room):
    room.ingest("x.jsonl", [{"text": "a", "k": "\ud83d"}, {"text": "b"}])
    assert [reject["reason"] for reject in room.rejects()] == ["bad encoding"]


def test_missing_column_in_one_row_is_a_reject(room):
    room.ingest("x.jsonl", [{"text": "a"}, {"body": "b"}])
    (reject,) = room.rejects()
    assert (reject["line"], reject["reason"]) == (2, "no such column")
    assert "'body'" in reject["detail"]


@pytest.mark.parametrize("options", [{"text": "body"}, {"id": "nr"}, {"gold": "intent"}])
def test_missing_column_in_all_rows_is_an_error(room, options):
    (name,) = options.values()
    with pytest.raises(UserError, match=f"no column '{name}'; it has 'text', 'id'"):
        room.ingest("x.jsonl", [{"text": "a", "id": "1"}, {"text": "b", "id": "2"}], **options)
    assert not room.out_path.exists()
    assert not room.rejects_path.exists()


def test_all_rows_rejected_is_an_error_that_says_why(room):
    with pytest.raises(UserError, match=r"1 empty \(x.jsonl:1: .*; 1 not text \(x.jsonl:2: "):
        room.ingest("x.jsonl", [{"text": ""}, {"text": 1}])
    assert not room.out_path.exists()
    assert len(room.rejects()) == 2


def test_rejects_file_is_empty_without_rejects(room):
    room.ingest("x.jsonl", [{"text": "a"}])
    assert room.rejects_path.read_bytes() == b""


def test_rejects_file_holds_the_start_of_the_row(room):
    room.ingest("x.jsonl", [{"text": "a"}, {"text": 5, "k": "v" * 900}])
    assert room.rejects()[0]["row"] == json.dumps({"text": 5, "k": "v" * 900})[:500]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("x.jsonl", b"", "empty; it must have one text a row"),
        ("x.jsonl", b"\n\n", "it has no rows"),
        ("x.csv", b"text,id\n", "it has no rows"),
        ("x.json", b"[]", r"unknown ending; ingest reads \.jsonl, "),
        ("x.jsonl", '{"text": "a"}'.encode("utf-16"), "UTF-16"),
        ("x.csv", "text\na".encode("utf-16-le"), "UTF-16"),
        ("x.csv", b"\n\ntext\na\n", "line 1 must name the columns"),
        ("x.csv", b"caf\xe9,text\na,b\n", "line 1 must name the columns"),
        ("x.csv", b"text,text\na,b\n", "two columns of one name"),
    ],
)
def test_source_refused_as_a_whole(room, name, content, message):
    with pytest.raises(UserError, match=message):
        room.ingest(name, content)
    assert not room.out_path.exists()


def test_missing_source_is_an_error(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"No file or folder .*nope\.jsonl"):
        ingest(tmp_path / "nope.jsonl", tmp_path / "out", lang="en")


def test_unknown_language_is_an_error(room):
    with pytest.raises(UserError, match="tokenizer for 'nope'"):
        room.ingest("x.jsonl", [{"text": "a"}], lang="nope")


def test_tokens_are_those_of_the_language(room):
    room.ingest("x.jsonl", [{"text": "z.B. ja"}], lang="de")
    assert [token.text for token in room.docs()[0]] == ["z.B.", "ja"]


def test_source_is_not_overwritten_by_its_rejects(room):
    with pytest.raises(UserError, match="would overwrite"):
        room.ingest("rejects.jsonl", [{"text": "a"}, {"text": ""}])
    assert room.rejects() == [{"text": "a"}, {"text": ""}]


def test_folder_with_other_files_is_not_replaced(room):
    room.out_path.mkdir()
    (room.out_path / "notes.txt").write_text("keep", encoding="utf8")
    with pytest.raises(UserError, match=r"holds notes\.txt"):
        room.ingest("x.jsonl", [{"text": "a"}])
    assert (room.out_path / "notes.txt").read_text(encoding="utf8") == "keep"


def test_earlier_corpus_is_replaced(room):
    room.ingest("x.jsonl", [{"text": "a"}])
    room.ingest("x.jsonl", [{"text": "b"}])
    assert room.texts() == ["b"]


def test_failed_run_leaves_the_earlier_corpus(room):
    room.ingest("x.jsonl", [{"text": "a"}])
    with pytest.raises(UserError):
        room.ingest("x.jsonl", [{"text": ""}])
    assert room.texts() == ["a"]


def test_words_are_forgotten_without_harm_to_the_docs(room, monkeypatch):
    monkeypatch.setattr("spacy_distill.ingest.docs.ZONE_DOCS", 2)
    room.ingest("x.jsonl", [{"text": f"word{number} again"} for number in range(5)])
    assert room.texts() == [f"word{number} again" for number in range(5)]


def test_progress_shows_both_passes(room):
    seen = []

    def track(items, *, total=None, desc=""):
        seen.append(desc)
        return items

    room.ingest("x.jsonl", [{"text": "a"}], track=track)
    assert seen == ["Check", "Ingest"]


def test_default_length_is_documented():
    assert f"{run_module.MAX_CHARS:,}" in (ingest.__doc__ or "")


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.one_of(st.text(max_size=6), st.none(), st.integers(0, 2)), max_size=12))
def test_every_row_is_a_doc_a_copy_or_a_reject(room, values):
    report = room.ingest("x.jsonl", [{"text": value} for value in ["anchor", *values]])
    assert report.n_rows == len(values) + 1
    assert report.n_rows == report.n_docs + report.n_copies + len(room.rejects())
    texts = [value for value in ["anchor", *values] if isinstance(value, str) and value.strip()]
    usable = [text for text in texts if "\0" not in text]
    assert room.texts() == list(dict.fromkeys(usable))
    assert sum(record["copies"] + 1 for record in room.records()) == len(usable)
