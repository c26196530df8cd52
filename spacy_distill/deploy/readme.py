"""The README of a packaged pipeline, from its meta."""

from collections.abc import Mapping
from typing import Any

TEMPLATE = """# {package}

A spaCy pipeline in which a trained component has taken the place of an LLM.

```python
import spacy

nlp = spacy.load("{package}")
doc = nlp("…")
print(doc.cats)
```

| | |
|---|---|
{rows}

## Labels

{labels}

## Scores

{scores}
"""


def render_readme(meta: Mapping[str, Any]) -> str:
    """Return the README of a packaged pipeline as Markdown.

    meta (Mapping[str, Any]): The pipeline's meta, with the snapshot of its run under `distill`.
    RETURNS (str): Markdown.
    """
    distill = meta.get("distill", {})
    rows = {
        "Version": meta["version"],
        "Language": meta["lang"],
        "Pipeline": ", ".join(meta.get("pipeline", [])),
        "Needs": ", ".join(
            [f"spacy{meta.get('spacy_version', '')}", *meta.get("requirements", [])]
        ),
        "Teacher": distill.get("teacher", "not recorded"),
        "Run": distill.get("name", "not recorded"),
        "Verdict": distill.get("verdict", "not evaluated"),
    }
    labels = {name: x for name, x in meta.get("labels", {}).items() if x}
    return TEMPLATE.format(
        package=f"{meta['lang']}_{meta['name']}",
        rows="\n".join(f"| {key} | {value} |" for key, value in rows.items()),
        labels="\n".join(f"- `{name}`: {', '.join(x)}" for name, x in labels.items()),
        scores=score_lines(distill.get("scores", {})),
    )


def score_lines(scores: Mapping[str, Any]) -> str:
    """Return the headline scores of a run, one per line."""
    lines = [f"- {name}: {value}" for name, value in scores.items()]
    return "\n".join(lines) or "Not evaluated."
