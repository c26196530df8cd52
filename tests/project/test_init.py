import os
import shlex
import subprocess
import sys

import pytest
import spacy
import srsly
from spacy.util import load_config
from weasel.schemas import ProjectConfigSchema, validate
from weasel.util import load_project_config

from spacy_distill.cli.app import distill_app
from spacy_distill.contract import read_contract
from spacy_distill.errors import UserError
from spacy_distill.evaluate.acceptance import read_criteria
from spacy_distill.project import Sources, init
from spacy_distill.project.teachers import OwnTeacher

from ..chat_server import serving
from ..conftest import ROOT, run_without
from .conftest import new_teacher, own_config


def test_own_config_is_taken_over_byte_by_byte(own, tmp_path):
    contract = init("project", OwnTeacher(own))
    assert (tmp_path / "project/configs/teacher.cfg").read_bytes() == own.read_bytes()
    assert (contract.name, contract.lang, contract.labels) == (
        "tagger_llm",
        "de",
        ("gut", "schlecht"),
    )


def test_component_may_have_a_space(tmp_path, spacy_commands):
    (tmp_path / "few").touch()
    config = own_config(tmp_path / "my.cfg")
    text = config.read_text(encoding="utf8").replace("tagger_llm", "my: tagger")
    config.write_text(text.replace('["my: tagger"]', '["my: tagger"]'), encoding="utf8")
    init("project", OwnTeacher(config), component="my: tagger")
    project = load_project_config(tmp_path / "project")
    assert project["title"] == "Distil the LLM component my: tagger"
    asking = [command for command in project["commands"] if "label" in command["name"]]
    for command in [*asking, *(c for c in project["commands"] if c["name"] == "assemble")]:
        words = shlex.split(command["script"][0])
        assert words[words.index("--component") + 1] == "my: tagger"


def test_language_that_cannot_be_recognised_has_no_filter(prompt, tmp_path):
    init("project", new_teacher(prompt, lang="xx"))
    config = load_config(tmp_path / "project/configs/curate.cfg")
    filters = config["components"]["curator"]["filters"]
    assert "language" not in filters
    assert {"junk", "leak", "near_duplicate"} <= set(filters)


def test_filter_stays_where_py3langid_is_missing(prompt, tmp_path):
    code = "from spacy_distill.project.init import is_recognised\nprint(is_recognised('xx'))"
    done = run_without(["curate"], code)
    assert done.stdout.strip() == "True", done.stderr


def test_plan_is_shown_every_time(prompt, tmp_path):
    init("project", new_teacher(prompt))
    config = load_project_config(tmp_path / "project")
    shown = config["workflows"]["plan"][-1]
    (command,) = (command for command in config["commands"] if command["name"] == shown)
    assert command["no_skip"]


@pytest.mark.parametrize("label", ["plain", "a: b", "x = y", "#1", "it's <b>", 'a "word"', "schön"])
def test_examples_in_the_configs_can_be_used(prompt, tmp_path, label):
    init("project", new_teacher(prompt, labels=(label, "other")))
    path = tmp_path / "project/configs/acceptance.cfg"
    path.write_text(path.read_text(encoding="utf8").replace("# min_recall", "min_recall"), "utf8")
    assert read_criteria(path, [label, "other"]).min_recall == {label: 0.95}
    path = tmp_path / "project/configs/teacher.cfg"
    text = path.read_text(encoding="utf8").replace("# label_definitions", "label_definitions")
    path.write_text(text, encoding="utf8")
    task = load_config(path)["components"]["llm"]["task"]
    assert task["label_definitions"] == {label: "…", "other": "…"}
    assert list(task["labels"]) == [label, "other"]


def test_readme_says_how_to_ask_again(prompt, tmp_path):
    init("project", new_teacher(prompt))
    assert "weasel run label . --force` again" in (tmp_path / "project/README.md").read_text(
        encoding="utf8"
    )


@pytest.mark.parametrize("exclusive", [True, False])
@pytest.mark.parametrize("with_gold", [True, False])
def test_project_is_valid(prompt, table, tmp_path, exclusive, with_gold):
    sources = Sources(table, table if with_gold else None, text_column="body", id_column="nr")
    init("project", new_teacher(prompt, exclusive=exclusive), sources=sources)
    project = tmp_path / "project"
    assert validate(ProjectConfigSchema, srsly.read_yaml(project / "project.yml")) == []
    config = load_project_config(project)
    names = [command["name"] for command in config["commands"]]
    assert set(config["workflows"]["all"]) | set(config["workflows"]["plan"]) <= set(names)
    assert not set(config["workflows"]) & set(names)
    assert ("probe" in names) == with_gold
    assert (project / config["commands"][1]["deps"][0]).read_bytes() == table.read_bytes()


def test_every_dep_of_a_project_is_there_or_written_before(prompt, table, tmp_path):
    for gold in (table, None):
        folder = tmp_path / f"project-{gold is None}"
        init(folder, new_teacher(prompt), sources=Sources(table, gold))
        config = load_project_config(folder)
        by_name = {command["name"]: command for command in config["commands"]}
        written = ["metrics/run.json"]
        for name in config["workflows"]["all"]:
            for dep in by_name[name].get("deps", []):
                below = any(dep == path or dep.startswith(f"{path}/") for path in written)
                assert below or (folder / dep).exists(), dep
            for key in ("outputs", "outputs_no_cache"):
                written += by_name[name].get(key, [])


