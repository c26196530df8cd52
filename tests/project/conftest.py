import pytest

from spacy_distill.project.teachers import NewTeacher

LABELS = ("good", "bad")
OWN = """
[nlp]
lang = "de"
pipeline = ["tagger_llm"]

[components]

[components.tagger_llm]
factory = "llm"

[components.tagger_llm.task]
@llm_tasks = "spacy.TextCat.v2"
labels = "gut,schlecht"
exclusive_classes = {exclusive}

[components.tagger_llm.task.examples]
@misc = "spacy.FewShotReader.v1"
path = "{examples}"

[components.tagger_llm.model]
@llm_models = "nobody.HasThis.v1"
key = "untouched"
"""


@pytest.fixture(autouse=True)
def in_tmp_path(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def prompt(tmp_path):
    path = tmp_path / "prompt.txt"
    path.write_text("Is the customer happy?\n", encoding="utf8")
    return path


@pytest.fixture
def own(tmp_path):
    (tmp_path / "examples").mkdir()
    (tmp_path / "examples" / "few.yml").write_text("- text: toll\n  answer: gut\n")
    path = tmp_path / "my.cfg"
    path.write_text(OWN.format(exclusive="true", examples="examples/few.yml"), encoding="utf8")
    return path


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "my texts.csv"
    path.write_text("nr,body\n1,fine\n2,bad\n", encoding="utf8")
    return path


def new_teacher(prompt, *, labels=LABELS, exclusive=True, lang="en", base_url="http://127.0.0.1:9"):
    return NewTeacher(labels, prompt, exclusive, lang, "m", base_url, "MY_KEY")


def own_config(path, more=()):
    """Write a config whose task has more settings."""
    lines = "".join(f"{key} = {value}\n" for key, value in dict(more).items())
    config = OWN.format(exclusive="true", examples="${paths.examples}")
    marker = 'labels = "gut,schlecht"\n'
    config = config.replace(marker, marker + lines)
    path.write_text(f'[paths]\nexamples = "few"\n{config}', encoding="utf8")
    return path
