"""Placeholders such as `[EMAIL_1]`: given out for a text, and found again in an answer about it."""

import re
from collections import Counter
from collections.abc import Iterable
from typing import NoReturn

from .strings import KINDS, NAME

NAMES = "|".join(kind.upper() for kind in (*KINDS, NAME))
PLURAL = r"(?P<s{0}>['’]?s)?"
FORMS = (
    rf"\[ ?(?P<kind0>{NAMES})[_ -]?(?P<n0>\d{{1,6}}){PLURAL.format(0)} ?\]",
    rf"\\\[(?P<kind1>{NAMES})\\?_(?P<n1>\d{{1,6}}){PLURAL.format(1)}\\\]",  # Markdown's escapes
    rf"(?<![a-z0-9_])(?P<kind2>{NAMES})\\?_(?P<n2>\d{{1,6}}){PLURAL.format(2)}(?![a-z0-9_])",
)
WRITTEN = re.compile("|".join(FORMS), re.IGNORECASE | re.ASCII)
ALIKE = re.compile(rf"(?:\[ ?({NAMES})[_ -]?|({NAMES})\\?_)(\d{{1,6}})", re.IGNORECASE | re.ASCII)

Placeholder = tuple[str, int]


class Placeholders:
    """The placeholders of one text: the same for the same string, none that the text itself holds.

    text (str): The text.

    The map from placeholder to string is in memory only: it cannot be pickled.
    """

    def __init__(self, text: str) -> None:
        self._strings: dict[Placeholder, str] = {}
        self._given: dict[tuple[str, str], Placeholder] = {}
        self._last: Counter[str] = Counter()
        self._held = held_placeholders(text)

    def __reduce__(self) -> NoReturn:
        raise TypeError("What was masked stays in memory: it can't be pickled or copied.")

    def give(self, string: str, kind: str) -> str:
        """Return the placeholder of a string as it is written in the masked text."""
        if (string, kind) not in self._given:
            n = self._last[kind] + 1
            while (kind, n) in self._held:
                n += 1
            self._last[kind] = n
            self._given[string, kind] = (kind, n)
            self._strings[kind, n] = string
        kind, n = self._given[string, kind]
        return f"[{kind.upper()}_{n}]"

    def restore(self, text: str) -> str:
        """Put the strings back into a text; a placeholder that was never given out stays."""
        return WRITTEN.sub(self._restore_one, text) if self._strings else text

    def kinds(self) -> Iterable[str]:
        """Return the kind of each string, each string once."""
        return (kind for kind, _ in self._strings)

    def _restore_one(self, match: re.Match[str]) -> str:
        kind, n, plural = (
            match[f"{part}0"] or match[f"{part}1"] or match[f"{part}2"]
            for part in ("kind", "n", "s")
        )
        string = self._strings.get((kind.lower(), int(n)))
        return match.group() if string is None else string + (plural or "")


def held_placeholders(text: str) -> set[Placeholder]:
    """Return the placeholders that a text holds, or could when it is cut anywhere."""
    return {
        ((match[1] or match[2]).lower(), int(match[3][:n]))
        for match in ALIKE.finditer(text)
        for n in range(1, len(match[3]) + 1)
    }
