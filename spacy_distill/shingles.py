"""Texts as sets of character shingles: what makes two texts near-duplicates, and by how much."""

import unicodedata
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Hashes = NDArray[np.uint32]
Wide = NDArray[np.uint64]

SHINGLE_SIZE = 5
MAX_HASHES = 512  # 2 KB a text; up to this many shingles the similarity is exact
LAST_HASH = 2**32 - 1
CHUNK = 4_096  # shingles that are permuted together, for bounded memory


class Letters(dict[int, int | None]):
    """A table for `str.translate` that drops punctuation, filled as characters are met."""

    def __missing__(self, code: int) -> int | None:
        self[code] = None if unicodedata.category(chr(code)).startswith("P") else code
        return self[code]


LETTERS = Letters()


def normalize_text(text: str) -> str:
    """Fold away what does not make two texts different.

    text (str): The text.
    RETURNS (str): The text in NFKC and folded case, with single spaces and without punctuation,
        unless nothing else is in it.
    """
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return " ".join(folded.translate(LETTERS).split()) or " ".join(folded.split())


def mix(numbers: Wide) -> Wide:
    """Spread numbers over all 64 bits, each to another one: the finaliser of SplitMix64."""
    numbers = (numbers ^ (numbers >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    numbers = (numbers ^ (numbers >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed: Wide = numbers ^ (numbers >> np.uint64(31))
    return mixed


def upper_half(numbers: Wide) -> Hashes:
    """Return the upper 32 bits of numbers."""
    upper: Hashes = (numbers >> np.uint64(32)).astype(np.uint32)
    return upper


@lru_cache(maxsize=8)
def factors(n: int, salt: int) -> Wide:
    """Return n odd numbers that look random and are the same everywhere; shape (n,)."""
    odd: Wide = mix(np.arange(n, dtype=np.uint64) + np.uint64(salt)) | np.uint64(1)
    return odd


def hash_shingles(text: str) -> Hashes:
    """Hash all runs of five characters of a normalised text; a shorter text is one shingle.

    text (str): The normalised text.
    RETURNS (NDArray[np.uint32]): The different hashes, sorted, shape (n,), n >= 1.
    """
    padded = text.ljust(SHINGLE_SIZE, "\0").encode("utf-32-le", "surrogatepass")
    codes = np.frombuffer(padded, dtype="<u4").astype(np.uint64)
    sums = np.convolve(codes, factors(SHINGLE_SIZE, 1), "valid")
    hashes = upper_half(mix(sums))
    hashes.sort()
    different: Hashes = hashes[np.append(True, hashes[1:] != hashes[:-1])]
    return different


def hash_bands(hashes: Hashes, n_bands: int, n_rows: int) -> Hashes:
    """Hash a set so that similar sets share some of the hashes: MinHash in bands.

    hashes (NDArray[np.uint32]): The set.
    n_bands (int): The number of bands.
    n_rows (int): The number of minima that must agree in a band; sets of similarity s do so with
        probability s ** n_rows.
    RETURNS (NDArray[np.uint32]): One hash per band, shape (n_bands,).
    """
    size = n_bands * n_rows
    minima = np.full(size, 2**64 - 1, dtype=np.uint64)
    for start in range(0, len(hashes), CHUNK):
        column = hashes[start : start + CHUNK, np.newaxis].astype(np.uint64)
        np.minimum(minima, (column * factors(size, 1_000)).min(axis=0), out=minima)
    sums = minima.reshape(n_bands, n_rows) @ factors(n_rows, 2_000)
    return upper_half(mix(sums))


@lru_cache(maxsize=8)
def sketch(text: str, n_bands: int, n_rows: int) -> tuple[Hashes, Hashes]:
    """Return what the index keeps of a text; remembered, as it is first searched, then added.

    text (str): The text, as it comes.
    n_bands, n_rows (int): As for `hash_bands`.
    RETURNS (tuple[Hashes, Hashes]): The hashes of its bands, shape (n_bands,), and up to 512 hashes
        of its shingles, sorted.
    """
    hashes = hash_shingles(normalize_text(text))
    return hash_bands(hashes, n_bands, n_rows), hashes[:MAX_HASHES].copy()


def jaccard(hashes: Hashes, others: list[Hashes]) -> NDArray[np.float64]:
    """Return the Jaccard similarities of one sorted set of hashes to several others.

    A set cut off at 512 hashes is complete up to its last one, so each pair is compared up to
    where both are complete.

    hashes (Hashes): The set, shape (n,), n >= 1.
    others (list[Hashes]): The other sets, at least one, each of shape (m,), m >= 1.
    RETURNS (NDArray[np.float64]): The similarities, shape (len(others),).
    """
    lengths = np.array([len(other) for other in others])
    complete = np.array([_complete_to(other) for other in others], dtype=np.uint32)
    ends = np.minimum(complete, np.uint32(_complete_to(hashes)))
    flat = np.concatenate(others)
    starts = np.cumsum(lengths) - lengths
    valid = flat <= np.repeat(ends, lengths)
    places = np.minimum(np.searchsorted(hashes, flat), len(hashes) - 1)
    shared = np.add.reduceat((valid & (hashes[places] == flat)).astype(np.int64), starts)
    own = np.searchsorted(hashes, ends, side="right")
    theirs = np.add.reduceat(valid.astype(np.int64), starts)
    similarities: NDArray[np.float64] = shared / (own + theirs - shared)
    return similarities


def _complete_to(hashes: Hashes) -> int:
    return int(hashes[-1]) if len(hashes) == MAX_HASHES else LAST_HASH
