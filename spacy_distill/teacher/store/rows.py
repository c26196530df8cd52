"""Answers as rows of the store and back."""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timezone
from typing import Any

from ...ty import Answer, Request, TokenLogprob
from .keys import AnswerKeys, prompt_sha256
from .text import from_cell, to_cell

Place = tuple[str, int]  # where an answer stands in the store: its key and its sample number
INSERT_PROMPT = "INSERT OR IGNORE INTO prompts VALUES (?, ?)"
# The first answer stays: labels may hang on it already. Only a failure gives way.
INSERT_ANSWER = """
INSERT INTO answers (key, sample, prompt_sha256, model, params, status, response, reason,
    finish_reason, usage, latency, created, tags, logprobs)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (key, sample) DO UPDATE SET
    status = excluded.status, response = excluded.response, reason = excluded.reason,
    finish_reason = excluded.finish_reason, usage = excluded.usage, latency = excluded.latency,
    created = excluded.created, tags = excluded.tags, logprobs = excluded.logprobs
WHERE answers.status = 'failed'
"""
SELECT = """
SELECT key, sample, status, response, reason, finish_reason, latency, usage, logprobs FROM answers
WHERE key IN (SELECT value FROM json_each(?))
"""
RECORDED = """
SELECT text, sample, response, model, params FROM answers JOIN prompts ON sha256 = prompt_sha256
WHERE status = 'answered' ORDER BY sha256, key, sample
"""


def insert(
    connection: sqlite3.Connection,
    answers: Sequence[Answer],
    model: str,
    params: Mapping[str, Any],
    *,
    tags: str,
) -> list[Place]:
    """Insert answers and their prompts, inside a transaction.

    connection (sqlite3.Connection): The store.
    answers (Sequence[Answer]): The answers and failures.
    model (str): The model's name.
    params (Mapping[str, Any]): Its parameters.
    tags (str): The tags of all of them, as JSON.
    RETURNS (list[Place]): Where each of them stands.
    """
    keys = AnswerKeys(model, params)
    model_cell = to_cell(model)
    created = datetime.now(timezone.utc).isoformat(timespec="milliseconds")
    prompts, rows, places = [], [], []
    for answer in answers:
        prompt = answer.request.prompt
        sha256 = prompt_sha256(prompt)
        place = (keys.key(prompt), answer.request.sample)
        prompts.append((sha256, to_cell(prompt)))
        places.append(place)
        rows.append(
            (
                *place,
                sha256,
                model_cell,
                keys.params,
                answer.status,
                to_cell(answer.response),
                to_cell(answer.reason),
                to_cell(answer.finish_reason),
                json.dumps(answer.usage),
                answer.latency,
                created,
                tags,
                json.dumps(answer.logprobs) if answer.logprobs else None,
            )
        )
    connection.executemany(INSERT_PROMPT, prompts)
    connection.executemany(INSERT_ANSWER, rows)
    return places


def select(
    connection: sqlite3.Connection, requests: Mapping[Place, Request]
) -> dict[Place, Answer]:
    """Return what the store holds of some requests, failures included.

    connection (sqlite3.Connection): The store.
    requests (Mapping[Place, Request]): The requests by their place.
    RETURNS (dict[Place, Answer]): The answers and failures by their place.
    """
    keys = json.dumps(sorted({key for key, _ in requests}))
    found: dict[Place, Answer] = {}
    for key, sample, status, response, reason, finish_reason, *rest in connection.execute(
        SELECT, (keys,)
    ):
        request = requests.get((key, sample))
        if request is not None:
            latency, usage, logprobs = rest
            found[key, sample] = Answer(
                request,
                from_cell(response),
                status,
                from_cell(reason),
                from_cell(finish_reason),
                latency,
                json.loads(usage),
                read_logprobs(logprobs),
            )
    return found


def answered(
    connection: sqlite3.Connection, requests: Mapping[Place, Request]
) -> dict[Place, Answer]:
    """Return the answers among what the store holds of some requests; failures are asked again."""
    found = select(connection, requests)
    return {place: answer for place, answer in found.items() if answer.status != "failed"}


def recorded(connection: sqlite3.Connection) -> Iterator[tuple[str, int, str, str]]:
    """Yield prompt, sample number, response and the model's name and parameters of each answer."""
    for text, sample, response, model, params in connection.execute(RECORDED):
        yield from_cell(text), sample, from_cell(response), f"{from_cell(model)} {params}"


def read_logprobs(text: str | None) -> tuple[TokenLogprob, ...]:
    """Read the log-probabilities of an answer's tokens from their JSON; none if there is none."""
    entries: Iterable[tuple[str, float, list[tuple[str, float]]]] = json.loads(text or "[]")
    return tuple(
        TokenLogprob(token, logprob, tuple((other, value) for other, value in top))
        for token, logprob, top in entries
    )
