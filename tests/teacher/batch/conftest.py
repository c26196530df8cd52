import json

import pytest

from spacy_distill.teacher.batch import calls, service, submit
from spacy_distill.teacher.batch.run import ask_batches

from .batch_server import KEY, serving

CONFIG = """
[nlp]
lang = "en"
pipeline = ["llm"]

[components]

[components.llm]
factory = "llm"

[components.llm.task]
@llm_tasks = "{task}"
labels = ["good", "bad"]
exclusive_classes = true

[components.llm.model]
@llm_models = "spacy-distill.ChatModel.v1"
model = "m"
base_url = "{url}"
key_variable = "BATCH_TEST_KEY"
config = {config}
prices = {{"input": 10.0, "output": 30.0}}
"""


def quickly(n_tries):
    """Wait hardly at all before the next try."""
    return 0.02 * n_tries


@pytest.fixture(autouse=True)
def key(monkeypatch):
    monkeypatch.setenv("BATCH_TEST_KEY", KEY)
    monkeypatch.setattr(submit, "GRACE_SECONDS", 0.5)
    monkeypatch.setattr(submit, "LOOK_SECONDS", 0.1)
    monkeypatch.setattr(service, "LOOK_SECONDS", 0.02)
    monkeypatch.setattr(calls, "backoff", quickly)


@pytest.fixture
def server():
    with serving() as server:
        yield server


@pytest.fixture
def config(tmp_path, server):
    """A teacher config at the server; called with fields of the requests."""

    def write(**fields):
        path = tmp_path / "teacher.cfg"
        settings = json.dumps(fields or {"max_tokens": 20})
        text = CONFIG.format(url=server.url, config=settings, task=write.task)
        path.write_text(text, encoding="utf8")
        return path

    write.task = "spacy.TextCat.v3"
    return write


@pytest.fixture
def ask(config, make_corpus, tmp_path):
    """Ask about texts in batches."""

    def run(texts, **kwargs):
        fields = kwargs.pop("fields", {})
        corpus = make_corpus(texts)
        kwargs = {"wait": True, "poll_seconds": 0.05, **kwargs}
        return ask_batches(config(**fields), [corpus], store_path=tmp_path / "a.sqlite", **kwargs)

    return run
