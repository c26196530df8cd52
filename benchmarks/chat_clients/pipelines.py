"""Clients that stand in a spaCy pipeline: spacy-llm's own, and ours on `label`'s path and in an app."""

import os
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from spacy.language import Language
from spacy.tokens import Doc

from spacy_distill.io import read_docs
from spacy_distill.teacher.label import label
from spacy_distill.teacher.store.answers import AnswerStore

from .inputs import build_teacher, teacher_config
from .measure import Phases, Settings, Watch, read_prompts, result

CONTEXT_LENGTH = 8_192


def chat_block(settings: Settings) -> dict[str, Any]:
    """Return the block of our client."""
    return {
        "@llm_models": "spacy-distill.ChatModel.v1",
        "model": "bench",
        "base_url": settings.url,
        "max_in_flight": settings.in_flight,
        "context_length": CONTEXT_LENGTH,
    }


def stored_answers(path: Path) -> Iterator[tuple[str, str]]:
    """Yield the prompts and answers of a store, as the next process finds them."""
    with AnswerStore(path) as store:
        for prompt, _, response, *_ in store.recorded():
            yield prompt, response


def run_label(settings: Settings) -> dict[str, Any]:
    """Label a corpus: all prompts are handed over, and every answer is stored on disk."""
    store_path = settings.folder / "answers.sqlite"
    teacher_config(chat_block(settings)).to_disk(settings.folder / "teacher.cfg")
    phases = Phases()
    with Watch() as whole:
        label(
            settings.folder / "teacher.cfg",
            [settings.inputs / "texts"],
            settings.folder / "labelled",
            store_path=store_path,
            track=phases,
        )
    asking = next(iter(phases.watches.values()))
    found = result(asking, stored_answers(store_path), settings)
    found["peak_mb"] = round(whole.peak_bytes / 1e6, 1)
    found["label_seconds"] = round(whole.seconds, 2)
    found["phases"] = {desc.split()[0]: round(x.seconds, 2) for desc, x in phases.watches.items()}
    return found


def run_llm(settings: Settings) -> dict[str, Any]:
    """Run an app's `nlp.pipe` with spacy-llm's factory and our client: it drains batch by batch."""
    return time_pipe(build_teacher(chat_block(settings)), settings)


def run_distill_llm(settings: Settings) -> dict[str, Any]:
    """Run an app's `nlp.pipe` with our factory and the answer store."""
    path = str(settings.folder / "answers.sqlite")
    block = {"@llm_models": "spacy-distill.Stored.v1", "path": path, "model": chat_block(settings)}
    return time_pipe(build_teacher(block, factory="distill_llm"), settings)


def run_spacy_llm(settings: Settings) -> dict[str, Any]:
    """Run spacy-llm's REST model, which asks one question at a time.

    Its constructor asks api.openai.com for the list of models whatever the endpoint is; that is left
    out here.
    """
    from spacy_llm.models.rest.openai.model import OpenAI

    os.environ["OPENAI_API_KEY"] = "none"
    OpenAI._verify_auth = lambda self: None
    block = {
        "@llm_models": "spacy.GPT-4.v3",
        "name": "bench",
        "endpoint": f"{settings.url}/chat/completions",
        "context_length": CONTEXT_LENGTH,
    }
    return time_pipe(build_teacher(block), settings)


def time_pipe(nlp: Language, settings: Settings) -> dict[str, Any]:
    """Time `nlp.pipe` over all Docs of the corpus."""
    docs = list(read_docs(settings.inputs / "texts", nlp.vocab))[: settings.n]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with Watch() as watch:
            labelled = list(nlp.pipe(docs))
    prompts = read_prompts(settings.inputs)
    answers = zip(prompts, map(decided, labelled), strict=False)
    return result(watch, answers, settings)


def decided(doc: Doc) -> str:
    """Return the label that a Doc was given."""
    return max(doc.cats, key=doc.cats.__getitem__) if any(doc.cats.values()) else ""