def test_configs_are_those_of_the_demo(prompt, tmp_path):
    contract = read_contract(ROOT / "configs" / "teacher_intent.cfg")
    init("one", new_teacher(prompt, labels=contract.labels))
    init("several", new_teacher(prompt, labels=contract.labels, exclusive=False))
    for folder in ("one", "several"):
        for path in (tmp_path / folder / "configs").glob("*.cfg"):
            if path.name not in ("teacher.cfg", "acceptance.cfg"):
                demo = ROOT / "configs" / path.name
                assert load_config(path) == load_config(demo), path
                assert path.read_text(encoding="utf8").count("#") >= 3


def test_other_language_gets_no_english_lists(prompt, tmp_path):
    init("project", new_teacher(prompt, lang="de"))
    filters = load_config(tmp_path / "project/configs/curate.cfg")["components"]["curator"][
        "filters"
    ]
    assert filters["language"]["languages"] == ["de"]
    assert filters["junk"]["placeholders"] == filters["junk"]["cut_off_words"] == []
    assert load_config(tmp_path / "project/configs/curate.cfg")["nlp"]["lang"] == "de"
    encoder = load_project_config(tmp_path / "project")["vars"]["encoder"]
    assert "multilingual" in encoder


@pytest.mark.parametrize(
    "labels", [(), ("",), ("a", " "), ("a", "A"), ("a,b", "c"), ("a\nb", "c"), ("$5", "c")]
)
def test_bad_labels_are_refused(prompt, tmp_path, labels):
    with pytest.raises(UserError, match=r"[Ll]abels? "):
        init("project", new_teacher(prompt, labels=labels))
    assert not (tmp_path / "project").exists()


@pytest.mark.parametrize("sources", [{"texts": "no.csv"}, {"gold": "no.csv"}])
def test_missing_file_is_named(prompt, tmp_path, sources):
    paths = {name: tmp_path / path for name, path in sources.items()}
    with pytest.raises(FileNotFoundError, match=r"no\.csv"):
        init("project", new_teacher(prompt), sources=Sources(**paths))


@pytest.mark.parametrize(
    "words", [[], ["--labels", "a,b"], ["--labels", "a,b", "--prompt", "p", "--teacher", "t"]]
)
def test_command_wants_one_kind_of_teacher(words, capsys):
    with pytest.raises(SystemExit) as exited:
        distill_app(["init", "project", *words], standalone_mode=False)
    assert exited.value.code == 1
    assert "either --teacher" in " ".join(capsys.readouterr().out.split())


def run(words, folder):
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": ""}
    environment.pop("OPENAI_API_KEY", None)
    done = subprocess.run(
        [sys.executable, "-m", *words], cwd=folder, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def write_comments(path, numbers):
    """Write a table of comments whose mood their words tell, in the words of no other comment."""
    rows = ["body,mood"]
    for number in numbers:
        mood = "good" if number % 2 else "bad"
        words = "love enjoy praise" if number % 2 else "hate broken refund"
        rows.append(f'"{mood} {words} item-{number * 7919} shelf {number * 104729} row",{mood}')
    path.write_text("\n".join(rows) + "\n", encoding="utf8")


@pytest.mark.parametrize("with_gold", [True, False])
def test_from_a_table_and_a_prompt_to_a_pipeline(prompt, tmp_path, with_gold):
    write_comments(tmp_path / "comments.csv", range(120))
    write_comments(tmp_path / "gold.csv", range(1000, 1060))
    with serving(label=None) as server:
        words = [
            "spacy",
            "distill",
            "init",
            "shop",
            "--labels",
            "good,bad",
            "--prompt",
            prompt.name,
        ]
        words += ["--texts", "comments.csv", "--text-column", "body", "--base-url", server.url]
        gold = ["--gold", "gold.csv", "--gold-column", "mood"] if with_gold else []
        run([*words, *gold], tmp_path)
        shop = tmp_path / "shop"
        for _ in range(2):
            assert "questions would be asked" in run(["weasel", "run", "plan"], shop)
        assert not server.asked
        config = (shop / "project.yml").read_text(encoding="utf8")
        config = config.replace('student: "textcat_trf"', 'student: "textcat_bow"')
        config = config.replace("    - weights\n", "")
        teacher = "      - configs/teacher.cfg\n"
        config = config.replace(f"{teacher}      - assets/encoder\n", teacher)
        (shop / "project.yml").write_text(config, encoding="utf8")
        out = run(["weasel", "run", "all"], shop)
        asked = server.asked.total()
        run(["weasel", "run", "all"], shop)
        assert server.asked.total() == asked == (180 if with_gold else 120)
    assert ("Verdict" in out) == with_gold
    nlp = spacy.load(shop / "training" / "assembled")
    assert nlp.pipe_names == ["llm"]
    assert max(nlp("good love enjoy").cats.items(), key=lambda item: item[1])[0] == "good"
