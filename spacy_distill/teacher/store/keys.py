"""Under which key an answer is kept."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from .text import text_bytes


def prompt_sha256(prompt: str) -> str:
    """Return the SHA-256 of a prompt's UTF-8 bytes as 64 hexadecimal digits."""
    return hashlib.sha256(text_bytes(prompt)).hexdigest()


def answer_key(prompt: str, model: str, params: Mapping[str, Any]) -> str:
    """Return the key of an answer: everything that it depends on but the sample number.

    prompt (str): The rendered prompt.
    model (str): The model's name.
    params (Mapping[str, Any]): Every parameter that changes an answer; JSON-able.
    RETURNS (str): 64 hexadecimal digits; independent of the order of the parameters.
    """
    return AnswerKeys(model, params).key(prompt)


class AnswerKeys:
    """The keys of one model's answers; what they share is written out once.

    model (str): The model's name.
    params (Mapping[str, Any]): Every parameter that changes an answer; JSON-able.
    """

    def __init__(self, model: str, params: Mapping[str, Any]) -> None:
        self.params = json.dumps(dict(params), sort_keys=True)
        self._rest = f", {json.dumps(model)}, {self.params}]"

    def key(self, prompt: str) -> str:
        """Return the key of the answers to a prompt: a hash of the three as one JSON list."""
        return hashlib.sha256(f"[{json.dumps(prompt)}{self._rest}".encode("ascii")).hexdigest()
