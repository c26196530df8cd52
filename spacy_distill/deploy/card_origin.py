"""The origin of a student in its model card: teacher, prompts, curation, data and environment."""

from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import Any

from ..markdown import fact_lines, table_lines
from .licences import describe_encoders
from .provenance import Provenance


def made_lines(found: Provenance) -> Iterator[str]:
    """Yield the table of how the student came about."""
    run, prompts = found.run, found.run.get("prompts", {})
    answers = ", ".join(f"{n} {what}" for what, n in run.get("answers", {}).items())
    rows = {
        "Run": " ".join(filter(None, (run.get("name"), run.get("time")))),
        "Teacher": run.get("teacher"),
        "Model": model_phrase(run.get("teacher_model") or {}),
        "Teacher config, SHA-256": run.get("teacher_sha256"),
        "Prompts": prompts.get("n"),
        "Prompts, SHA-256": prompts.get("sha256"),
        "Answers": answers,
        "Curation": curation_phrase(found.curation),
        "Training texts": run.get("n", {}).get("train") or found.evaluation.get("n_train"),
        "Encoder": describe_encoders(run.get("encoder") or {}),
        "Training config, SHA-256": run.get("config", {}).get("sha256"),
        "Seed": run.get("seed"),
    }
    known = [(key, str(value)) for key, value in rows.items() if value not in (None, "", {})]
    yield from fact_lines(known) if known else ("Not recorded.",)


def model_phrase(block: Mapping[str, Any]) -> str:
    """Name the teacher's model with its settings, as its config block does."""
    settings = ", ".join(f"{key}={value}" for key, value in block.items() if key[:1] != "@")
    name = str(block.get("@llm_models", ""))
    return f"{name} ({settings})" if settings else name


def curation_phrase(curation: Mapping[str, Any]) -> str:
    """Say how many labelled texts were kept, and how many each filter dropped."""
    if not curation:
        return ""
    filters = {name: x["dropped"] for name, x in curation["filters"].items() if x["dropped"]}
    dropped = ", ".join(f"{name} {n}" for name, n in filters.items())
    kept = f"{curation['kept']} of {curation['n']} texts kept"
    return f"{kept}; dropped: {dropped}" if dropped else kept


def data_lines(found: Provenance) -> Iterator[str]:
    """Yield the corpora with their digests; the texts are no part of the card."""
    counts = found.run.get("n", {})
    rows = [
        (role, str(counts.get(role, "-")), digest(files))
        for role, files in found.run.get("data", {}).items()
    ]
    if rows:
        yield from table_lines(("Corpus", "Texts that count", "SHA-256"), rows)


def digest(files: Mapping[str, str]) -> str:
    """Return the SHA-256 of a corpus: its file's or, of several files, that of all their digests."""
    hashes = list(files.values())
    if len(hashes) == 1:
        return hashes[0]
    return f"{sha256(' '.join(hashes).encode('ascii')).hexdigest()} ({len(hashes)} files)"


def environment_lines(found: Provenance) -> Iterator[str]:
    """Yield what was installed where the student was evaluated."""
    rows = [(name, str(x)) for name, x in found.run.get("versions", {}).items()]
    rows += [(name, str(x)) for name, x in found.run.get("machine", {}).items()]
    if rows:
        yield from fact_lines(rows)
