import pytest
from weasel.util import load_project_config

from spacy_distill.errors import UserError
from spacy_distill.project import init
from spacy_distill.project.teachers import OwnTeacher

from .conftest import OWN, own_config


def test_files_that_the_config_names_come_along(own, tmp_path):
    init("project", OwnTeacher(own))
    copy = tmp_path / "project/examples/few.yml"
    assert copy.read_bytes() == (tmp_path / "examples/few.yml").read_bytes()
    commands = load_project_config(tmp_path / "project")["commands"]
    (label,) = (command for command in commands if command["name"] == "label")
    assert "examples/few.yml" in label["deps"]


def test_file_outside_the_project_is_refused(tmp_path, monkeypatch):
    (tmp_path / "few.yml").write_text("[]")
    inner = tmp_path / "inner"
    inner.mkdir()
    monkeypatch.chdir(inner)
    (inner / "my.cfg").write_text(OWN.format(exclusive="true", examples="../few.yml"))
    with pytest.raises(UserError, match=r"names \.\./few\.yml"):
        init("project", OwnTeacher(inner / "my.cfg"))
    assert not (inner / "project").exists()


def test_named_file_is_found_through_a_variable_and_beside_the_config(tmp_path):
    (tmp_path / "else" / "deep").mkdir(parents=True)
    for name in ("few", "deep/list.txt", "deep/one"):
        (tmp_path / "else" / name).write_text(name, encoding="utf8")
    (tmp_path / "here.txt").write_text("here", encoding="utf8")
    more = {"more": '["deep/list.txt", "no file"]', "other": '{"a": "here.txt"}'}
    config = own_config(tmp_path / "else" / "my.cfg", more)
    init("project", OwnTeacher(config))
    for name, text in {"few": "few", "deep/list.txt": "deep/list.txt", "here.txt": "here"}.items():
        assert (tmp_path / "project" / name).read_text(encoding="utf8") == text
    assert not (tmp_path / "project" / "deep" / "one").exists()


def test_file_where_the_command_runs_comes_first(tmp_path):
    (tmp_path / "else").mkdir()
    (tmp_path / "else" / "few").write_text("beside the config", encoding="utf8")
    (tmp_path / "few").write_text("here", encoding="utf8")
    init("project", OwnTeacher(own_config(tmp_path / "else" / "my.cfg")))
    assert (tmp_path / "project" / "few").read_text(encoding="utf8") == "here"


@pytest.mark.parametrize("key", ["path", "label_path"])
def test_missing_file_of_a_task_is_named(tmp_path, key):
    (tmp_path / "few").touch()
    config = own_config(tmp_path / "my.cfg", {key: '"no/such.txt"'})
    with pytest.raises(UserError, match=rf"no/such\.txt in components\.tagger_llm\.task\.{key}"):
        init("project", OwnTeacher(config))
    assert not (tmp_path / "project").exists()


@pytest.mark.parametrize("value", ["/no/such.txt", "https://host/x", "", "a" * 400])
def test_setting_that_is_no_relative_path_is_left_alone(tmp_path, value):
    (tmp_path / "few").touch()
    key = "instruction" if value.startswith("a") else "path"
    init("project", OwnTeacher(own_config(tmp_path / "my.cfg", {key: f'"{value}"'})))
    assert (tmp_path / "project" / "few").is_file()


def test_folder_that_a_task_reads_comes_along(tmp_path):
    (tmp_path / "few" / "deep").mkdir(parents=True)
    (tmp_path / "few" / "deep" / "x").touch()
    init("project", OwnTeacher(own_config(tmp_path / "my.cfg")))
    assert (tmp_path / "project" / "few" / "deep" / "x").is_file()
