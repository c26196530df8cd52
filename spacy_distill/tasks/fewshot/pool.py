"""The gold pool: texts with human labels, from a corpus or from JSONL."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import srsly

from ...attrs import content_id, doc_id, get_distill
from ...errors import UserError
from ...io import read_docs
from ...shingles import normalize_text
from .ty import TextMask, masked_text

Labelled = tuple[str, str, tuple[str, ...]]


class GoldText(NamedTuple):
    """A text of the pool.

    ids (frozenset[str]): The content ids of the text as it was, and as it is shown.
    text (str): The text as it is shown: masked, where there is a mask.
    folded (str): The same in folded form.
    labels (tuple[str, ...]): The human labels.
    """

    ids: frozenset[str]
    text: str
    folded: str
    labels: tuple[str, ...]


def read_pool(path: Path, mask: TextMask | None = None) -> list[GoldText]:
    """Read a pool; of texts that differ in case, spacing and punctuation alone, the first is kept.

    path (Path): A corpus that `ingest --gold` has written, or a `.jsonl` file with `text` and either
        `label` or `labels` in each line.
    mask (TextMask | None): Replaces private strings.
    RETURNS (list[GoldText]): The texts with gold, at least one.
    RAISES (UserError): If there is none, or a line is malformed.
    """
    pool: dict[str, GoldText] = {}
    for own_id, text, labels in gold_lines(path) if path.suffix == ".jsonl" else gold_docs(path):
        shown = masked_text(text, mask)
        ids = frozenset((own_id, content_id(shown)))
        new = GoldText(ids, shown, normalize_text(shown), labels)
        first = pool.get(new.folded, new)
        pool[new.folded] = first._replace(ids=first.ids | new.ids)
    if not pool:
        raise UserError(
            f"{path} holds no gold to pick examples from; name a corpus that was read with "
            f"`ingest --gold`."
        )
    return list(pool.values())


def gold_docs(path: Path) -> Iterator[Labelled]:
    """Yield id, text and labels of the Docs of a corpus that have gold."""
    for doc in read_docs(path):
        labels = get_distill(doc).get("gold")
        if labels is not None:
            yield doc_id(doc), doc.text, tuple(labels)


def gold_lines(path: Path) -> Iterator[Labelled]:
    """Yield id, text and labels of the lines of a JSONL file."""
    if not path.is_file():
        raise FileNotFoundError(f"No gold pool at {path}.")
    try:
        for number, row in enumerate(srsly.read_jsonl(path), start=1):
            text, labels = gold_row(row, f"{path}, line {number}")
            yield content_id(text), text, labels
    except ValueError as error:
        raise error if isinstance(error, UserError) else UserError(f"{path}: {error}") from error


def gold_row(row: Any, where: str) -> tuple[str, tuple[str, ...]]:
    """Return text and labels of one line."""
    fields = row if isinstance(row, Mapping) else {}
    text, labels = fields.get("text"), fields.get("labels", fields.get("label"))
    names = [labels] if isinstance(labels, str) else labels
    is_list = isinstance(names, list) and all(isinstance(name, str) for name in names)
    if not isinstance(text, str) or not text.strip() or not is_list:
        raise UserError(
            f'{where}: an example needs "text" and "label" or a list of "labels", not {row!r:.100}.'
        )
    return text, tuple(names)
