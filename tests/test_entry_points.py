"""setup.cfg's entry points are the public API: the table and the code agree in both directions."""

import ast
import re
from importlib import import_module

import pytest

from .conftest import EXTRAS, PACKAGE, ROOT, module_name, run_without

THING = r"spacy-distill\.([A-Z][a-z0-9]*)+\.v\d+"
FUNCTION = r"spacy-distill\.[a-z][a-z0-9_]*\.v\d+"
# By group: the names that are registered, and the verbs that the functions behind them begin with
GROUPS = {
    "spacy_factories": (r"distill(_[a-z0-9]+)+", ("make_",)),
    "spacy_architectures": (THING, ("build_",)),
    "thinc_llm_models": (THING, ("build_",)),
    "thinc_llm_tasks": (THING, ("build_",)),
    "spacy_loggers": (THING, ("create_",)),
    "spacy_readers": (THING, ("create_",)),
    "spacy_scorers": (FUNCTION, ("make_",)),
    "spacy_callbacks": (FUNCTION, ("create_",)),
    "spacy_augmenters": (FUNCTION, ("create_",)),
    "spacy_batchers": (FUNCTION, ("configure_",)),
    "spacy_misc": (FUNCTION, ("create_", "configure_")),
    "thinc_llm_misc": (FUNCTION, ("create_", "configure_")),
}
CLI_GROUP = "spacy_cli"
# Groups whose functions can only be imported with an extra; all others belong to the base install
NEEDS = {"spacy_architectures": "train", "thinc_llm_tasks": "teacher"}


def read_table(setup_cfg):
    table = []
    for group, lines in setup_cfg["options.entry_points"].items():
        for line in lines.strip().splitlines():
            name, target = (part.strip() for part in line.split("="))
            table.append((group, name, target))
    return table


@pytest.fixture(scope="module")
def table(setup_cfg):
    return read_table(setup_cfg)


@pytest.fixture(scope="module")
def names(table):
    return {name for _, name, _ in table}


def decorated(decorator):
    """Yield the first argument of each use of a decorator, with the function's address."""
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf8"))):
            for call in getattr(node, "decorator_list", []):
                if isinstance(call, ast.Call) and re.fullmatch(decorator, ast.unparse(call.func)):
                    yield value(call.args[0], path), f"{module_name(path)}:{node.name}"


def value(node, path):
    if isinstance(node, ast.Name):
        return getattr(import_module(module_name(path)), node.id)
    return ast.literal_eval(node)


def test_names_are_unique(table):
    keys = [(group, name) for group, name, _ in table]
    assert len(set(keys)) == len(keys)


def test_every_target_resolves(table):
    for _, name, target in table:
        module, _, attribute = target.partition(":")
        assert callable(getattr(import_module(module), attribute, None)), f"{name} = {target}"


def test_every_factory_stands_in_the_table(table):
    factories = {(name, target) for group, name, target in table if group == "spacy_factories"}
    assert set(decorated(r"Language\.(factory|component)")) == factories


def test_nothing_is_registered_by_decorator_alone(table):
    registered = set(decorated(r"(\w+\.)?registry\.\w+"))
    assert registered <= {(name, target) for _, name, target in table}


def test_every_versioned_function_stands_in_the_table(table):
    targets = {target for _, _, target in table}
    functions = {
        f"{module_name(path)}:{node.name}"
        for path in PACKAGE.rglob("*.py")
        for node in ast.parse(path.read_text(encoding="utf8")).body
        if isinstance(node, ast.FunctionDef) and re.fullmatch(r"[a-z].*_v\d+", node.name)
    }
    assert functions <= targets


@pytest.mark.parametrize(
    "pattern", ["spacy_distill/**/*.py", "configs/*.cfg", "*.md", "assets/*.md"]
)
def test_every_name_in_use_stands_in_the_table(names, pattern):
    used = {
        match.group()
        for path in ROOT.glob(pattern)
        for match in re.finditer(rf"{THING}|{FUNCTION}", path.read_text(encoding="utf8"))
    }
    assert used <= names


def test_names_and_functions_follow_the_rules(table):
    for group, name, target in table:
        if group == CLI_GROUP:
            continue
        pattern, verbs = GROUPS[group]
        function = target.partition(":")[2]
        assert re.fullmatch(pattern, name), f"{name} in {group}"
        assert function.startswith(verbs), f"{target} in {group}"


def test_factory_function_is_named_for_its_factory(table):
    for group, name, target in table:
        if group == "spacy_factories":
            assert target.partition(":")[2] == f"make_{name}"


@pytest.mark.parametrize("extra", [None, *sorted(set(NEEDS.values()))])
def test_entry_points_import_in_the_environment_they_are_for(table, extra):
    modules = sorted(
        {target.partition(":")[0] for group, _, target in table if NEEDS.get(group) == extra}
    )
    code = f"import importlib\nfor name in {modules}:\n    importlib.import_module(name)"
    result = run_without(set(EXTRAS) - {extra}, code)
    assert modules
    assert result.returncode == 0, result.stderr
