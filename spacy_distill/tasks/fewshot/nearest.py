"""Which texts are alike: TF-IDF over runs of four characters within words, in numpy alone."""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

GRAM_SIZE = 4


@lru_cache(maxsize=20_000)
def word_grams(word: str) -> tuple[str, ...]:
    """Return the runs of four characters of a word with a space on either side."""
    padded = f" {word} "
    return tuple(padded[i : i + GRAM_SIZE] for i in range(max(len(padded) - GRAM_SIZE + 1, 1)))


def text_grams(text: str) -> list[str]:
    """Return the different runs of four characters in the words of a text, in order."""
    return list(dict.fromkeys(gram for word in text.split() for gram in word_grams(word)))


class TextIndex:
    """Tells how similar a text is to each of a fixed set.

    texts (Sequence[str]): The set, at least one text, normalised.

    The similarity is the cosine of the binary vectors of their runs, weighted by the logarithm of how
    rare a run is in the set. A text of 100 characters costs about 1 KB.
    """

    def __init__(self, texts: Sequence[str]) -> None:
        self._columns: dict[str, int] = {}
        per_text = [
            np.array([self._columns.setdefault(gram, len(self._columns)) for gram in grams], int)
            for grams in map(text_grams, texts)
        ]
        columns = np.concatenate(per_text)
        rows = np.repeat(np.arange(len(texts)), [len(found) for found in per_text])
        counts = np.bincount(columns, minlength=len(self._columns))
        self._idf = np.log((1 + len(texts)) / (1 + counts)) + 1
        norms = np.sqrt(np.bincount(rows, self._idf[columns] ** 2, minlength=len(texts)))
        order = np.argsort(columns, kind="stable")
        self._rows = rows[order].astype(np.int32)
        self._weights = (self._idf[columns] / norms[rows])[order].astype(np.float32)
        self._ends = np.cumsum(counts)
        self._n_texts = len(texts)

    def similarities(self, text: str) -> NDArray[np.float64]:
        """Compare a text to each of the set.

        text (str): The text, normalised.
        RETURNS (NDArray[np.float64]): Similarities from 0 to 1, shape (n_texts,), rounded to six
            places, so that machines which differ in the last bits rank alike.
        """
        known = [self._columns[gram] for gram in text_grams(text) if gram in self._columns]
        if not known:
            return np.zeros(self._n_texts)
        idf = self._idf[known]
        starts = np.append(0, self._ends)[known]
        slices = [slice(a, b) for a, b in zip(starts, self._ends[known], strict=True)]
        rows = np.concatenate([self._rows[part] for part in slices])
        weights = np.concatenate(
            [self._weights[part] * factor for part, factor in zip(slices, idf, strict=True)]
        )
        sums = np.bincount(rows, weights, minlength=self._n_texts)
        similarities: NDArray[np.float64] = np.round(sums / np.sqrt((idf**2).sum()), 6)
        return similarities
