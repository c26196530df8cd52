"""The JSON value in what an LLM wrote: as it stands, or mended where only one reading is possible.

Libraries for JSON repair always find something: of two objects they take the last, of a list that was
cut off what is left of it. That would be a wrong label, so here such an answer is malformed.
"""

import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

MAX_CHARS = 100_000
END_OF_THINKING = "</think>"
FENCE = re.compile(r"\s*```\w*\n?(?P<body>.*?)```\s*", re.DOTALL)
FLAT_OBJECT = re.compile(r"\{[^{}]*\}")
# Strings as they should be come first, so that nothing inside of them is taken for something else
MENDABLE = re.compile(
    r'"(?:[^"\\]|\\.)*"'
    r"|'(?P<single>(?:[^'\\\"]|\\.)*)'"
    r"|“(?P<curly>[^”\"\\]*)”"
    r"|(?P<comma>,)(?=\s*[}\]])"
    r"|\b(?P<key>[A-Za-z]+)(?=\s*:)"
)


class MalformedError(ValueError):
    """There is no JSON value in an answer, or no single one; the message says why."""


class Found(NamedTuple):
    """A JSON object in a text, where it begins and ends, and whether it was malformed."""

    value: Any
    start: int
    end: int
    is_mended: bool


def read_value(text: str) -> tuple[Any, list[str]]:
    """Read the one JSON value that an answer holds.

    text (str): The answer.
    RETURNS (tuple[Any, list[str]]): The value, and what had to be mended or overlooked. An answer
        without any object is returned as it is.
    RAISES (MalformedError): If it can't be mended, or holds several different objects.
    """
    if len(text) > MAX_CHARS:
        raise MalformedError(f"it has {len(text):,} characters")
    if is_json(text):
        return parse(text), []
    fence = FENCE.fullmatch(text)
    repairs = ["a Markdown fence"] if fence is not None else []
    body = text if fence is None else fence.group("body")
    if is_json(body):
        return parse(body), repairs
    _, thinking, body = body.rpartition(END_OF_THINKING)
    if thinking:
        repairs.append("thinking before the answer")
    if "{" not in body:
        return body.strip(), repairs
    return single_object(body, repairs), repairs


def single_object(text: str, repairs: list[str]) -> Any:
    """Return the one object in a text, and note what had to be mended or overlooked."""
    found = list(find_objects(text))
    if not found:
        raise MalformedError("it holds no JSON")
    if any(other.value != found[0].value for other in found):
        raise MalformedError("it holds several different JSON objects")
    if found[0].is_mended:
        repairs.append("malformed JSON")
    if text.strip() != text[found[0].start : found[0].end]:
        repairs.append("text around the JSON")
    return found[0].value


def is_json(text: str) -> bool:
    """Say whether a text is strict JSON and nothing else, in which no object has a key twice."""
    try:
        parse(text)
    except MalformedError:
        return False
    return True


def parse(text: str) -> Any:
    """Parse strict JSON, in which no object has a key twice.

    RAISES (MalformedError): If it is none.
    """
    try:
        return DECODER.decode(text)
    except (ValueError, RecursionError) as error:
        raise MalformedError("its JSON is malformed") from error


def unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Make the dict of an object, each key of which must be there once."""
    made = dict(pairs)
    if len(made) < len(pairs):
        raise MalformedError("an object has a key twice")
    return made


DECODER = json.JSONDecoder(object_pairs_hook=unique_keys)


def find_objects(text: str) -> Iterator[Found]:
    """Yield the objects in a text.

    RAISES (MalformedError): For one that can't be mended: a part of it must not pass for the answer.
    """
    place = text.find("{")
    while place >= 0:
        found = object_at(text, place)
        end = text.index("}", place) if found is None else found.end
        if found is not None:
            yield found
        place = text.find("{", end)


def object_at(text: str, place: int) -> Found | None:
    """Return the object that begins at a place; None for words in braces, which are prose."""
    try:
        value, end = DECODER.raw_decode(text, place)
        return Found(value, place, end, is_mended=False)
    except (ValueError, RecursionError):
        flat = FLAT_OBJECT.match(text, place)
    if flat is None:
        raise MalformedError("its JSON is cut off or malformed")
    if ":" not in flat.group():
        return None
    return Found(parse(MENDABLE.sub(mend, flat.group())), place, flat.end(), is_mended=True)


def mend(match: re.Match[str]) -> str:
    """Return a token as JSON has it: strings and keys in double quotes, no comma at the end."""
    kind = match.lastgroup
    if kind is None:
        return match.group()
    if kind == "comma":
        return ""
    return json.dumps(match.group(kind).replace("\\'", "'"), ensure_ascii=False)
