"""Soft labels on Docs: from an endpoint's log-probabilities through audit and votes."""

import pytest
import spacy
from confection import Config
from spacy.util import load_model_from_config
from spacy_llm.tasks.textcat import make_textcat_task_v3

from spacy_distill.attrs import get_distill
from spacy_distill.teacher.annotate import build_annotator
from spacy_distill.teacher.logprobs import read_logprobs
from spacy_distill.teacher.pipeline import load_teacher
from spacy_distill.ty import Answer, Request

from .language_model import LanguageModel, serving_model

CONFIG = """
[nlp]
lang = "en"
pipeline = ["llm"]

[components]

[components.llm]
factory = "distill_llm"
samples = {samples}

[components.llm.task]
@llm_tasks = "spacy.TextCat.v3"
labels = {labels}
exclusive_classes = {exclusive}

[components.llm.model]
@llm_models = "spacy-distill.ChatModel.v1"
model = "known-by-heart"
base_url = "{url}"
key_variable = "NO_SUCH_KEY"
config = {{"logprobs": true, "top_logprobs": 20, "seed": {seed}}}
"""


@pytest.fixture
def client():
    with serving_model() as found:
        yield found


@pytest.fixture
def label(client):
    def run(model, labels, *, samples=1, exclusive="true", seed=0, label_map=None):
        client.server.model = LanguageModel(
            {tuple(part.encode() for part in text.split("|")): p for text, p in model.items()}
        )
        url = f"http://127.0.0.1:{client.server.server_port}/v1"
        text = CONFIG.format(
            url=url, labels=labels, samples=samples, exclusive=exclusive, seed=seed
        )
        config = Config().from_str(text)
        config["components"]["llm"]["label_map"] = label_map or {}
        return load_model_from_config(config, auto_fill=True)("A text.")

    return run


MODEL = {"very| bad": 0.3, "very| good": 0.7}
LABELS = '["very bad", "very good"]'


def test_component_reads_soft_labels_from_log_probabilities(label):
    doc = label(MODEL, LABELS)
    assert doc.cats == pytest.approx({"very bad": 0.3, "very good": 0.7})
    record = get_distill(doc)
    assert (record["n_ok"], record["n_soft"]) == (1, 1)
    assert "agreement" not in record
    assert record["answers"][0]["reason"] == ""


def test_component_soft_labels_come_from_the_store_again(client, tmp_path):
    client.server.model = LanguageModel({(b"bu", b"g"): 0.3, (b"refund",): 0.7})
    url = f"http://127.0.0.1:{client.server.server_port}/v1"
    labels = '["bug", "refund"]'
    config = CONFIG.format(url=url, labels=labels, samples=1, exclusive="true", seed=0)
    path = tmp_path / "teacher.cfg"
    path.write_text(config, encoding="utf8")
    for _ in range(2):
        doc = load_teacher(path, "llm", store_path=tmp_path / "a.sqlite")("A text.")
        assert doc.cats == pytest.approx({"bug": 0.3, "refund": 0.7})
        client.server.model = None  # cannot answer any more


def test_component_soft_votes_agree_on_the_label(label):
    doc = label(MODEL, LABELS, samples=3)
    assert doc.cats == pytest.approx({"very bad": 0.3, "very good": 0.7})
    assert get_distill(doc)["n_soft"] == 3
    assert get_distill(doc)["agreement"] == 1.0


def test_component_maps_soft_labels(label):
    doc = label(MODEL, LABELS, label_map={"very bad": "bad"})
    assert doc.cats == pytest.approx({"bad": 0.3, "very good": 0.7})


def test_component_counts_a_whole_vote_where_too_much_is_open(label):
    doc = label(
        {"bug": 0.5, "very| bad": 0.2, "very| good": 0.3},
        '["bug", "very bad", "very good"]',
        seed=1,
    )
    record = get_distill(doc)
    (answer,) = record["answers"]
    assert answer["response"] == "bug"
    assert doc.cats == {"bug": 1.0, "very bad": 0.0, "very good": 0.0}
    assert (record["n_ok"], record["n_soft"], answer["outcome"]) == (1, 0, "ok")
    assert answer["reason"] == "whole vote: the log-probabilities leave 50% open"


def test_component_audit_comes_before_log_probabilities(label):
    doc = label({"ugly": 1.0}, LABELS)
    assert doc.cats == {}
    assert get_distill(doc)["answers"][0]["outcome"] == "outside"


def test_component_lists_of_labels_are_whole_votes(label):
    doc = label({"very| bad": 1.0}, LABELS, exclusive="false")
    record = get_distill(doc)
    assert doc.cats == {"very bad": 1.0, "very good": 0.0}
    assert record["n_soft"] == 0
    assert record["answers"][0]["reason"] == ""


def test_component_single_labels_are_soft(label):
    doc = label({"POS": 0.2, "NEG": 0.8}, '["spam"]')
    assert doc.cats == pytest.approx({"spam": 0.2})


def test_component_whole_votes_do_not_pull_soft_ones(client):
    model = LanguageModel({(b"bug",): 0.2, (b"very", b" bad"): 0.3, (b"very", b" good"): 0.5})
    samples = []
    for text in ("bug", "bug", "very bad"):
        seeds = (i for i in range(500) if model.complete(i, 0, True)[0] == text)
        choice = client.ask(model, seed=next(seeds))
        samples.append([Answer(Request("p"), text, logprobs=read_logprobs(choice))])
    task = make_textcat_task_v3(labels=["bug", "very bad", "very good"], exclusive_classes=True)
    doc = spacy.blank("en")("A text.")
    build_annotator(task, {})(doc, [doc], samples)
    record = get_distill(doc)
    assert doc.cats == pytest.approx({"bug": 0.2, "very bad": 0.3, "very good": 0.5})
    assert (record["n_ok"], record["n_soft"]) == (3, 1)
    assert record["agreement"] == pytest.approx(2 / 3)
