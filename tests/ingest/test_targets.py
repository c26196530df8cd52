import pytest

from spacy_distill.errors import UserError
from spacy_distill.ingest.targets import check_targets


@pytest.mark.parametrize(
    ("source", "targets"),
    [
        ("x.csv", ["out", "rejects.jsonl", "report.json", "stats.json"]),
        ("in", ["out", None, "in.json"]),
        ("x.csv", [None, None]),
        ("in/x.csv", ["in/out", "in/report.json"]),
    ],
)
def test_paths_apart_are_fine(tmp_path, source, targets):
    check_targets(tmp_path / source, *(x and tmp_path / x for x in targets))


@pytest.mark.parametrize(
    ("source", "target"),
    [("x.csv", "x.csv"), ("in", "in/out"), ("in/x.csv", "in"), ("in", "other/../in/a.json")],
)
@pytest.mark.parametrize("others", [[], ["out", None]])
def test_source_is_not_written_to(tmp_path, source, target, others):
    targets = [x and tmp_path / x for x in [*others, target]]
    with pytest.raises(UserError, match="would overwrite its source"):
        check_targets(tmp_path / source, *targets)


@pytest.mark.parametrize(
    "targets",
    [["a.json", "a.json"], ["out", None, "out/a.json"], ["out/a.json", "out"], ["a", "b", "./a"]],
)
def test_no_two_targets_are_one(tmp_path, targets):
    with pytest.raises(UserError, match="would overwrite one another, or lie in one another"):
        check_targets(tmp_path / "x.csv", *(x and tmp_path / x for x in targets))


def test_link_is_followed(tmp_path):
    (tmp_path / "x.csv").write_text("text", encoding="utf8")
    (tmp_path / "link").symlink_to(tmp_path / "x.csv")
    with pytest.raises(UserError, match="would overwrite its source"):
        check_targets(tmp_path / "x.csv", tmp_path / "link")
