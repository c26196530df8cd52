"""A masked teacher: what leaves the process, what is kept, and where the labels land."""

import json
import re
from collections.abc import Iterable

import pytest
import spacy
import srsly
from confection import Config
from spacy.tokens import Doc
from spacy.util import load_model_from_config
from spacy_llm.registry import registry

from spacy_distill.attrs import get_distill
from spacy_distill.io import read_docs, write_docs
from spacy_distill.teacher.label import label
from spacy_distill.teacher.plan import plan

CONFIG = """
[nlp]
lang = "en"
pipeline = ["llm"]

[components]

[components.llm]
factory = "distill_llm"
save_io = true

[components.llm.mask]
@misc = "spacy-distill.pii_mask.v1"
regions = ["DE"]
names = {names}

[components.llm.task]
{task}

[components.llm.model]
@llm_models = "spacy-distill.ChatModel.v1"
model = "m"
base_url = {url}
{model}
"""
TEXTCAT = """@llm_tasks = "spacy.TextCat.v3"
labels = ["good", "bad"]
exclusive_classes = true"""
NER = """@llm_tasks = "spacy.NER.v2"
labels = ["CONTACT"]"""
PRIVATE = [
    "anna.smith@example.com",
    "0171 2345678",
    "4111 1111 1111 1111",
    "DE89 3704 0044 0532 0130 00",
    "192.168.10.12",
    "Mehmet Öz",
]
PLACEHOLDER = re.compile(r"\[[A-Z]+_\d+\]")


class StrictTask:
    """A task whose parser quotes what it does not understand."""

    def generate_prompts(self, docs: Iterable[Doc]) -> Iterable[str]:
        return [doc.text for doc in docs]

    def parse_responses(self, docs: Iterable[Doc], responses: Iterable[str]) -> Iterable[Doc]:
        raise ValueError(f"no number in {list(responses)}")


@pytest.fixture
def config(endpoint, names_pipeline, tmp_path):
    def write(task, model=""):
        values = {"task": task, "model": model, "names": json.dumps(names_pipeline)}
        path = tmp_path / "teacher.cfg"
        path.write_text(CONFIG.format(url=json.dumps(endpoint.url), **values), encoding="utf8")
        return path

    return write


def load(path):
    return load_model_from_config(Config().from_disk(path), auto_fill=True)


def name_contacts(prompt):
    """Answer a prompt of spacy.NER.v2 with all placeholders in its text, not quite as written."""
    text = prompt.rsplit("'''", 2)[1]
    return "CONTACT: " + ", ".join(x.strip("[]").lower() for x in PLACEHOLDER.findall(text))


def held(data):
    """Return the private strings that data holds, also as JSON writes them."""
    return [x for x in PRIVATE if x.encode() in data or json.dumps(x)[1:-1].encode() in data]


def test_label_tells_nobody(endpoint, config, tmp_path):
    nlp = spacy.blank("en")
    texts = [f"It is {string}, and again {string}!" for string in PRIVATE]
    write_docs(nlp.pipe(texts), tmp_path / "corpus.spacy")
    # An answer that is none, and repeats what it was told
    endpoint.reply = lambda prompt: f"I think {' '.join(PLACEHOLDER.findall(prompt))} is fine"
    (report,) = label(
        config(TEXTCAT),
        [tmp_path / "corpus.spacy"],
        tmp_path / "out",
        store_path=tmp_path / "answers.sqlite",
        rejects_path=tmp_path / "rejects.jsonl",
    )
    docs = list(read_docs(tmp_path / "out" / "corpus.spacy"))
    kept = [[dict(answer) for answer in get_distill(doc)["answers"]] for doc in docs]
    assert [doc.text for doc in docs] == texts
    assert [answers[0]["response"] for answers in kept] == [
        f"I think [{kind}_1] [{kind}_1] is fine"
        for kind in ("EMAIL", "PHONE", "CARD", "IBAN", "IP", "NAME")
    ]
    assert len(endpoint.prompts) == len(texts)
    assert held(endpoint.bytes) == []
    assert held(b"".join(path.read_bytes() for path in tmp_path.glob("answers.sqlite*"))) == []
    assert held((tmp_path / "rejects.jsonl").read_bytes()) == []
    assert held(repr(kept).encode()) == []
    assert held(srsly.json_dumps(report.to_json()).encode()) == []


