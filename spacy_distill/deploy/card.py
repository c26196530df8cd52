"""The model card of a packaged pipeline: its README, with front matter as on the Hugging Face hub.

Whatever comes from a user's data, such as a label or a path, is escaped; no text is shown.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import srsly

from ..markdown import escape, fact_lines, table_lines
from .card_origin import data_lines, environment_lines, made_lines
from .card_scores import is_multilabel, label_rows, score_lines, student_metrics
from .check import reading_changes
from .provenance import Provenance, read_provenance

TASK = "text-classification"
MULTILINGUAL = "xx"  # spaCy's code for several languages


def model_card(
    pipeline: Path | str,
    *,
    evaluation: Mapping[str, Any] | None = None,
    curation: Mapping[str, Any] | None = None,
) -> str:
    """Write the model card of a pipeline.

    pipeline (Path | str): The pipeline's folder. Its `meta.json` gives name, version and licence
        and, under `distill`, the snapshot of its run, as `package` puts it there.
    evaluation (Mapping[str, Any] | None): The results that `evaluate --output` wrote: scores per
        label, the verdict's reasons and speed.
    curation (Mapping[str, Any] | None): The report of `curate`.
    RETURNS (str): Markdown with YAML front matter.
    RAISES (UserError): If run, evaluation and pipeline are not of one student.
    """
    found = read_provenance(pipeline, evaluation=evaluation, curation=curation)
    sections = {
        "Use": use_lines(found),
        "Labels": label_lines(found),
        "Scores": score_lines(found),
        "Intended use and limits": limit_lines(found),
        "How it was made": made_lines(found),
        "Data": data_lines(found),
        "Environment": environment_lines(found),
    }
    lines = [front_matter(found), "", *summary_lines(found)]
    for title, body in sections.items():
        content = "\n".join(body).strip()
        if content:
            lines += ["", f"## {title}", "", content]
    return "\n".join([*lines, ""])


def package_name(found: Provenance) -> str:
    """Return the name under which the installed pipeline is loaded."""
    return f"{found.meta['lang']}_{found.meta['name']}"


def front_matter(found: Provenance) -> str:
    """Return the card's front matter: what the hub reads."""
    lang = found.meta["lang"]
    data: dict[str, Any] = {
        "tags": ["spacy", TASK],
        "language": ["multilingual" if lang == MULTILINGUAL else lang],
    }
    if found.meta.get("license"):
        data["license"] = found.meta["license"].lower()
    metrics = student_metrics(found)
    if metrics:
        n = found.evaluation.get("n_test") or found.run.get("n", {}).get("test")
        result = {
            "task": {"name": "Text classification", "type": TASK},
            "dataset": {"name": f"{n or 'Gold'} test texts with human labels", "type": "gold-test"},
            "metrics": metrics,
        }
        data["model-index"] = [{"name": package_name(found), "results": [result]}]
    return f"---\n{srsly.yaml_dumps(data, sort_keys=False).strip()}\n---"


def summary_lines(found: Provenance) -> Iterator[str]:
    """Yield the title, what the pipeline does, and its basic facts."""
    meta = found.meta
    yield f"# {package_name(found)}"
    yield ""
    if found.contract is not None:
        n = len(found.contract.labels)
        what = f"any of {n} labels" if is_multilabel(found) else f"exactly one of {n} labels"
        yield (
            f"A spaCy pipeline in which a trained text classifier, {escape(found.contract.name)}, "
            f"has taken the place of an LLM. It assigns {what} to a text."
        )
        yield ""
    needs = [f"spacy{meta.get('spacy_version', '')}", *meta.get("requirements", [])]
    rows = [
        ("Version", meta["version"]),
        ("Language", meta["lang"]),
        ("Pipeline", ", ".join(meta.get("pipeline", []))),
        ("Needs", ", ".join(needs)),
        ("Licence", meta.get("license") or "not stated"),
        ("Verdict", found.run.get("verdict") or "none"),
    ]
    yield from fact_lines(rows)


def use_lines(found: Provenance) -> Iterator[str]:
    """Yield how to load and read the pipeline, and what code written for the LLM must know."""
    yield from ("```python", "import spacy", "", f'nlp = spacy.load("{package_name(found)}")')
    yield 'doc = nlp("…")'
    if found.contract is None:
        yield "```"
        return
    if not is_multilabel(found):
        yield "label = max(doc.cats, key=doc.cats.get)"
    elif found.carried("thresholds"):
        yield f'thresholds = nlp.meta["distill"]["thresholds"][{json.dumps(found.contract.name)}]'
        yield "labels = [label for label, score in doc.cats.items() if score >= thresholds[label]]"
    else:
        yield "labels = [label for label, score in doc.cats.items() if score >= 0.5]"
    yield from ("```", "", "What code that was written for the LLM must know:", "")
    plain = replace(found.contract, name=found.contract.name.replace("`", ""))
    yield from (f"- {change}" for change in reading_changes(plain))


def label_lines(found: Provenance) -> Iterator[str]:
    """Yield the table of labels."""
    header, rows = label_rows(found)
    if rows:
        yield from table_lines(header, rows)


def limit_lines(found: Provenance) -> Iterator[str]:
    """Yield what the pipeline is meant for, and what not to expect of it."""
    yield (
        f"- It is meant for texts of the kind and language ({found.meta['lang']}) that it was "
        f"trained and tested on; the scores say nothing of others."
    )
    yield (
        "- It learned from its teacher's labels and repeats the teacher's errors; agreement with the "
        "teacher does not show them, only human labels do."
    )
    yield "- It always answers, also to a text that none of its labels fits: look at the scores."
    temperature, threshold = (
        found.carried("temperature"),
        found.gold.get("verdict", {}).get("threshold"),
    )
    if temperature is not None:
        yield (
            f"- Its scores are as trained. For a confidence that can be believed, divide their "
            f"logits by the temperature {temperature:.3f}, which was fitted on human labels."
        )
    if threshold is not None:
        yield f"- Below a confidence of {threshold:.4f}, at that temperature, ask the teacher."
    yield (
        "- Look at the terms of the teacher's provider and at the encoder's licence before you pass "
        "it on."
    )
