"""Finds phone numbers: those that their country issues, and others that a text calls so."""

import re
from collections.abc import Callable, Iterator, Sequence
from functools import partial

from .places import Place, without

# A reference that may look like a national number; what links it to its number may stand between.
REFERENCE = (
    r"(?:order|ticket|invoice|(?<!in )case|serial|tracking|parcel|shipment|ref(?:erence)?|rma|customer"
    r"|account|article|item|model|booking|transaction|contract|policy|sku|isbn|ean|imei"
    r"|bestell\w*|auftr\w*|rechnung\w*|kunden\w*|sendung\w*|vertrag\w*|artikel\w*|serien\w*"
    r"|commande|facture|dossier|colis|pedido|factura|referencia|ordine|fattura|bestelling|factuur)"
)
LINK = (
    r"(?:[\s#:.,'()=-]"
    r"|\b(?:numbers?|num|no|nr|nummer|numero|número|numéro|id|code|is|was|ist|on|at|under|n°|nº)\b)"
)
NO_PHONE = re.compile(rf"\b{REFERENCE}{LINK}{{0,12}}$|[#€$£¥]\s?$", re.IGNORECASE)
NUMBER = r"(?:\+|\()?\d(?:[ ()/.-]{0,3}\d){5,14}(?!\d)"
DEVICE = (
    r"(?:(?:tele|smart|cell)?phone|tel|mobile|cell|fax|whats\s?app|telegram|sms|telefon\w*|handy\w*"
    r"|mobilnummer|rufnummer|téléphone|portable|teléfono|móvil|telefono|cellulare|telefone|celular"
    r"|telefoon\w*)"
)
WISH = (
    r"(?:(?:my|our|his|her|their|contact|direct|landline)\snumber"
    r"|(?:call|ring|text|dial|reach|phone|contact)\s(?:me|us|him|her|them)"
    r"|reached|reachable|call(?:ed)?\sback|erreichbar|erreichen|(?:rufen|ruf|rufe)\s\w+|meine\snummer"
    r"|appele[rz]|joindre|llám\w+|llam\w+|chiam\w+|ligue)"
)
SAID = re.compile(
    rf"\b(?:{DEVICE}\b{LINK}{{0,8}}|{WISH}\b[^\d\n!?;+(]{{0,60}})({NUMBER})"
    rf"|(?<![\w.,-])({NUMBER})\s(?:reaches|is my\s(?:phone|mobile|cell|number)|ist meine)\b",
    re.IGNORECASE,
)
DATE = re.compile(r"\d{1,4}([./-])\d{1,2}\1\d{2,4}(?![./-]?\d)")
AMOUNT = re.compile(r"\d{1,3}(?:[., ]\d{3})+(?:[.,]\d\d)?(?!\d)\s?(?:[€$£¥%]|eur|usd|gbp)", re.I)
MIN_DIGITS = 7


def find_phones(text: str, regions: Sequence[str]) -> Iterator[Place]:
    """Yield where the phone numbers of a text begin and end.

    text (str): The folded text.
    regions (Sequence[str]): Countries whose national numbers are known; international ones always.
    YIELDS (tuple[int, int]): Start and end; they do not overlap.
    """
    finders: list[Callable[[str], Iterator[Place]]] = [
        *(partial(issued, region=region) for region in regions or (None,)),
        said,
    ]
    for find in finders:
        found = [without_bracket(text, *place) for place in find(text)]
        yield from found
        text = without(text, found)


def issued(text: str, region: str | None) -> Iterator[Place]:
    """Yield the numbers that a country issues, but for what the text calls e.g. an order number."""
    from phonenumbers import Leniency, PhoneNumberMatcher

    for match in PhoneNumberMatcher(text, region, Leniency.VALID, len(text)):
        if match.raw_string.lstrip("(").startswith("+") or not is_reference(text, match.start):
            yield match.start, match.end


def said(text: str) -> Iterator[Place]:
    """Yield what the text calls a phone number, also a local one without an area code."""
    for match in SAID.finditer(text):
        start, end = match.span(1 if match[1] else 2)
        if is_number(text, start, end) and not is_reference(text, start):
            yield start, end


def without_bracket(text: str, start: int, end: int) -> Place:
    """Leave out the bracket before a number that stands in brackets as a whole."""
    number = text[start:end]
    return (start + 1 if number[0] == "(" and number.count("(") > number.count(")") else start), end


def is_reference(text: str, start: int) -> bool:
    """Say whether the text calls the number that begins at a place e.g. the number of an order."""
    return NO_PHONE.search(text[max(start - 40, 0) : start]) is not None


def is_number(text: str, start: int, end: int) -> bool:
    """Say whether digits are long enough for a phone number, and neither a date nor an amount."""
    n_digits = sum(char.isdigit() for char in text[start:end])
    dated = DATE.match(text, start, end) is not None
    return n_digits >= MIN_DIGITS and not dated and AMOUNT.match(text, start, end + 4) is None
