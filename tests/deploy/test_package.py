import json
import subprocess
import sys

import pytest

from spacy_distill.deploy.package import package
from spacy_distill.deploy.swap import assemble
from spacy_distill.errors import UserError

# spaCy leaves the files it writes to the garbage collector.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")

RUN = {
    "name": "run-1",
    "teacher": "configs/teacher.cfg",
    "verdict": "ship",
    "scores": {"student accuracy": "0.910 [0.880, 0.940]"},
}


@pytest.fixture
def assembled(make_teacher, student, tmp_path):
    return assemble(make_teacher(), student, tmp_path / "assembled").path


def test_package_wheel_installs_and_loads(assembled, tmp_path):
    wheel = package(assembled, tmp_path / "out", name="intent", version="1.2.3", provenance=RUN)
    assert wheel.name == "en_intent-1.2.3-py3-none-any.whl"
    target = tmp_path / "site"
    install = [sys.executable, "-m", "pip", "install", "--no-deps", "--no-index", "--target"]
    subprocess.run([*install, str(target), str(wheel)], check=True, capture_output=True)
    script = (
        "import sys, spacy; sys.path.insert(0, sys.argv[1]);"
        "nlp = spacy.load('en_intent'); print(nlp('love it').cats['question'])"
    )
    command = [sys.executable, "-c", script, str(target)]
    result = subprocess.run(command, capture_output=True, text=True, check=True)
    assert float(result.stdout) > 0.4


def test_package_says_where_it_came_from(assembled, tmp_path):
    wheel = package(assembled, tmp_path / "out", name="intent", version="1.2.3", provenance=RUN)
    meta = json.loads((wheel.parents[1] / "meta.json").read_text(encoding="utf8"))
    assert meta["distill"]["temperature"] == {"llm": 1.5}
    assert meta["distill"]["scores"] == RUN["scores"]
    readme = (wheel.parents[1] / "README.md").read_text(encoding="utf8")
    for words in ("en_intent", "| teacher.cfg |", "| complaint |", "0.910 [0.880, 0.940]"):
        assert words in readme


def test_package_again_replaces_the_package(assembled, tmp_path):
    for provenance in (RUN, {**RUN, "name": "run-2"}):
        wheel = package(
            assembled, tmp_path / "out", name="intent", version="1.0.0", provenance=provenance
        )
    meta = json.loads((wheel.parents[1] / "meta.json").read_text(encoding="utf8"))
    assert meta["distill"]["name"] == "run-2"


def test_package_needs_a_pipeline_and_a_name(assembled, tmp_path):
    with pytest.raises(UserError, match="No pipeline in"):
        package(tmp_path / "nothing", tmp_path / "out", name="intent", version="1.0.0")
    with pytest.raises(UserError, match="no Python identifier"):
        package(assembled, tmp_path / "out", name="in-tent", version="1.0.0")
