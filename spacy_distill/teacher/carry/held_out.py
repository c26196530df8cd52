"""Texts that no training file may hold: those of the gold test corpus."""

from collections.abc import Sequence
from pathlib import Path

from spacy.tokens import Doc

from ...attrs import content_id, doc_id
from ...io import read_docs


class HeldOut:
    """Knows texts by their content id, and by what is left of them without case and spacing.

    paths (Sequence[Path]): The corpora whose texts are held out.
    """

    def __init__(self, paths: Sequence[Path | str]) -> None:
        self._known: set[str] = set()
        for path in paths:
            for doc in read_docs(path):
                self._known.update((doc_id(doc), content_id(normalized(doc.text))))

    def __contains__(self, doc: Doc) -> bool:
        """Say whether a Doc has one of the texts."""
        found = (doc_id(doc), content_id(doc.text), content_id(normalized(doc.text)))
        return not self._known.isdisjoint(found)


def normalized(text: str) -> str:
    """Return a text without case, and with single spaces."""
    return " ".join(text.casefold().split())
