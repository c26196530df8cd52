"""Keep secrets out of the answer store, the Docs and the reports."""

import os
import re
from typing import Any

SECRET_NAME = re.compile(
    r"(api|access|private|secret|auth)_?key|\btoken\b|_token\b|secret|password|authorization|headers",
    re.IGNORECASE,
)
ENVIRONMENT_NAME = re.compile(r"KEY|TOKEN|SECRET|PASSWORD", re.IGNORECASE)
SECRET_VALUE = re.compile(r"\b(sk|pk|Bearer)[-_ ][\w\-.]{8,}|://[^/@\s]+:[^/@\s]+@")
MIN_LENGTH = 8  # shorter values would redact half of any text


def without_secrets(params: Any) -> Any:
    """Return a model's parameters without what only opens the door.

    params (Any): The settings of a model block; nested ones are searched as well.
    RETURNS (Any): The same without entries that are named like keys, tokens or passwords; a key does
        not change an answer, and a new one must not make all answers unknown.
    """
    if isinstance(params, dict):
        return {
            key: without_secrets(value)
            for key, value in params.items()
            if not SECRET_NAME.search(str(key))
        }
    if isinstance(params, list):
        return [without_secrets(value) for value in params]
    return SECRET_VALUE.sub("***", params) if isinstance(params, str) else params


def redacted(text: str) -> str:
    """Return a text without secrets: values of the environment's, and what looks like a key."""
    for name, value in os.environ.items():
        if ENVIRONMENT_NAME.search(name) and len(value) >= MIN_LENGTH:
            text = text.replace(value, f"${name}")
    return SECRET_VALUE.sub("***", text)
