from pathlib import Path

import pytest
from weasel.util import load_project_config

from spacy_distill.errors import UserError
from spacy_distill.project import init

from .conftest import new_teacher


def test_folder_in_use_is_refused(prompt, tmp_path):
    (tmp_path / "project").mkdir()
    (tmp_path / "project" / "mine.txt").write_text("x")
    with pytest.raises(UserError, match="not empty"):
        init("project", new_teacher(prompt))
    assert [path.name for path in (tmp_path / "project").iterdir()] == ["mine.txt"]


def test_empty_folder_is_filled_in_place(prompt, tmp_path, monkeypatch):
    (tmp_path / "mine").mkdir()
    before = (tmp_path / "mine").stat().st_ino
    monkeypatch.chdir(tmp_path / "mine")
    init(".", new_teacher(prompt))
    assert (tmp_path / "mine").stat().st_ino == before
    assert load_project_config(Path("."))["commands"]
    assert {path.name for path in Path(".").iterdir() if path.name.startswith(".")} == {
        ".gitignore"
    }
    assert "--name mine" in Path("project.yml").read_text(encoding="utf8")


def test_empty_folder_is_left_empty_after_an_error(prompt, tmp_path):
    (tmp_path / "mine").mkdir()
    with pytest.raises(UserError, match=r"[Ll]abels"):
        init("mine", new_teacher(prompt, labels=("a", "A")))
    assert list((tmp_path / "mine").iterdir()) == []
