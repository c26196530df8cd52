"""The recorded answers and the gold labels fit the configs that they are shipped for."""

import gzip
import hashlib
import json

import pytest
import srsly
from spacy.util import load_config, load_model_from_config

from spacy_distill.contract import read_contract

from .conftest import ROOT

TEACHERS = sorted((ROOT / "configs").glob("teacher_*.cfg"))
GOLD = ("gold_dev", "gold_test", "gold_pool")
MENTIONS = ROOT / "configs" / "teacher_mentions.cfg"


def by_name(path):
    return path.stem


def read_answers(config):
    path = ROOT / load_config(config)["components"]["llm"]["model"]["path"]
    with gzip.open(path, "rt", encoding="utf8") as file:
        return [json.loads(line) for line in file]


def read_gold(name):
    return list(srsly.read_jsonl(ROOT / "assets" / f"{name}.jsonl"))


@pytest.mark.parametrize("config", TEACHERS, ids=by_name)
def test_recording_holds_the_prompts_of_its_config(config, monkeypatch):
    monkeypatch.chdir(ROOT)
    nlp = load_model_from_config(load_config(config), auto_fill=True)
    gold = {row["id"]: row["text"] for name in GOLD for row in read_gold(name)}
    answers = {row["id"]: row for row in read_answers(config)}
    docs = [nlp.make_doc(text) for text in gold.values()]
    prompts = nlp.get_pipe("llm")._task.generate_prompts(docs, context_length=None)
    for doc_id, (shard_prompts, _) in zip(gold, prompts, strict=True):
        assert list(shard_prompts) == [answers[doc_id]["prompt"]]
    digests = [hashlib.sha256(row["prompt"].encode("utf8")).hexdigest() for row in answers.values()]
    assert digests == [row["prompt_sha256"] for row in answers.values()]


def test_mentions_are_derived_as_lists_of_labels_or_none():
    labels = set(read_contract(MENTIONS).labels)
    for row in read_answers(MENTIONS):
        assert len(row["responses"]) == 2
        for response in row["responses"]:
            named = [] if response == "==NONE==" else response.split(", ")
            assert set(named) <= labels
            assert len(set(named)) == len(named)


@pytest.mark.parametrize("name", GOLD)
def test_mentions_of_gold_are_the_labels_of_its_spans(name):
    for row in read_gold(name):
        assert row["mentions"] == list(dict.fromkeys(span["label"] for span in row["spans"]))
