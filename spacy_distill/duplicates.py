"""Near-duplicates: an index of texts by the character shingles that they share."""

from collections.abc import Iterable
from pathlib import Path
from typing import Generic, TypeVar

import numpy as np
from spacy.tokens import Doc

from .attrs import doc_id, get_distill
from .bands import BandTable
from .errors import UserError
from .io import read_docs
from .shingles import jaccard, sketch

KeyT = TypeVar("KeyT")

THRESHOLD = 0.5
N_PERMUTATIONS = 128
RECALL = 0.985


class NearDuplicates(Generic[KeyT]):
    """An index that finds texts which share most of their shingles with a new one.

    Candidates come from locality-sensitive hashing, which finds 98.5 % of the pairs right at the
    threshold and practically all that are .1 above it. What counts is the Jaccard similarity of
    the two sets of shingles: exact up to 512 different shingles, above that an estimate from the
    512 with the lowest hashes (standard error about .02). A text costs about 400 bytes and four more
    for each of its hashes.
    """

    def __init__(self, threshold: float = THRESHOLD) -> None:
        """Create an empty index.

        threshold (float): The lowest similarity that counts, above 0.0 and up to 1.0.
        RAISES (UserError): If the threshold is outside of that.
        """
        if not 0.0 < threshold <= 1.0:
            raise UserError(f"A near-duplicate threshold is above 0 and up to 1, not {threshold}.")
        self.threshold = threshold
        self._shape = choose_bands(threshold)
        self._table = BandTable(self._shape[0])
        self._keys: list[KeyT] = []
        self._hashes: list[bytes] = []  # an array for each text would cost 80 bytes more

    def __len__(self) -> int:
        return len(self._keys)

    def add(self, key: KeyT, text: str) -> None:
        """Add a text to the index.

        key (KeyT): What `find` and `matches` return for it.
        text (str): The text.
        """
        bands, hashes = sketch(text, *self._shape)
        self._table.add(bands)
        self._keys.append(key)
        self._hashes.append(hashes.tobytes())

    def find(self, text: str) -> tuple[KeyT, float] | None:
        """Return the most similar text of the index.

        text (str): The text.
        RETURNS (tuple[KeyT, float] | None): Its key and the similarity, at least the threshold;
            the first one added among equals. None if no text is similar enough.
        """
        return max(self.matches(text), key=_similarity, default=None)

    def matches(self, text: str) -> list[tuple[KeyT, float]]:
        """Return all similar texts of the index.

        text (str): The text.
        RETURNS (list[tuple[KeyT, float]]): Key and similarity, in the order in which they were
            added.
        """
        bands, hashes = sketch(text, *self._shape)
        candidates = self._table.find(bands)
        if not candidates:
            return []
        others = [np.frombuffer(self._hashes[number], dtype=np.uint32) for number in candidates]
        similarities = jaccard(hashes, others)
        return [
            (self._keys[candidate], float(similarity))
            for candidate, similarity in zip(candidates, similarities, strict=True)
            if similarity >= self.threshold
        ]


def index_corpora(paths: Iterable[Path | str], threshold: float = THRESHOLD) -> NearDuplicates[str]:
    """Index all texts of some corpora.

    paths (Iterable[Path | str]): The corpora, as for `io.read_docs`.
    threshold (float): The lowest similarity that counts, above 0.0 and up to 1.0.
    RETURNS (NearDuplicates[str]): The index; its keys tell corpus and Doc.
    """
    index: NearDuplicates[str] = NearDuplicates(threshold)
    for path in paths:
        for doc in read_docs(path):
            index.add(f"{Path(path).stem} {full_id(doc)}", doc.text)
    return index


def full_id(doc: Doc) -> str:
    """Return the content id of a Doc, with the user's own id where there is one."""
    source = get_distill(doc).get("source")
    return f"{doc_id(doc)} ({source})" if source else doc_id(doc)


def _similarity(match: tuple[KeyT, float]) -> float:
    return match[1]


def choose_bands(threshold: float) -> tuple[int, int]:
    """Choose the bands of the locality-sensitive hashing for a threshold.

    threshold (float): The similarity of the pairs that must be found.
    RETURNS (tuple[int, int]): The number of bands and of rows in each: as many rows (few false
        candidates) and then as few bands (little memory) as leave 98.5 % of those pairs found.
    """
    for n_rows in range(N_PERMUTATIONS, 0, -1):
        for n_bands in range(1, N_PERMUTATIONS // n_rows + 1):
            if 1 - (1 - threshold**n_rows) ** n_bands >= RECALL:
                return n_bands, n_rows
    return N_PERMUTATIONS, 1
