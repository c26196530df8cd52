"""What every client is given: the same corpus, and the prompts that a real task makes of it.

`python -m chat_clients.inputs FOLDER N` writes them and prints what they are, with the versions.
"""

import json
import os
import sys
import warnings
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import spacy
import srsly
from spacy.language import Language
from spacy.tokens import Doc
from spacy.util import load_config
from spacy_llm.util import assemble_from_config
from thinc.api import Config

from spacy_distill.attrs import content_id, get_distill
from spacy_distill.evaluate.run import package_versions, processor_name
from spacy_distill.io import write_docs

ROOT = Path(__file__).parents[2]
CONFIG = ROOT / "configs" / "teacher_intent.cfg"
TEXTS = ROOT / "assets" / "comments.jsonl"
PACKAGES = ("aiohttp", "openai", "httpx", "httpx-aiohttp", "litellm", "uvloop")


def numbered_texts(n: int) -> Iterator[str]:
    """Yield the demo's comments again and again, each with a number, so that all differ."""
    texts = [row["text"] for row in srsly.read_jsonl(TEXTS)]
    for number, text in enumerate(islice(cycle(texts), n)):
        yield f"{text} ({number})"


def teacher_config(model: dict[str, Any]) -> Config:
    """Return the demo's teacher, a `spacy.TextCat.v3` with definitions, with another model block."""
    config = load_config(CONFIG)
    config["components"]["llm"]["model"] = model
    return config


def labels() -> tuple[str, ...]:
    """Return the labels of the task."""
    return tuple(sorted(load_config(CONFIG)["components"]["llm"]["task"]["labels"]))


def build_teacher(model: dict[str, Any], *, factory: str = "llm") -> Language:
    """Build the teacher's pipeline as an app would."""
    config = teacher_config(model)
    config["components"]["llm"]["factory"] = factory
    return assemble_from_config(config)


def write_inputs(folder: Path, n: int) -> float:
    """Write a corpus of n Docs and their prompts.

    folder (Path): Gets `texts`, a corpus, and `prompts.jsonl`, a string in each line.
    n (int): How many.
    RETURNS (float): The mean length of a prompt, in characters.
    """
    n_characters = 0
    nlp = spacy.blank("en")

    def docs() -> Iterator[Doc]:
        for text in numbered_texts(n):
            doc = nlp.make_doc(text)
            get_distill(doc)["id"] = content_id(text)
            yield doc

    write_docs(docs(), folder / "texts")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # spacy-llm's, for a model without a context length
        task = build_teacher({"@llm_models": "spacy.NoOp.v1"}).get_pipe("llm")._task
    with (folder / "prompts.jsonl").open("w", encoding="utf8") as file:
        for prompts, _ in task.generate_prompts(docs()):
            (prompt,) = prompts
            n_characters += len(prompt)
            file.write(json.dumps(prompt) + "\n")
    return n_characters / n


def describe() -> dict[str, Any]:
    """Return the machine and the versions, those of the clients included."""
    versions = package_versions()
    for package in PACKAGES:
        try:
            versions[package] = version(package)
        except PackageNotFoundError:
            continue
    return {"processor": processor_name(), "cpus": os.cpu_count(), "versions": versions}


def main() -> None:
    """Write the inputs; print the labels, the prompts' mean length and the versions as JSON."""
    length = write_inputs(Path(sys.argv[1]), int(sys.argv[2]))
    print(json.dumps({"labels": labels(), "prompt_characters": round(length), **describe()}))


if __name__ == "__main__":
    main()
