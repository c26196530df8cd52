import gzip

import pytest


def test_every_line_is_a_text_and_blank_lines_are_skipped(room):
    report = room.ingest("x.txt", "first, \n\n  \nsecond\u2028still\n")
    assert room.texts() == ["first, ", "second\u2028still"]
    assert [record["source"] for record in room.records()] == ["x.txt:1", "x.txt:4"]
    assert report.n_rows == 2


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_any_line_end_is_read(room, end):
    room.ingest("x.txt", end.join(["first", "second"]))
    assert room.texts() == ["first", "second"]


def test_text_column_names_the_line(room):
    room.ingest("x.txt", "a\n", text="body")
    assert room.texts() == ["a"]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("x.txt.gz", "a\nb\n"),
        ("x.csv.gz", "text\na\nb\n"),
        ("x.TSV.GZ", "id\ttext\n1\ta\n2\tb\n"),
        ("x.jsonl.gz", '\ufeff{"text": "a"}\n{"text": "b"}\n'),
    ],
)
def test_compressed_text_formats(room, name, content):
    room.ingest(name, gzip.compress(content.encode("utf8")))
    assert room.texts() == ["a", "b"]
