"""Which strings of a text are private: each finder in its turn, none twice at one place."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import NamedTuple

from .addresses import find_addresses
from .cards import find_cards
from .emails import find_emails
from .fold import fold
from .ibans import find_ibans
from .phones import find_phones
from .places import TAKEN, Place, without

KINDS = ("email", "iban", "card", "ip", "phone")  # the surest first: what it takes, the next lack
NAME = "name"


class Found(NamedTuple):
    """A private string of a text: where it begins and ends, and of which kind it is."""

    start: int
    end: int
    kind: str


def find_strings(
    text: str, kinds: Iterable[str], regions: Sequence[str], names: Iterable[Place] = ()
) -> list[Found]:
    """Find the private strings of a text, and wherever they are repeated in it.

    text (str): The text.
    kinds (Iterable[str]): Some of `KINDS`.
    regions (Sequence[str]): Countries whose national phone numbers are known.
    names (Iterable[tuple[int, int]]): Where names are.
    RETURNS (list[Found]): In order, without overlaps.
    """
    finders: dict[str, Callable[[str], Iterator[Place]]] = {
        "email": find_emails,
        "iban": find_ibans,
        "card": find_cards,
        "ip": find_addresses,
        "phone": partial(find_phones, regions=regions),
    }
    found: list[Found] = []
    rest = fold(text)
    for kind in KINDS:
        if kind in kinds:
            places = list(finders[kind](rest))
            rest = without(rest, places)
            found += [Found(start, end, kind) for start, end in places]
    found += [Found(a, b, NAME) for name in names for a, b in name_places(rest, *name)]
    rest = without(text, [(x.start, x.end) for x in found])
    found += repeated(rest, {text[x.start : x.end]: x.kind for x in found})
    return sorted(found)


def name_places(text: str, start: int, end: int) -> Iterator[Place]:
    """Yield the parts of a name that nothing else has taken; a line break ends one."""
    for match in re.finditer(rf"[^{TAKEN}\r\n\v\f\x85\u2028\u2029]+", text[start:end]):
        part = match.group()
        words = list(re.finditer(r"\w+", part))
        if any(char.isalpha() for char in part):
            offset = start + match.start()
            yield offset + words[0].start(), offset + words[-1].end()


def repeated(text: str, strings: dict[str, str]) -> Iterator[Found]:
    """Yield where strings that are known stand as whole words in the rest of a text."""
    if not strings:
        return
    longest_first = sorted(strings, key=len, reverse=True)
    known = "|".join(map(re.escape, longest_first))
    for match in re.finditer(rf"(?<!\w)(?:{known})(?!\w)", text):
        yield Found(match.start(), match.end(), strings[match.group()])
