import gzip

import pytest

from spacy_distill.errors import UserError


def test_byte_order_mark_and_windows_lines(room):
    room.ingest("x.jsonl", b'\xef\xbb\xbf{"text": "a"}\r\n\r\n{"text": "b"}\r\n')
    assert room.texts() == ["a", "b"]


def test_last_line_without_end(room):
    room.ingest("x.jsonl", '{"text": "a"}\n{"text": "b"}')
    assert room.texts() == ["a", "b"]


@pytest.mark.parametrize(
    ("line", "reason", "detail"),
    [
        (b'{"text": "caf\xe9"}', "bad encoding", "byte 0xE9 at character 14"),
        (b'{"text": "n\0ul"}', "bad encoding", "NUL byte at character 12"),
        (b"no json", "not JSON", "Expecting value"),
        (b'{"text": "open', "not JSON", "Unterminated string"),
        (b'[{"text": "b"}]', "not JSON", "expected an object, found [{"),
        (b"no json", "not JSON", "write one object a line"),
        (b'{"text": "b"},', "not JSON", "write one object a line"),
        (b"[", "not JSON", "write one object a line"),
        (b"null", "not JSON", "write one object a line"),
        (b"null", "not JSON", "expected an object, found null"),
        (b"[" * 100_000, "not JSON", "nested too deeply"),
        (b'{"text": "b", "k": ' + b"[" * 600 + b"]" * 600 + b"}", "not JSON", "nested too deeply"),
    ],
)
def test_bad_line_is_rejected_with_its_number(room, line, reason, detail):
    room.ingest("x.jsonl", b'{"text": "a"}\n\n' + line + b'\n{"text": "c"}\n')
    (reject,) = room.rejects()
    assert (reject["line"], reject["reason"]) == (3, reason)
    assert detail in reject["detail"]
    assert room.texts() == ["a", "c"]


@pytest.mark.parametrize(
    "content",
    [
        b'[\n{"text": "a"},\n{"text": "b"}\n]\n',
        b'[{"text": "a"},\n{"text": "b"}]',
        b'\xef\xbb\xbf\n \n  [\n  {"text": "a"}\n]',
        b'[{"text": "caf\xe9"}]',
        b'[{"text": "' + b"word " * 4_000_000 + b'"}]',
    ],
)
@pytest.mark.parametrize("name", ["x.jsonl", "x.ndjson.gz"])
def test_array_is_refused_as_a_whole(room, name, content):
    content = gzip.compress(content, 1) if name.endswith(".gz") else content
    with pytest.raises(UserError, match=f"{name} is a JSON array; write it as one object a line"):
        room.ingest(name, content)
    assert not room.out_path.exists()
    assert not room.rejects_path.exists()


def test_line_of_five_megabytes_is_rejected(room):
    room.ingest("x.jsonl", [{"text": "word " * 1_000_000}, {"text": "a"}])
    assert room.rejects()[0]["reason"] == "over length"
    assert len(room.rejects()[0]["row"]) == 500
    assert room.texts() == ["a"]