def test_entities_are_those_of_the_original(endpoint, config):
    endpoint.reply = name_contacts
    nlp = load(config(NER))
    text = "Mehmet Öz or anna.smith@example.com (0171 2345678), then Mehmet Öz."
    (doc,) = nlp.pipe([text])
    assert doc.text == text
    assert [(ent.text, ent.start_char) for ent in doc.ents] == [
        ("Mehmet Öz", 0),
        ("anna.smith@example.com", 13),
        ("0171 2345678", 37),
        ("Mehmet Öz", 57),
    ]
    io = doc.user_data["llm_io"]["llm"]
    assert "[NAME_1] or [EMAIL_1] ([PHONE_1]), then [NAME_1]." in io["prompt"][0]
    assert io["response"] == ["CONTACT: name_1, email_1, phone_1, name_1"]
    assert held(repr(doc.user_data).encode()) == []
    assert held(endpoint.bytes) == []


def test_entities_of_shards_are_those_of_the_original(endpoint, config):
    endpoint.reply = name_contacts
    nlp = load(config(NER, model="context_length = 130"))
    text = " ".join([*(f"It is number {i} of {x} ," for i, x in enumerate(PRIVATE)), *["so"] * 40])
    doc = nlp(text)
    assert len(get_distill(doc)["answers"]) > 1
    assert doc.text == text
    assert [ent.text for ent in doc.ents] == PRIVATE
    assert held(endpoint.bytes) == []


def test_a_parser_that_fails_tells_nobody(endpoint, config):
    registry.llm_tasks("test.Strict.v1", func=StrictTask)
    endpoint.reply = lambda prompt: f"it is {PLACEHOLDER.findall(prompt)[-1]}"
    doc = load(config('@llm_tasks = "test.Strict.v1"'))("Mail anna.smith@example.com")
    (answer,) = get_distill(doc)["answers"]
    assert answer["outcome"] == "unparsed"
    assert answer["reason"].startswith("ValueError")
    assert held(repr(doc.user_data).encode()) == []


def test_samples_of_other_tasks_are_masked_as_well(endpoint, config):
    endpoint.reply = name_contacts
    path = config(NER)
    path.write_text(path.read_text("utf8").replace("save_io = true", "samples = 2"), "utf8")
    doc = load(path)("It is anna.smith@example.com")
    assert [ent.text for ent in doc.ents] == ["anna.smith@example.com"]


def test_mask_is_kept_with_the_pipeline_and_works_in_processes(endpoint, config, tmp_path):
    endpoint.reply = name_contacts
    load(config(NER)).to_disk(tmp_path / "pipeline")
    nlp = spacy.load(tmp_path / "pipeline")
    docs = list(nlp.pipe([f"It is {x}." for x in PRIVATE], n_process=2, batch_size=3))
    assert [[ent.text for ent in doc.ents] for doc in docs] == [[x] for x in PRIVATE]
    assert held(endpoint.bytes) == []


def test_plan_shows_what_would_be_sent(config, tmp_path):
    texts = [f"It is {string}" for string in PRIVATE]
    write_docs(spacy.blank("en").pipe(texts), tmp_path / "corpus.spacy")
    path, store = config(TEXTCAT), tmp_path / "answers.sqlite"
    found = plan(path, [tmp_path / "corpus.spacy"], store_path=store, n_shown=6, n_drawn=6)
    assert len(found.prompts) == len(found.drawn) == 6
    assert held(repr(found.prompts + found.drawn).encode()) == []
