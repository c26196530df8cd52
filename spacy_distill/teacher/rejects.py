"""The Docs that got no label, with the reasons: one JSON line each."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import srsly
from spacy.tokens import Doc

from ..attrs import doc_id, get_distill
from ..io import atomic_path

Reject = Callable[[Doc], None]


@contextmanager
def rejecting(path: Path | None) -> Iterator[Reject]:
    """Open a file for rejects; without a path they are only counted.

    path (Path | None): Where to write; an empty file if there are none.
    YIELDS (Reject): Writes one Doc's id, source and reasons. The text stays in the corpus.
    """
    if path is None:
        yield ignore
        return
    with atomic_path(path) as new, new.open("w", encoding="utf8") as file:

        def write(doc: Doc) -> None:
            file.write(srsly.json_dumps(reject_row(doc)) + "\n")

        yield write


def ignore(doc: Doc) -> None:
    """Write nothing."""


def reject_row(doc: Doc) -> dict[str, object]:
    """Return what is known of a Doc without a label."""
    record = get_distill(doc)
    answers = record.get("answers", ())
    return {
        "id": doc_id(doc),
        "source": record.get("source", ""),
        "outcomes": [answer["outcome"] for answer in answers],
        "reasons": [answer["reason"] for answer in answers],
    }
