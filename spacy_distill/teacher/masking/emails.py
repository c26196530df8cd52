"""Finds e-mail addresses."""

import re
from collections.abc import Iterator

from .places import Place

LOCAL = r"""(?:(?<!\w)\w(?:[\w.+%'&-]{0,62}[\w+-])?|"[^"\s]{1,62}")"""
LABEL = r"[^\W_](?:[\w-]{0,61}[^\W_])?"
TOP = r"(?:xn--[a-z0-9-]{2,59}|[a-z]{2,24}|[^\W\d_a-z]{2,63})"
EMAIL = re.compile(rf"{LOCAL}@(?:{LABEL}\.){{1,8}}{TOP}", re.IGNORECASE)


def find_emails(text: str) -> Iterator[Place]:
    """Yield where the e-mail addresses of a text begin and end.

    text (str): The folded text.
    YIELDS (tuple[int, int]): Start and end, in order.
    """
    if "@" in text:
        for match in EMAIL.finditer(text):
            yield match.span()
