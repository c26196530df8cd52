"""Characters that mean the same made equal, each for one, so that offsets stay."""

from unicodedata import decimal, normalize

DASHES = frozenset("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u00ad\ufe58\ufe63\uff0d")


class Folding(dict[int, int]):
    """A table for `str.translate` that fills itself: digits, dashes, spaces and full-width forms."""

    def __missing__(self, code: int) -> int:
        self[code] = folded = ord(fold_char(chr(code)))
        return folded


FOLDING = Folding()


def fold(text: str) -> str:
    """Return a text of the same length in which e.g. Arabic digits are `0` to `9`.

    text (str): Any text.
    RETURNS (str): The text to search; offsets are those of the given one.
    """
    return text if text.isascii() else text.translate(FOLDING)


def fold_char(char: str) -> str:
    """Return what one character stands for, if that is one character as well."""
    if char in DASHES:
        return "-"
    digit = decimal(char, None)
    if digit is not None:
        return str(digit)
    plain = normalize("NFKC", char)
    return plain if len(plain) == 1 else char
