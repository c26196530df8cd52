"""Examples picked for each text: gold texts that are alike, of different labels."""

from collections import Counter
from collections.abc import Iterable, Sequence, Set
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from spacy.tokens import Doc

from ...attrs import content_id, doc_id
from ...duplicates import NearDuplicates
from ...errors import UserError
from ...shingles import normalize_text
from .nearest import TextIndex
from .pool import GoldText, read_pool
from .ty import Picked, TextMask

WINDOW = 10  # labels are chosen among so many times the examples wanted
SAME_TEXT = 0.8


class SimilarExamples:
    """Picks examples from a gold pool for each text.

    path (Path): The pool; read at the first pick, not at construction.
    n_examples (int): The most examples that a prompt shows.
    per_label (int): How many of them have the same label, as long as there are others.
    """

    def __init__(self, path: Path, *, n_examples: int, per_label: int) -> None:
        self.path = path
        self.n_examples = n_examples
        self.per_label = per_label
        self._mask: TextMask | None = None
        self._indexed: IndexedPool | None = None

    @property
    def indexed(self) -> "IndexedPool":
        """The pool."""
        if self._indexed is None:
            self._indexed = IndexedPool(read_pool(self.path, self._mask))
        return self._indexed

    def mask_texts(self, mask: TextMask) -> None:
        """Show masked texts from now on; the Docs to pick for are masked as well."""
        self._mask = mask
        self._indexed = None

    def pick(self, doc: Doc, whole: Doc | None = None) -> list[Picked]:
        """Pick the examples for a Doc.

        doc (Doc): The Doc, or a shard.
        whole (Doc | None): The Doc that it is a shard of, if it is one.
        RETURNS (list[Picked]): The most similar text last. Texts that are the Doc's own, or nearly,
            are not among them.
        """
        own = self.indexed.own_texts(doc)
        if whole is not None and whole is not doc:
            own |= self.indexed.own_texts(whole)
        near = self.indexed.nearest(doc.text, WINDOW * self.n_examples, without=own)
        chosen = diverse([gold.labels for gold in near], self.n_examples, self.per_label)
        return [Picked(near[place].text, near[place].labels) for place in reversed(chosen)]


class IndexedPool:
    """A gold pool that finds the texts most like another.

    pool (Sequence[GoldText]): The pool.
    """

    def __init__(self, pool: Sequence[GoldText]) -> None:
        self._pool = pool
        self._index = TextIndex([gold.folded for gold in pool])
        self._same: NearDuplicates[int] = NearDuplicates(SAME_TEXT)
        self._by_id: dict[str, int] = {}
        for number, gold in enumerate(pool):
            self._same.add(number, gold.text)
            self._by_id.update(dict.fromkeys(gold.ids, number))

    def own_texts(self, doc: Doc) -> set[int]:
        """Return which texts are those of a Doc: by its content id, or nearly the same."""
        same = {number for number, _ in self._same.matches(doc.text)}
        ids = (doc_id(doc), content_id(doc.text))
        return same | {self._by_id[known] for known in ids if known in self._by_id}

    def nearest(self, text: str, n: int, *, without: Set[int]) -> list[GoldText]:
        """Return the n texts most like another, the most similar first, without some."""
        scores = self._index.similarities(normalize_text(text))
        order = (number for number in best(scores, n + len(without)) if number not in without)
        return [self._pool[number] for number in islice(order, n)]


def best(scores: NDArray[np.float64], n: int) -> list[int]:
    """Return the places of at least n highest scores, in order; the first one among equals."""
    if n >= len(scores):
        places = np.arange(len(scores))
    else:
        places = np.flatnonzero(scores >= np.partition(scores, -n)[-n])
    ranked: list[int] = places[np.argsort(-scores[places], kind="stable")].tolist()
    return ranked


def diverse(labels: Iterable[Sequence[str]], n: int, per_label: int) -> list[int]:
    """Choose among ranked texts so that labels take turns.

    labels (Iterable[Sequence[str]]): The labels of each text, the best text first.
    n (int): How many to choose.
    per_label (int): How many texts of a label are taken before those of others have had their turn.
    RETURNS (list[int]): The places of the chosen texts, in order.
    """
    n_before: Counter[str] = Counter()
    turns = []
    for place, names in enumerate(labels):
        names = names or ("",)
        turns.append((max(n_before[name] for name in names) // per_label, place))
        n_before.update(names)
    return sorted(place for _, place in sorted(turns)[:n])


def create_similar_examples(path: str, n_examples: int = 8, per_label: int = 2) -> SimilarExamples:
    """Create a picker of few-shot examples, for a task's `examples`.

    path (str): A corpus that `ingest --gold` has written, or a `.jsonl` file with `text` and `label`
        or `labels`; read at the first prompt.
    n_examples (int): The most examples in a prompt, at least 1.
    per_label (int): How many of them have the same label, as long as similar texts of other labels
        are left, at least 1.
    RETURNS (SimilarExamples): The picker.
    RAISES (UserError): If a number is below 1.
    """
    if n_examples < 1 or per_label < 1:
        raise UserError(
            f"n_examples = {n_examples}, per_label = {per_label}: both must be at least 1."
        )
    return SimilarExamples(Path(path), n_examples=n_examples, per_label=per_label)
