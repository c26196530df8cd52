"""Finds payment card numbers: an issuer's range and length, and the Luhn check digit."""

import re
from collections.abc import Iterator

from .places import Place

RUN = re.compile(r"(?<![a-z0-9])\d+(?:[ .-]\d+)*(?![a-z0-9])", re.IGNORECASE)
GROUP = re.compile(r"\d+")
ISSUED = re.compile(
    r"4(?:\d{12}|\d{15}|\d{18})"  # Visa
    r"|(?:5[0-8]|2[2-7]|8[12]|97)\d{14}"  # Mastercard, Maestro, Mir, RuPay, Troy
    r"|3[47]\d{13}"  # American Express
    r"|3(?:0[0-5]|[689]\d)\d{11}"  # Diners Club
    r"|35\d{14,17}"  # JCB
    r"|6\d{15,18}"  # Discover, UnionPay, Maestro, RuPay
)
MIN_DIGITS, MAX_DIGITS = 13, 19


def find_cards(text: str) -> Iterator[Place]:
    """Yield where the card numbers of a text begin and end.

    An expiry date or a security code may stand directly behind, so every row of whole groups of
    digits is tried, the longest first.

    text (str): The folded text.
    YIELDS (tuple[int, int]): Start and end, in order.
    """
    for run in RUN.finditer(text):
        if run.end() - run.start() >= MIN_DIGITS:
            groups = [match.span() for match in GROUP.finditer(text, *run.span())]
            yield from cards_in(text, groups)


def cards_in(text: str, groups: list[Place]) -> Iterator[Place]:
    """Yield the cards among the groups of digits of one run."""
    first = 0
    while first < len(groups):
        last = card_end(text, groups, first)
        if last is not None:
            yield groups[first][0], groups[last][1]
        first = first + 1 if last is None else last + 1


def card_end(text: str, groups: list[Place], first: int) -> int | None:
    """Return the last group of the card that begins with a group; None if none does."""
    digits, found = "", None
    for last, (start, end) in enumerate(groups[first:], first):
        digits += text[start:end]
        if len(digits) > MAX_DIGITS:
            break
        if len(digits) >= MIN_DIGITS and is_card(digits):
            found = last
    return found


def is_card(digits: str) -> bool:
    """Say whether digits are the number of a payment card."""
    from stdnum import luhn

    return ISSUED.fullmatch(digits) is not None and luhn.is_valid(digits)
