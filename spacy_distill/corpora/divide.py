"""One corpus in two, by content: what is for choices and what is for the test, say."""

from array import array
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

from spacy.tokens import Doc

from ..attrs import doc_id
from ..duplicates import THRESHOLD
from ..errors import UserError
from ..io import atomic_path, check_corpus_place, count_docs, read_docs, write_docs
from ..ty import Track, untracked
from .groups import Groups
from .split import hash_fraction


def divide(
    path: Path | str,
    first_path: Path | str,
    second_path: Path | str,
    *,
    share: float,
    threshold: float = THRESHOLD,
    track: Track = untracked,
) -> tuple[int, int]:
    """Write the Docs of one corpus to two, near-duplicates together.

    A Doc's content decides where it goes, so added Docs move no older one, unless they join two
    groups of near-duplicates.

    path (Path | str): The corpus.
    first_path (Path | str): Gets about `share` of the Docs.
    second_path (Path | str): Gets the rest.
    share (float): Above 0.0 and below 1.0.
    threshold (float): The lowest similarity of near-duplicates.
    track (Track): Shows progress.
    RETURNS (tuple[int, int]): The numbers of Docs in both.
    RAISES (UserError): If the share is out of range, one of the two would be empty, or two of the
        three paths are one or lie in one another; nothing is written then.
    """
    if not 0.0 < share < 1.0:
        raise UserError(f"The share {share} must lie between 0.0 and 1.0.")
    _check_apart(path, first_path, second_path)
    for target in (first_path, second_path):
        check_corpus_place(target)
    groups, fractions = Groups(threshold), array("d")
    docs = track(read_docs(path), total=count_docs(path), desc=f"Split {path}")
    for doc in docs:
        groups.add(doc.text)
        fractions.append(hash_fraction(doc_id(doc)))
    goes_first = [fractions[groups.oldest(i)] < share for i in range(len(fractions))]
    n_first, n = sum(goes_first), len(goes_first)
    if not 0 < n_first < n:
        raise UserError(
            f"{path} has {n} Docs, of which {n_first} would go to {first_path} and {n - n_first} to "
            f"{second_path}: too few, or too alike, to be split with a share of {share}."
        )
    with atomic_path(first_path) as first, atomic_path(second_path) as second:
        write_docs(_chosen(path, goes_first, wanted=True), first)
        write_docs(_chosen(path, goes_first, wanted=False), second)
    return n_first, n - n_first


def _check_apart(*paths: Path | str) -> None:
    for one, other in combinations([Path(path).resolve() for path in paths], 2):
        if one == other or one in other.parents or other in one.parents:
            raise UserError(
                f"The corpus and its two parts need places of their own, but {one} and {other} are "
                f"one or lie in one another; name other folders."
            )


def _chosen(path: Path | str, goes_first: list[bool], *, wanted: bool) -> Iterator[Doc]:
    for doc, first in zip(read_docs(path), goes_first, strict=True):
        if first == wanted:
            yield doc
