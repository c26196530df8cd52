"""What earlier calls have used, as the endpoint reported it and the answer store kept it."""

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

from ..store.opening import open_store
from ..store.text import from_cell, to_cell
from ..store.transaction import explained
from .prices import token_counts
from .tokens import Measure

MAX_OBSERVED = 5_000  # answers: more would not make a forecast better
QUERY = """
SELECT key, text, usage FROM (
    SELECT key, sample, prompt_sha256, usage FROM answers
    WHERE model = ? AND params = ? AND status != 'failed' ORDER BY created DESC LIMIT ?
) JOIN prompts ON sha256 = prompt_sha256 ORDER BY key, sample
"""


class Observed(NamedTuple):
    """One call: the size of its prompt, in characters or as a tokenizer counts, and its tokens.

    completion_tokens (float): Tokens of one answer; the mean, where the call gave several.
    """

    size: int
    prompt_tokens: int
    completion_tokens: float


def observed_calls(
    path: Path, model: str, params: Mapping[str, Any], *, measure: Measure
) -> list[Observed]:
    """Read the latest calls to a model whose usage the answer store holds.

    path (Path): The answer store; need not exist.
    model (str): The model's name.
    params (Mapping[str, Any]): Its parameters: only answers to the same ones are alike.
    measure (Measure): Returns the size of a prompt.
    RETURNS (list[Observed]): The calls.
    """
    if not path.is_file():
        return []
    values = (to_cell(model), json.dumps(dict(params), sort_keys=True), MAX_OBSERVED)
    with explained(path), closing(open_store(path, read_only=True)) as connection:
        rows = connection.execute(QUERY, values)
        prompts = groupby(rows, key=first)
        return [call for _, answers in prompts for call in calls_of(answers, measure)]


def first(row: tuple[Any, ...]) -> Any:
    """Return the first cell of a row."""
    return row[0]


def calls_of(answers: Iterable[tuple[str, Any, str]], measure: Measure) -> Iterator[Observed]:
    """Put the answers to one prompt together by call: the usage stands with the first of each.

    answers (Iterable[tuple[str, Any, str]]): Key, prompt and usage of each answer, by sample number.
    measure (Measure): Returns the size of a prompt.
    YIELDS (Observed): The calls.
    """
    counts: list[tuple[int, int]] = []
    sizes: list[int] = []  # answers of each call
    text = ""
    for _, cell, usage in answers:
        text = from_cell(cell)
        found = token_counts(json.loads(usage))
        if found is not None:
            counts.append(found)
            sizes.append(1)
        elif sizes:
            sizes[-1] += 1
    size = measure(text) if counts else 0
    for (n_prompt, n_completion), n_answers in zip(counts, sizes, strict=True):
        yield Observed(size, n_prompt, n_completion / n_answers)
