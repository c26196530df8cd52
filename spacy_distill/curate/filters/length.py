"""A filter on the length of a text."""

from collections.abc import Callable
from functools import partial

from spacy.tokens import Doc

from ...attrs import VerdictRecord
from ...errors import UserError


def create_length_filter(
    min_chars: int, max_chars: int, min_words: int
) -> Callable[[Doc], VerdictRecord]:
    """Create a filter that drops texts which are too short or too long to learn from.

    min_chars (int): The fewest characters that are kept, without white space at the ends.
    max_chars (int): The most characters that are kept.
    min_words (int): The fewest words that are kept; words are what white space separates.
    RETURNS (Callable[[Doc], VerdictRecord]): The filter; its score is the length that decided.
    RAISES (UserError): If no length can pass.
    """
    if min_chars > max_chars:
        raise UserError(f"min_chars = {min_chars} is above max_chars = {max_chars}: nothing fits.")
    return partial(judge_length, min_chars=min_chars, max_chars=max_chars, min_words=min_words)


def judge_length(doc: Doc, *, min_chars: int, max_chars: int, min_words: int) -> VerdictRecord:
    """Judge a Doc by the characters and words of its text."""
    text = doc.text.strip()
    n_chars, n_words = len(text), len(text.split())
    keep, score, threshold, evidence = True, n_chars, min_chars, f"{n_chars} characters"
    if n_chars < min_chars:
        keep, evidence = False, f"{n_chars} characters, fewer than {min_chars}"
    elif n_chars > max_chars:
        keep, threshold, evidence = False, max_chars, f"{n_chars} characters, over {max_chars}"
    elif n_words < min_words:
        keep, score, threshold = False, n_words, min_words
        evidence = f"{n_words} words, fewer than {min_words}"
    return VerdictRecord(
        filter="length",
        keep=keep,
        score=float(score),
        threshold=float(threshold),
        evidence=evidence,
    )
