"""Texts as sets of character shingles: what makes two texts near-duplicates, and by how much."""

import unicodedata
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .errors import UserError

Hashes = NDArray[np.uint32]

SHINGLE_SIZE = 5
MAX_HASHES = 512  # 2 KB a text; up to this many shingles the similarity is exact
SEED = 0
LAST_HASH = 2**32 - 1


def normalize_text(text: str) -> str:
    """Fold away what does not make two texts different.

    text (str): The text.
    RETURNS (str): The text in NFKC and folded case, with single spaces and without punctuation,
        unless nothing else is in it.
    """
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    bare = "".join(char for char in folded if not unicodedata.category(char).startswith("P"))
    return " ".join(bare.split()) or " ".join(folded.split())


def shingles(text: str) -> set[str]:
    """Return all runs of five characters of a normalised text; a shorter text is one shingle."""
    return {text[i : i + SHINGLE_SIZE] for i in range(max(1, len(text) - SHINGLE_SIZE + 1))}


@lru_cache(maxsize=8)
def sketch(text: str, n_permutations: int) -> tuple[Any, Hashes]:
    """Return what the index keeps of a text; remembered, as it is first searched, then added.

    text (str): The text, as it comes.
    n_permutations (int): The length of the MinHash.
    RETURNS (tuple[RMinHash, Hashes]): The MinHash, and up to 512 hashes of shingles, sorted.
    """
    rensa = import_rensa()
    tokens = list(shingles(normalize_text(text)))
    minhash = rensa.RMinHash(n_permutations, SEED)
    minhash.update(tokens)
    wide = np.array(rensa.RMinHash.hash_token_sets([tokens])[0], dtype=np.uint64)
    mixed = wide * np.uint64(0x9E3779B97F4A7C15)  # spreads what the low bits hold to the high ones
    return minhash, np.unique((mixed >> np.uint64(32)).astype(np.uint32))[:MAX_HASHES].copy()


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


def import_rensa() -> Any:
    """Import rensa, with an error that says how to get it."""
    try:
        import rensa
    except ImportError as error:
        raise UserError(
            'Near-duplicates need rensa: run pip install "spacy-distill[curate]".'
        ) from error
    return rensa
