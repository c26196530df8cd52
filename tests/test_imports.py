"""Stages exchange Docs, and imports point one way: lower modules, stages, command line."""

import ast

import pytest

from .conftest import EXTRAS, PACKAGE, STAGES, module_name, run_without

FILES = sorted(PACKAGE.rglob("*.py"))
NAMES = {path: module_name(path) for path in FILES}


def part_of(name):
    """Return the part of the package that a module belongs to; empty for the package itself."""
    return name.split(".")[1] if "." in name else ""


def read_imports(path):
    """Yield what a module imports from the package, and whether that runs on import."""
    tree = ast.parse(path.read_text(encoding="utf8"))
    lazy = {
        id(child)
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) or is_type_checking(node)
        for child in ast.walk(node)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            for target in imported_names(node, path):
                if target.split(".")[0] == "spacy_distill":
                    yield target, id(node) not in lazy


def is_type_checking(node):
    return isinstance(node, ast.If) and getattr(node.test, "id", "") == "TYPE_CHECKING"


def imported_names(node, path):
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    package = path.parent.relative_to(PACKAGE.parent).parts
    above = package[: len(package) - node.level + 1] if node.level else ()
    base = [*above, *([node.module] if node.module else [])]
    return [".".join([*base, alias.name]) for alias in node.names]


def test_every_stage_has_its_room():
    assert [stage for stage in STAGES if not (PACKAGE / stage / "__init__.py").is_file()] == []


@pytest.mark.parametrize("stage", STAGES)
def test_stage_imports_no_other_stage(stage):
    above = {*STAGES, "cli"} - {stage}
    found = [
        f"{NAMES[path]} imports {target}"
        for path in FILES
        if part_of(NAMES[path]) == stage
        for target, _ in read_imports(path)
        if part_of(target) in above
    ]
    assert found == []


def test_lower_modules_import_no_stage():
    lower = [path for path in FILES if part_of(NAMES[path]) not in ("", "cli", *STAGES)]
    found = [
        f"{NAMES[path]} imports {target}"
        for path in lower
        for target, _ in read_imports(path)
        if part_of(target) in ("cli", *STAGES)
    ]
    assert lower
    assert found == []


def test_cli_imports_stages_inside_functions_only():
    found = [
        f"{NAMES[path]} imports {target}"
        for path in FILES
        if part_of(NAMES[path]) == "cli"
        for target, runs_on_import in read_imports(path)
        if runs_on_import and part_of(target) in STAGES
    ]
    assert found == []


def test_base_install_imports_lower_modules_and_commands():
    base = [name for name in NAMES.values() if part_of(name) not in STAGES]
    result = run_without(
        EXTRAS, f"import importlib\nfor name in {base}:\n    importlib.import_module(name)"
    )
    assert result.returncode == 0, result.stderr
