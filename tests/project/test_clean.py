import pytest

from spacy_distill.errors import UserError
from spacy_distill.project import clean

PROJECT = """
commands:
  - name: one
    script: ["python -c pass"]
    outputs: ["corpus/folder", "metrics/one.json", "never/written"]
    outputs_no_cache: ["{extra}"]
"""


def make_project(path, extra="training/x"):
    (path / "project.yml").write_text(PROJECT.format(extra=extra), encoding="utf8")
    for name in ("corpus/folder/a.spacy", "metrics/one.json", "training/x/y", "answers.sqlite"):
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_text("x", encoding="utf8")


def test_clean_removes_outputs_and_keeps_answers(tmp_path):
    make_project(tmp_path)
    assert len(clean(tmp_path)) == 3
    left = {str(p.relative_to(tmp_path)) for p in tmp_path.rglob("*") if p.is_file()}
    assert left == {"project.yml", "answers.sqlite"}


def test_clean_never_leaves_the_project(tmp_path):
    (tmp_path / "outside").mkdir()
    (tmp_path / "project").mkdir()
    make_project(tmp_path / "project", extra="../outside")
    with pytest.raises(UserError, match="not below"):
        clean(tmp_path / "project")
    assert (tmp_path / "outside").is_dir()
    assert (tmp_path / "project" / "metrics" / "one.json").is_file()


def test_clean_needs_a_project(tmp_path):
    with pytest.raises(UserError, match=r"No project\.yml"):
        clean(tmp_path)
