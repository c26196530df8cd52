"""project.yml tells the truth: every dep, output, sub-command and option in it exists."""

import re
import shlex
from pathlib import PurePosixPath

import pytest
import srsly
from weasel.schemas import ProjectConfigSchema, validate
from weasel.util import load_project_config
from weasel.util.validation import validate_project_commands

from .conftest import ROOT

# Workflows that go on from what `all` has left
AFTER_ALL = ("gold",)
WRITTEN = ("corpus", "training", "metrics", "packages")
COMMANDS = load_project_config(ROOT)["commands"]
WORKFLOWS = load_project_config(ROOT)["workflows"]
BY_NAME = {command["name"]: command for command in COMMANDS}


def outputs(command):
    return command.get("outputs", []) + command.get("outputs_no_cache", [])


def is_below(path, folder):
    return PurePosixPath(path) == PurePosixPath(folder) or PurePosixPath(folder) in (
        PurePosixPath(path).parents
    )


def earlier_commands(name):
    """Yield, for each workflow that a command is in, the commands that have run before it."""
    for workflow, steps in WORKFLOWS.items():
        if name in steps:
            before = WORKFLOWS["all"] if workflow in AFTER_ALL else []
            yield [*before, *steps[: steps.index(name)]]
    if not any(name in steps for steps in WORKFLOWS.values()):
        yield WORKFLOWS["all"]


def by_name(command):
    return command["name"]


def test_project_is_valid():
    assert validate(ProjectConfigSchema, srsly.read_yaml(ROOT / "project.yml")) == []
    validate_project_commands(load_project_config(ROOT))


def test_folders_of_the_project_are_in_the_repository():
    folders = load_project_config(ROOT)["directories"]
    assert set(WRITTEN) <= set(folders)
    assert [name for name in folders if not (ROOT / name).is_dir()] == []


@pytest.mark.parametrize("command", COMMANDS, ids=by_name)
def test_command_has_help_and_script(command):
    assert re.fullmatch(r"[A-Z].*[^.]", command["help"])
    assert command["script"]


@pytest.mark.parametrize("command", COMMANDS, ids=by_name)
def test_every_dep_exists_or_is_written_earlier(command):
    for before in earlier_commands(command["name"]):
        written = [output for name in before for output in outputs(BY_NAME[name])]
        for dep in command.get("deps", []):
            in_repository = dep.split("/")[0] not in WRITTEN and (ROOT / dep).exists()
            assert in_repository or any(is_below(dep, output) for output in written), dep


@pytest.mark.parametrize("command", COMMANDS, ids=by_name)
def test_every_output_is_named_in_the_script(command):
    words = [word for line in command["script"] for word in shlex.split(line)]
    for output in outputs(command):
        assert any(is_below(word, output) or is_below(output, word) for word in words), output


@pytest.mark.parametrize("command", COMMANDS, ids=by_name)
def test_every_file_of_the_script_is_a_dep_or_an_output(command):
    known = [*command.get("deps", []), *outputs(command)]
    for line in command["script"]:
        for word in shlex.split(line):
            if word.split("/")[0] in ("assets", "configs", *WRITTEN) and "/" in word:
                found = any(is_below(word, path) or is_below(path, word) for path in known)
                assert found, word


def test_plan_is_shown_every_time():
    assert BY_NAME[WORKFLOWS["plan"][-1]]["no_skip"]


def test_no_output_is_written_by_two_commands():
    paths = [output for command in COMMANDS for output in outputs(command)]
    assert len(set(paths)) == len(paths)


@pytest.mark.parametrize("command", COMMANDS, ids=by_name)
def test_every_script_line_is_a_command_that_parses(command, spacy_commands):
    for line in command["script"]:
        words = shlex.split(line)
        assert words[:3] == ["python", "-m", "spacy"]
        subcommand, words = spacy_commands, words[3:]
        while hasattr(subcommand, "commands"):
            subcommand = subcommand.commands[words.pop(0)]
        rest = subcommand.make_context(subcommand.name, words).args
        assert all(word.startswith("--") for word in rest[::2]), rest
