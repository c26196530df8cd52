"""How much a store holds: answers and tokens by model and by tag."""

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass

from .text import from_cell

# Token counts under the two names that servers give them
BY_MODEL = """
SELECT model, sum(status != 'failed'), sum(status = 'failed'),
    total(coalesce(json_extract(counts, '$.prompt_tokens'), json_extract(counts, '$.input_tokens'))),
    total(
        coalesce(json_extract(counts, '$.completion_tokens'), json_extract(counts, '$.output_tokens'))
    ),
    min(created), max(created)
FROM (SELECT *, CASE WHEN json_valid(usage) THEN usage ELSE '{}' END AS counts FROM answers) AS held
WHERE NOT EXISTS (
    SELECT 1 FROM json_each(?) AS wanted WHERE NOT EXISTS (
        SELECT 1 FROM json_each(held.tags) AS tag
        WHERE tag.key = wanted.key AND tag.value = wanted.value
    )
)
GROUP BY model ORDER BY model
"""
BY_TAG = """
SELECT model, held.key, held.value, sum(status != 'failed'), sum(status = 'failed')
FROM answers, json_each(answers.tags) AS held
GROUP BY model, held.key, held.value ORDER BY model, held.key, held.value
"""


@dataclass(frozen=True)
class ModelTotals:
    """What a store holds of one model.

    model (str): The model's name.
    answers (int): Answers; failed requests are not among them.
    failed (int): Requests whose last try has failed.
    prompt_tokens (int): Tokens of the prompts, as far as the server reports them.
    completion_tokens (int): Tokens of the answers, likewise.
    first, last (str): When the first and the last of these was added, in UTC.
    """

    model: str
    answers: int
    failed: int
    prompt_tokens: int
    completion_tokens: int
    first: str
    last: str


@dataclass(frozen=True)
class TagTotals:
    """How many answers and failures of one model have a tag."""

    model: str
    tag: str
    value: str
    answers: int
    failed: int


def model_totals(connection: sqlite3.Connection, tags: Mapping[str, str]) -> list[ModelTotals]:
    """Count answers and tokens by model.

    connection (sqlite3.Connection): The store.
    tags (Mapping[str, str]): Count only what has all these tags.
    RETURNS (list[ModelTotals]): By the model's name.
    """
    rows = connection.execute(BY_MODEL, (json.dumps(dict(tags)),))
    return [
        ModelTotals(from_cell(model), answers, failed, int(prompt), int(completion), first, last)
        for model, answers, failed, prompt, completion, first, last in rows
    ]


def tag_totals(connection: sqlite3.Connection) -> list[TagTotals]:
    """Count answers by model and tag.

    connection (sqlite3.Connection): The store.
    RETURNS (list[TagTotals]): By model, tag and value.
    """
    return [TagTotals(from_cell(model), *rest) for model, *rest in connection.execute(BY_TAG)]
