import pytest
import spacy
from spacy.training import Example

LABELS = ("complaint", "praise", "question")
BOW = {
    "@architectures": "spacy.TextCatBOW.v3",
    "length": 2048,
    "ngram_size": 1,
    "no_output_layer": False,
    "exclusive_classes": True,
}
TEACHER = """
[nlp]
lang = "{lang}"
pipeline = ["sentencizer", "llm", "cleaner"]

[components]

[components.sentencizer]
factory = "sentencizer"

[components.cleaner]
factory = "doc_cleaner"

[components.llm]
factory = "llm"

[components.llm.task]
@llm_tasks = "spacy.TextCat.v3"
labels = {labels}
exclusive_classes = {exclusive}

[components.llm.model]
@llm_models = "spacy-distill.Replay.v1"
path = "nowhere.jsonl"
"""


def train_student(labels=LABELS, *, factory="distill_textcat", name="llm", lang="en"):
    nlp = spacy.blank(lang)
    exclusive = not factory.endswith("multilabel")
    pipe = nlp.add_pipe(
        factory, name=name, config={"model": {**BOW, "exclusive_classes": exclusive}}
    )
    for label in labels:
        pipe.add_label(label)
    rows = [("it is late", labels[0]), ("love it", labels[-1])]
    examples = [
        Example.from_dict(nlp.make_doc(text), {"cats": {x: float(x == label) for x in labels}})
        for text, label in rows
    ]
    nlp.initialize(lambda: examples)
    for _ in range(60):
        nlp.update(examples)
    return nlp


@pytest.fixture
def student(tmp_path):
    nlp = train_student()
    nlp.meta["distill"] = {"temperature": {"llm": 1.5}}
    nlp.to_disk(tmp_path / "student")
    return tmp_path / "student"


@pytest.fixture
def make_teacher(tmp_path):
    def make(labels=LABELS, *, exclusive="true", lang="en"):
        path = tmp_path / "teacher.cfg"
        quoted = "[" + ", ".join(f'"{label}"' for label in labels) + "]"
        text = TEACHER.format(labels=quoted, exclusive=exclusive, lang=lang)
        path.write_text(text, encoding="utf8")
        return path

    return make
