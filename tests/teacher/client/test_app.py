"""An app's own spacy-llm config, with nothing changed but the model block."""

import pytest
import spacy

from ...chat_server import serving

TASKS = {
    "textcat": {
        "@llm_tasks": "spacy.TextCat.v3",
        "labels": ["good", "bad"],
        "exclusive_classes": True,
    },
    "ner": {"@llm_tasks": "spacy.NER.v3", "labels": ["CITY"]},
}


@pytest.fixture(params=["llm", "distill_llm"])
def make_app(request):
    def make(task, server):
        nlp = spacy.blank("en")
        block = {
            "@llm_models": "spacy-distill.ChatModel.v1",
            "model": "m",
            "base_url": server.url,
            "max_in_flight": 8,
            "context_length": 4000,
        }
        nlp.add_pipe(request.param, name="llm", config={"task": TASKS[task], "model": block})
        return nlp

    return make


def test_app_pipe_has_many_questions_on_their_way(make_app):
    with serving(label=None, latency=0.05) as server:
        nlp = make_app("textcat", server)
        docs = list(nlp.pipe(f"{'good' if i % 2 else 'bad'} {i}" for i in range(40)))
        assert server.most_in_flight > 4
    assert [doc.cats["good"] for doc in docs] == [float(i % 2) for i in range(40)]


def test_app_entities_keep_their_texts_apart(make_app):
    with serving(latency=0.02) as server:
        nlp = make_app("ner", server)
        texts = [f"say 1. Town{i} | True | CITY | a city" for i in range(24)]
        docs = list(nlp.pipe(texts))
    assert [[ent.text for ent in doc.ents] for doc in docs] == [[f"Town{i}"] for i in range(24)]


def test_app_saved_with_its_llm_loads_without_a_network(make_app, tmp_path):
    with serving() as server:
        make_app("textcat", server).to_disk(tmp_path / "nlp")
    nlp = spacy.load(tmp_path / "nlp")
    assert nlp.pipe_names == ["llm"]
