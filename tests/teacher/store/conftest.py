"""Stores with a few answers of several models, runs and days."""

import sqlite3

import pytest

from spacy_distill.teacher.store.answers import AnswerStore
from spacy_distill.ty import Answer, Request, TokenLogprob

LOGPROBS = (
    TokenLogprob("ye", -0.1, (("ye", -0.1), ("no", -2.5))),
    TokenLogprob("\ud800s", -1.5, ()),
)
USAGE = {"prompt_tokens": 10, "completion_tokens": 2}


def fill(path, answers, model="m", params=None, **tags):
    """Add answers to a store; a text stands for an answer "yes" to it."""
    with AnswerStore(path, tags=tags) as store:
        store.add_all(
            [Answer(Request(a), "yes", usage=USAGE) if isinstance(a, str) else a for a in answers],
            model,
            params or {},
        )


def backdate(path, prompt, day):
    """Let the answer to a prompt have been added on another day."""
    connection = sqlite3.connect(path)
    connection.execute(
        "UPDATE answers SET created = ? WHERE prompt_sha256 = "
        "(SELECT sha256 FROM prompts WHERE text = ?)",
        (f"{day}T12:00:00.000+00:00", prompt),
    )
    connection.commit()
    connection.close()


@pytest.fixture
def path(tmp_path):
    """A store: three answers of model m in run a, one of n in run b, one refusal, one failure."""
    path = tmp_path / "answers.sqlite"
    fill(path, ["Is the cat grey?", "Is the dog brown?"], params={"temperature": 0.3}, run="a")
    special = Answer(
        Request("Ein Täßchen 👍\r\nTee?", 1), "ja", usage={"input_tokens": 7}, logprobs=LOGPROBS
    )
    fill(path, [special], params={"temperature": 0.3}, run="a", who='ä"\\')
    fill(path, ["Is the cat grey?"], model="n", run="b")
    fill(path, [Answer(Request("Bad"), None, "refused", "policy")], model="n", run="b")
    fill(path, [Answer(Request("Down"), None, "failed", "timeout")], model="n", run="b")
    return path
