"""Finds IP addresses, versions 4 and 6; version numbers of software are none."""

import re
from collections.abc import Iterator
from ipaddress import IPv6Address

from .places import Place, without

OCTET = r"(?:25[0-5]|2[0-4]\d|[01]?\d?\d)"
V4 = re.compile(rf"(?<![a-z0-9.]){OCTET}(?:\.{OCTET}){{3}}(?![a-z0-9]|\.\d)", re.IGNORECASE)
V6 = re.compile(
    r"(?<![a-z0-9:.])[0-9a-f:]{1,39}:(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-f]{1,4}|)(?:%[a-z0-9_-]+)?"
    r"(?![a-z0-9]|\.\d)",
    re.IGNORECASE,
)
VERSION = re.compile(
    r"\b(?:v|ver|version|versión|versione|versão|firmware|build|release|rev|revision|driver)"
    r"[.:]?\s*$",
    re.IGNORECASE,
)


def find_addresses(text: str) -> Iterator[Place]:
    """Yield where the IP addresses of a text begin and end.

    text (str): The folded text.
    YIELDS (tuple[int, int]): Start and end, those of version 6 first.
    """
    if text.count(":") >= 2:
        found = [span for match in V6.finditer(text) if (span := v6_span(match)) is not None]
        yield from found
        text = without(text, found)
    for match in V4.finditer(text):
        if VERSION.search(text, max(match.start() - 12, 0), match.start()) is None:
            yield match.span()


def v6_span(match: re.Match[str]) -> Place | None:
    """Return the place of an address of version 6, without a colon behind it that ends a clause."""
    for candidate in (match.group(), match.group().removesuffix(":")):
        try:
            IPv6Address(candidate)
        except ValueError:
            continue
        if any(char.isdigit() for char in candidate):
            return match.start(), match.start() + len(candidate)
    return None
