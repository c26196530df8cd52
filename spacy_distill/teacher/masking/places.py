"""Places in a text, and a text in which some are taken."""

from collections.abc import Iterable

TAKEN = "\ufffc"

Place = tuple[int, int]


def without(text: str, places: Iterable[Place]) -> str:
    """Return a text of the same length in which nobody finds anything at some places.

    text (str): The text.
    places (Iterable[tuple[int, int]]): Start and end of each; they do not overlap.
    RETURNS (str): The text with `TAKEN` in their place.
    """
    pieces, last = [], 0
    for start, end in sorted(places):
        pieces += [text[last:start], TAKEN * (end - start)]
        last = end
    return "".join([*pieces, text[last:]])
