"""Files that Prodigy's LLM recipes have fetched: the raw answer where there is one, else the labels."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ...attrs import Distill
from ..saved_io import saved_answer
from .found import Found, Item, Unusable, plain_meta
from .rows import Row, read_rows
from .saved_docs import as_lists

ANSWER_KEY = "llm"
HUMAN_KEYS = ("_annotator_id", "_session_id", "_timestamp")


def read_prodigy(paths: Sequence[Path]) -> Iterator[Item]:
    """Read files of `textcat.llm.fetch` and the recipes like it.

    paths (Sequence[Path]): JSONL files, or folders of them.
    YIELDS (Item): One per row.
    """
    for row in read_rows(paths):
        yield read_row(row) if isinstance(row, Row) else row


def read_row(row: Row) -> Item:
    """Read one row: `llm` has prompt and response; `options` with `accept`, or `label`, the labels."""
    values = row.values
    text = values.get("text")
    if not isinstance(text, str):
        return row.unusable("no text", "`text` is missing or no string")
    record = Distill(meta=plain_meta(values.get("meta")))
    if isinstance(values.get(ANSWER_KEY), dict):
        return _with_answers(row, text, record)
    if values.get("answer") == "ignore" or (
        "options" in values and values.get("answer") == "reject"
    ):
        return row.unusable("ignored", f"`answer` is {values['answer']}")
    if any(key in values for key in HUMAN_KEYS):
        detail = "a person's labels are gold: `spacy distill ingest --gold accept`"
        return row.unusable("annotated by a person", detail)
    scores = read_labels(values)
    if scores is None:
        return row.unusable("no answer", f"no {ANSWER_KEY!r} and no labels to choose from")
    return Found(row.place, text, (), scores, record)


def _with_answers(row: Row, text: str, record: Distill) -> Found | Unusable:
    try:
        io = as_lists(row.values[ANSWER_KEY])
        pairs = zip(io["prompt"], io["response"], strict=True)
        answers = tuple(saved_answer(prompt, response) for prompt, response in pairs)
    except (ValueError, TypeError) as error:
        return row.unusable("malformed answer", f"{type(error).__name__}: {error}")
    if not answers:
        return row.unusable("no answer", f"{ANSWER_KEY!r} holds no prompt")
    return Found(row.place, text, (answers,), None, record)


def read_labels(values: Mapping[str, Any]) -> dict[str, float] | None:
    """Return the labels that were selected in a row, 1.0 or 0.0 for each that could be.

    values (Mapping[str, Any]): The row: a choice, or a label to accept or reject.
    RETURNS (dict[str, float] | None): The labels; None if the row has none, such as one with spans.
    """
    options, accepted = values.get("options"), values.get("accept")
    if isinstance(options, list) and isinstance(accepted, list):
        ids = [option.get("id") for option in options if isinstance(option, dict)]
        names = {str(x) for x in (*ids, *accepted)}
        return {name: float(name in map(str, accepted)) for name in sorted(names)}
    label, answer = values.get("label"), values.get("answer")
    if isinstance(label, str) and answer in ("accept", "reject", True, False):
        return {label: float(answer in ("accept", True))}
    return None
