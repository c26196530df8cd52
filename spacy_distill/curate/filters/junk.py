"""A filter on texts that say nothing about the task: placeholders, logs, automatic replies, …"""

from collections.abc import Callable
from functools import partial

from spacy.tokens import Doc

from ...attrs import VerdictRecord
from ...shingles import normalize_text
from .junk_signs import SIGNS, ends_open, letter_share


def create_junk_filter(
    min_letters: float, placeholders: list[str], cut_off_words: list[str]
) -> Callable[[Doc], VerdictRecord]:
    """Create a filter that drops texts without content.

    min_letters (float): The lowest share of letters among the characters that are not white space.
    placeholders (list[str]): Texts that stand where nothing was written, such as "n/a"; case and
        punctuation don't matter.
    cut_off_words (list[str]): Words that can't end a sentence in the language of the texts. A text
        with one of them at its very end was cut off.
    RETURNS (Callable[[Doc], VerdictRecord]): The filter; its score is the number of signs of junk,
        of which one is enough, and its evidence their names.
    """
    return partial(
        judge_junk,
        min_letters=min_letters,
        placeholders=frozenset(normalize_text(text) for text in placeholders),
        cut_off_words=frozenset(word.casefold() for word in cut_off_words),
    )


def judge_junk(
    doc: Doc, *, min_letters: float, placeholders: frozenset[str], cut_off_words: frozenset[str]
) -> VerdictRecord:
    """Judge a Doc by the signs of junk in its text."""
    text = doc.text
    found = [name for name, is_junk in SIGNS.items() if is_junk(text)]
    share = letter_share(text)
    if share < min_letters:
        found.append(f"few letters ({share:.0%})")
    if normalize_text(text) in placeholders:
        found.append("placeholder")
    if ends_open(text, cut_off_words):
        found.append(f"cut off after {text.split()[-1]!r}")
    return VerdictRecord(
        filter="junk",
        keep=not found,
        score=float(len(found)),
        threshold=1.0,
        evidence="; ".join(found),
    )
