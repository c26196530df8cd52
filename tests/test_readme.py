"""What README.md and docs/ tell people to type exists, and what they import can be imported."""

import ast
import re
import shlex
from importlib import import_module

import pytest
from weasel.util import load_project_config

import spacy_distill
from spacy_distill.project.templates import read_template

from .conftest import ROOT

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")), ROOT / "benchmarks/README.md"]
TEXTS = {page: page.read_text(encoding="utf8") for page in PAGES}
README = TEXTS[ROOT / "README.md"]
ALL = "\n".join(TEXTS.values())
PROSE = re.sub(r"```.*?```", "", ALL, flags=re.DOTALL)
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", ALL, flags=re.DOTALL)
SHELL = [
    line.removeprefix("$ ").split(" # ")[0].strip()
    for language, block in BLOCKS
    if language in ("bash", "console", "sh")
    for line in block.replace("\\\n", " ").splitlines()
    if line.strip() and not line.startswith("#")
]
INLINE = [re.sub(r"\s+", " ", code) for code in re.findall(r"`([^`]+)`", PROSE)]
TYPED = [*SHELL, *(code for code in INLINE if " " in code)]
PYTHON = [block for language, block in BLOCKS if language == "python"]
PROJECT = load_project_config(ROOT)
INIT_COMMANDS = re.findall(r"^  - name: (\S+)", read_template("project.yml"), re.MULTILINE)
NOT_OURS = ("fastapi", "pydantic")  # a web app's, in an example


def typed(pattern):
    """Return what stands behind a command in code blocks and in the prose."""
    return [match.group(1) for line in TYPED for match in re.finditer(pattern, line)]


def test_readme_is_finished():
    assert "@@" not in ALL
    assert "TODO" not in ALL


def test_readme_shows_commands_and_code():
    assert "make demo" in SHELL
    assert "make test" in SHELL
    assert PYTHON


@pytest.mark.parametrize("target", sorted(set(typed(r"\bmake ([a-z]+)"))))
def test_make_target_exists(target):
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(encoding="utf8"), re.MULTILINE)


@pytest.mark.parametrize("name", sorted(set(typed(r"weasel run ([\w-]+)"))))
def test_weasel_command_exists(name):
    commands = [command["name"] for command in PROJECT["commands"]]
    assert name in [*PROJECT["workflows"], *commands, *INIT_COMMANDS]


@pytest.mark.parametrize("workflow", sorted(PROJECT["workflows"]))
def test_workflow_is_in_the_readme(workflow):
    assert f"weasel run {workflow}" in README


@pytest.mark.parametrize("name", sorted(set(re.findall(r"vars\.(\w+)", ALL))))
def test_variable_exists(name):
    assert name in PROJECT["vars"]


@pytest.mark.parametrize("line", typed(r"(spacy distill .+)"))
def test_command_line_parses(line, spacy_commands):
    words = shlex.split(line)[2:]
    if words[0] == "--help":
        return
    command = spacy_commands.commands["distill"].commands[words.pop(0)]
    if "--help" not in words:
        command.make_context(command.name, words)


def test_every_command_is_in_the_readme(spacy_commands):
    commands = set(spacy_commands.commands["distill"].commands)
    assert {name for name in commands if f"`{name}`" not in README} <= {"clean"}
    assert "weasel run clean" in README


@pytest.mark.parametrize("extra", sorted(set(re.findall(r"spacy-distill\[(\w+)\]", ALL))))
def test_extra_exists(extra, setup_cfg):
    assert extra in setup_cfg["options.extras_require"]


@pytest.mark.parametrize("extra", sorted(set(typed(r'-e "\.\[(\w+)\]"'))))
def test_extra_of_the_checkout_exists(extra, setup_cfg):
    assert extra in setup_cfg["options.extras_require"]


@pytest.mark.parametrize("block", PYTHON)
def test_python_block_compiles_and_its_imports_exist(block):
    for node in ast.walk(ast.parse(block)):
        if isinstance(node, ast.Import):
            assert all(import_module(alias.name) for alias in node.names)
        if isinstance(node, ast.ImportFrom) and node.module not in NOT_OURS:
            module = import_module(node.module)
            assert all(hasattr(module, alias.name) for alias in node.names)


@pytest.mark.parametrize("name", sorted(set(re.findall(r"spacy_distill\.(\w+)\(", ALL))))
def test_function_exists(name):
    assert name in spacy_distill.__all__


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_to_files(page):
    links = re.findall(r"\]\((?!http|#)([^)]+)\)", TEXTS[page])
    assert [link for link in links if not (page.parent / link.split("#")[0]).exists()] == []


@pytest.mark.parametrize(
    "path", sorted({code for code in INLINE if re.fullmatch(r"(configs|assets)/[\w./]+", code)})
)
def test_named_file_exists(path):
    assert (ROOT / path).exists() or path in ("assets/encoder", "configs/contract.json")
