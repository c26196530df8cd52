"""Finds IBANs: the country's own structure and the check digits must hold."""

import re
from collections.abc import Iterator

from .places import Place

START = re.compile(r"(?:(?<=iban)|(?<![a-z0-9]))[a-z]{2}\d\d(?=[ .-]?[a-z0-9])", re.IGNORECASE)
RUN = re.compile(r"[a-z0-9]+(?:[ .-][a-z0-9]+)*", re.IGNORECASE)
WORD = re.compile(r"[a-z0-9]+", re.IGNORECASE)
MIN_LENGTH, MAX_LENGTH = 15, 34


def find_ibans(text: str) -> Iterator[Place]:
    """Yield where the IBANs of a text begin and end.

    text (str): The folded text.
    YIELDS (tuple[int, int]): Start and end, in order.
    """
    start = 0
    while (match := START.search(text, start)) is not None:
        end = iban_end(text, match.start())
        if end is not None:
            yield match.start(), end
        start = end or match.end()


def iban_end(text: str, start: int) -> int | None:
    """Return where the IBAN ends that begins at a place; None if none does.

    The words behind it may look like more of it, so every row of whole words is tried.
    """
    from stdnum import iban

    run = RUN.match(text, start, start + 2 * MAX_LENGTH + 1)
    written, found = "", None
    for word in WORD.finditer(text, start, run.end() if run is not None else start):
        written += word.group()
        if len(written) > MAX_LENGTH:
            break
        if len(written) >= MIN_LENGTH and iban.is_valid(written, check_country=False):
            found = word.end()
    return found
