from pathlib import Path

import pytest
from weasel.util import load_project_config

from spacy_distill.errors import UserError
from spacy_distill.project import Sources, init

from .conftest import new_teacher


def test_sources_are_not_committed(prompt, table, tmp_path):
    gold = tmp_path / "gold.csv"
    gold.write_bytes(table.read_bytes())
    init("project", new_teacher(prompt), sources=Sources(table, gold))
    project = tmp_path / "project"
    ignored = (project / ".gitignore").read_text(encoding="utf8").splitlines()
    copies = {f"/{path.relative_to(project).as_posix()}" for path in project.glob("assets/*")}
    assert len(copies) == 2
    assert copies <= set(ignored)
    readme = (project / "README.md").read_text(encoding="utf8")
    assert "not in git, since they may be private" in readme


def test_texts_that_are_to_come_are_not_committed(prompt, tmp_path):
    init("project", new_teacher(prompt))
    ignored = (tmp_path / "project" / ".gitignore").read_text(encoding="utf8").splitlines()
    assert "/assets/texts.jsonl" in ignored


@pytest.mark.parametrize(
    ("texts", "gold"),
    [
        (None, "texts.jsonl"),
        (None, "Texts.JSONL"),
        ("a/same.csv", "b/same.csv"),
        ("a/same.csv", "a/same.csv"),
        ("a/x y.csv", "b/x_y.csv"),
        ("encoder", "gold.csv"),
    ],
)
def test_texts_and_gold_have_places_of_their_own(prompt, tmp_path, texts, gold):
    for name in filter(None, (texts, gold)):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(name, encoding="utf8")
    sources = Sources(texts and tmp_path / texts, tmp_path / gold)
    init("project", new_teacher(prompt), sources=sources)
    commands = load_project_config(tmp_path / "project")["commands"]
    (ingest,) = (command for command in commands if command["name"] == "ingest")
    texts_copy, gold_copy, _ = ingest["deps"]
    assert len({texts_copy.casefold(), gold_copy.casefold(), "assets/encoder"}) == 3
    if texts:
        assert (tmp_path / "project" / texts_copy).read_text(encoding="utf8") == texts
    assert (tmp_path / "project" / gold_copy).read_text(encoding="utf8") == gold


@pytest.mark.parametrize("role", ["texts", "gold"])
@pytest.mark.parametrize("source", [".", "..", "deep"])
@pytest.mark.parametrize("folder", ["deep/project", "deep"])
def test_folder_with_the_project_in_it_is_refused(prompt, tmp_path, role, source, folder):
    (tmp_path / "deep").mkdir()
    with pytest.raises(UserError, match="would hold the new project"):
        init(folder, new_teacher(prompt), sources=Sources(**{role: Path(source)}))
    assert list((tmp_path / "deep").iterdir()) == []


def test_working_folder_is_copied_under_its_name(prompt, tmp_path, monkeypatch):
    (tmp_path / "exports").mkdir()
    (tmp_path / "exports" / "a.txt").write_text("a", encoding="utf8")
    monkeypatch.chdir(tmp_path / "exports")
    init("../project", new_teacher(prompt), sources=Sources(Path(".")))
    assert (tmp_path / "project" / "assets" / "exports" / "a.txt").is_file()
