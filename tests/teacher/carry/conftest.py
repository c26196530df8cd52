import gzip
import json
from typing import Iterable  # noqa: UP035  (spacy-llm knows those of `typing` only)

import pytest
import srsly
from spacy.tokens import DocBin
from spacy.vocab import Vocab
from spacy_llm.registry import registry
from spacy_llm.util import assemble

from spacy_distill.io import read_docs
from spacy_distill.teacher.carry.harvest import harvest
from spacy_distill.teacher.carry.teaching import read_teaching

from ...conftest import ROOT

CONFIG = """
[nlp]
lang = "xx"
pipeline = ["llm"]

[components]

[components.llm]
factory = "llm"
save_io = {save_io}

[components.llm.task]
@llm_tasks = "spacy.TextCat.v3"
labels = {labels}
exclusive_classes = {exclusive}
{cache}
[components.llm.model]
{model}
"""
CACHE = """
[components.llm.cache]
@llm_misc = "spacy.BatchCache.v1"
path = "{path}"
batch_size = {size}
max_batches_in_mem = 2
"""
CHAT = '@llm_models = "spacy-distill.ChatModel.v1"\nmodel = "gpt-4o-mini"\nconfig = {"temperature": 0.0}'
FAKE = '@llm_models = "test.Fake.v1"'


def answer_for(prompt):
    text = prompt.split("'''")[-2].strip()
    return text.split("say:", 1)[1].strip() if "say:" in text else "good"


def names_for(prompt):
    return "PERSON: Ada, Bob"


class Fake:
    """A model of spacy-llm's kind, which answers what the text says."""

    def __init__(self, answer, context_length):
        self.answer = answer
        self.context_length = context_length

    def __call__(self, prompts: Iterable[Iterable[str]]) -> Iterable[Iterable[str]]:
        return [[self.answer(prompt) for prompt in doc_prompts] for doc_prompts in prompts]


def build_fake(context_length: int = 100_000):
    return Fake(answer_for, context_length)


def build_names(context_length: int = 100_000):
    return Fake(names_for, context_length)


if "test.Fake.v1" not in registry.llm_models:
    registry.llm_models.register("test.Fake.v1", func=build_fake)
    registry.llm_models.register("test.Names.v1", func=build_names)


@pytest.fixture
def make_config(tmp_path):
    def make(
        name="teacher",
        *,
        model=CHAT,
        labels='["good", "bad"]',
        exclusive="true",
        save_io="true",
        cache=None,
        size=1,
    ):
        path = tmp_path / f"{name}.cfg"
        block = CACHE.format(path=cache, size=size) if cache else ""
        settings = {"labels": labels, "exclusive": exclusive, "save_io": save_io, "cache": block}
        path.write_text(CONFIG.format(model=model, **settings), encoding="utf8")
        return path

    return make


@pytest.fixture
def config(make_config):
    return make_config()


@pytest.fixture
def ask(make_config):
    """Ask the fake model through spacy-llm itself; return the Docs."""

    def run(texts, *, model=FAKE, **settings):
        nlp = assemble(make_config("asked", model=model, **settings))
        return list(nlp.pipe(texts))

    return run


@pytest.fixture
def save(tmp_path):
    def write(docs, name="docs.spacy"):
        path = tmp_path / name
        DocBin(docs=docs, store_user_data=True).to_disk(path)
        return path

    return write


@pytest.fixture
def write_rows(tmp_path):
    def write(rows, name="log.jsonl"):
        path = tmp_path / name
        lines = [row if isinstance(row, str) else json.dumps(row) for row in rows]
        path.write_text("\n".join(lines) + "\n", encoding="utf8", errors="surrogatepass")
        return path

    return write


@pytest.fixture(scope="session")
def teaching(tmp_path_factory):
    path = tmp_path_factory.mktemp("teaching") / "teacher.cfg"
    settings = {"labels": '["good", "bad"]', "exclusive": "true", "save_io": "true", "cache": ""}
    path.write_text(CONFIG.format(model=CHAT, **settings), encoding="utf8")
    return read_teaching(path)


@pytest.fixture(scope="session")
def prompt_of(teaching):

    def render(text):
        return teaching.prompts([teaching.nlp.make_doc(text)])[0][0][0]

    return render


@pytest.fixture
def reap(tmp_path, config):
    """Harvest; return the report, the Docs by text and the rejects."""

    def run(format, *inputs, teacher=config, **settings):
        out, rejects = tmp_path / "out", tmp_path / "rejects.jsonl"
        report = harvest(
            format,
            inputs,
            out,
            teacher=teacher,
            store_path=tmp_path / "answers.sqlite",
            rejects_path=rejects,
            **settings,
        )
        docs = {doc.text: doc for doc in read_docs(out, Vocab())}
        return report, docs, list(srsly.read_jsonl(rejects))

    return run


@pytest.fixture(scope="session")
def recorded():
    """Real prompts and answers of TextCat.v3."""
    with gzip.open(ROOT / "assets/answers/intent.jsonl.gz", "rt", encoding="utf8") as file:
        return [json.loads(next(file)) for _ in range(40)]
