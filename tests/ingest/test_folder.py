import pytest

from spacy_distill.errors import UserError
from spacy_distill.ingest import ingest


@pytest.fixture
def folder(room):
    """Write files into a folder and ingest it."""

    def folder(files, **options):
        for name, content in files.items():
            (room.path / "in" / name).parent.mkdir(parents=True, exist_ok=True)
            room.write(f"in/{name}", content)
        return ingest(
            room.path / "in", room.out_path, lang="xx", rejects_path=room.rejects_path, **options
        )

    return folder


def test_all_files_are_read_in_the_order_of_their_names(room, folder):
    files = {"b.csv": "text\nc\n", "a.txt": "a\n", "a/z.jsonl": [{"text": "b"}], "c.txt.gz": b""}
    report = folder({**files, "deep/er/x.txt": "a\nd\n"})
    assert room.texts() == ["b", "a", "c", "d"]
    sources = [record["source"] for record in room.records()]
    assert sources == ["a/z.jsonl:1", "a.txt:1", "b.csv:2", "deep/er/x.txt:2"]
    assert (report.n_files, report.n_copies) == (4, 1)


def test_files_that_are_not_read_are_named(room, folder):
    files = {"a.txt": "a\n", "notes.md": "b", "deep/x.json": "[]", ".hid.txt": "c", "e.csv": ""}
    (room.path / "in" / ".git").mkdir(parents=True)
    (room.path / "in" / "other").symlink_to(room.path)
    (room.path / "in" / "gone.txt").symlink_to(room.path / "gone")
    report = folder(files)
    assert report.skipped == {
        "hidden": [".git/", ".hid.txt"],
        "link to a folder": ["other/"],
        "unknown ending": ["deep/x.json", "notes.md"],
        "empty": ["e.csv"],
        "no regular file": ["gone.txt"],
    }
    assert report.to_json()["skipped_files"]["empty"] == ["e.csv"]


def test_rejects_name_their_file(room, folder):
    folder({"a.txt": "a\n", "b/c.jsonl": [{"text": "b"}, {"text": 1}]})
    (reject,) = room.rejects()
    assert (reject["file"], reject["line"]) == ("b/c.jsonl", 2)


def test_file_without_the_column_is_an_error_that_names_it(room, folder):
    with pytest.raises(UserError, match=r"b\.csv has no column 'text'; it has 'body'"):
        folder({"a.csv": "text\na\n", "b.csv": "body\nb\n"})
    assert not room.out_path.exists()


@pytest.mark.parametrize(
    ("files", "found"), [({}, "nothing"), ({"x.md": "a", ".h": "b"}, r"hidden: \.h; unknown")]
)
def test_folder_without_a_file_to_read_is_an_error(room, folder, files, found):
    (room.path / "in").mkdir()
    with pytest.raises(UserError, match=f"without a file that ingest can read.*{found}"):
        folder(files)


@pytest.mark.parametrize("name", ["out", "in/out", "in"])
def test_nothing_is_written_into_the_source(room, name):
    room.out_path = room.path / name
    source = room.write("a.txt", "a\n")
    (room.path / "in").mkdir()
    source.rename(room.path / "in" / "a.txt")
    if name == "out":
        assert ingest(room.path / "in", room.out_path, lang="xx").n_docs == 1
    else:
        with pytest.raises(UserError, match="would overwrite its source"):
            ingest(room.path / "in", room.out_path, lang="xx")
