"""The lines of receipts: answers, or the bytes of responses that nobody lived to read as answers."""

import json
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from ...ty import Answer, Request
from ..client.landed import read_landed
from .rows import read_logprobs

Status = Literal["answered", "refused", "truncated", "failed"]
CAUGHT = "caught"  # marks a line with bytes of a response
HEADER_LENGTH = 3


@dataclass(frozen=True)
class Noted:
    """What a file of receipts holds: answers of one model with one set of parameters and tags."""

    model: str
    params: dict[str, Any]
    tags: str
    answers: list[Answer]


def as_line(answer: Answer) -> list[Any]:
    """Return an answer as JSON-able values, in the order of its fields."""
    request = answer.request
    rest = (answer.status, answer.reason, answer.finish_reason, answer.latency, answer.usage)
    return [request.prompt, request.sample, answer.response, *rest, json.dumps(answer.logprobs)]


def as_answer(prompt: str, sample: int, response: str | None, status: Status, *rest: Any) -> Answer:
    """Return the answer of a line."""
    reason, finish_reason, latency, usage, logprobs = rest
    return Answer(
        Request(prompt, sample),
        response,
        status,
        reason,
        finish_reason,
        latency,
        usage,
        read_logprobs(logprobs),
    )


def read_receipts(path: Path) -> Noted | None:
    """Read the complete lines of a file of receipts.

    path (Path): The file.
    RETURNS (Noted | None): The answers; None if the file is gone or holds none.
    """
    try:
        rows = list(complete_rows(path))
    except FileNotFoundError:
        return None
    if not rows or len(rows[0]) != HEADER_LENGTH:
        return None
    model, params, tags = rows[0]
    answers = [as_answer(*row) for row in rows[1:] if not isinstance(row, dict)]
    caught = [row[CAUGHT] for row in rows[1:] if isinstance(row, dict)]
    return Noted(model, params, tags, [*answers, *read_caught(caught)])


def read_caught(rows: Sequence[Sequence[Any]]) -> Iterator[Answer]:
    """Read the responses whose bytes were written down piece by piece.

    rows (Sequence[Sequence[Any]]): For each piece the call's number, what was asked if it is the
        first, and the bytes as Latin-1. A number may be given again to a later call.
    YIELDS (Answer): The answers in those that are complete.
    """
    begun: dict[int, tuple[list[Request], list[str]]] = {}
    for number, asked, piece in rows:
        if asked is not None:
            yield from read_pieces(*begun.pop(number, ([], [])))
            begun[number] = ([Request(*one) for one in asked], [])
        if number in begun:
            begun[number][1].append(piece)
    for requests, pieces in begun.values():
        yield from read_pieces(requests, pieces)


def read_pieces(requests: Sequence[Request], pieces: Sequence[str]) -> list[Answer]:
    """Read the answers in the pieces of one response."""
    return read_landed("".join(pieces).encode("latin-1"), requests)


def complete_rows(path: Path) -> Iterator[Any]:
    """Yield the rows of a file of receipts."""
    with path.open("rb") as file:
        for line in file:
            with suppress(ValueError):  # cut off by a kill or a full disk
                yield json.loads(line)
