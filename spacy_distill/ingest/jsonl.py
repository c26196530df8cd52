"""Rows of JSON Lines files: one object a line."""

import json
from collections.abc import Iterator
from pathlib import Path

from .rows import Problem, Reject, Row, encoding_problem, make_reject

INT_RANGE = range(-(2**63), 2**64)  # what can be stored with a Doc as a number


def read_jsonl(path: Path, max_chars: int) -> Iterator[Row | Reject]:
    """Stream the rows of a JSONL file.

    path (Path): The file: UTF-8, with or without a byte order mark.
    max_chars (int): Unused; a line of any length is read, and its text judged later.
    YIELDS (Row | Reject): One per line that is not blank.
    """
    with path.open(encoding="utf-8-sig", errors="surrogateescape") as file:
        for number, line in enumerate(file, start=1):
            if line.strip():
                yield parse_line(line, number)


def parse_line(line: str, number: int) -> Row | Reject:
    """Parse one line.

    line (str): The line.
    number (int): Its number, from 1.
    RETURNS (Row | Reject): The row; a reject if it is not UTF-8 or not a JSON object.
    """
    problem = encoding_problem(line)
    if problem is not None:
        return make_reject(number, line, problem)
    try:
        values = json.loads(line.rstrip("\n"), parse_int=_parse_int)
    except RecursionError:
        return make_reject(number, line, Problem("not JSON", "nested too deeply"))
    except ValueError as error:
        return make_reject(number, line, Problem("not JSON", str(error)))
    if not isinstance(values, dict):
        detail = f"expected an object, found {line.strip()[:40]}"
        return make_reject(number, line, Problem("not JSON", detail))
    return Row(number, values, line)


def _parse_int(digits: str) -> int | str:
    # Ids can have more digits than 64 bits hold, and more than Python converts: they stay text.
    if len(digits) > 20:
        return digits
    number = int(digits)
    return number if number in INT_RANGE else digits
