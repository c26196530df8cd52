"""Keep secrets out of the answer store, the Docs and the reports."""

import os
import re
from typing import Any

from .errors import UserError

SECRET_NAME = re.compile(
    r"(api|access|private|secret|auth)_?key|\btoken\b|_token\b|secret|password|authorization|headers",
    re.IGNORECASE,
)
ENVIRONMENT_NAME = re.compile(r"KEY|TOKEN|SECRET|PASSWORD", re.IGNORECASE)
SECRET_VALUE = re.compile(r"\b(sk|pk|Bearer)[-_ ][\w\-.]{8,}|://[^/@\s]+:[^/@\s]+@")
SECRET_SETTING = re.compile(
    rf"^(\s*[\w.-]*(?:{SECRET_NAME.pattern})[\w.-]*\s*=\s*).+$", re.IGNORECASE | re.MULTILINE
)
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
    if isinstance(params, list | tuple):
        return type(params)(map(without_secrets, params))
    return SECRET_VALUE.sub("***", params) if isinstance(params, str) else params


def is_secret_name(name: str) -> bool:
    """Say whether a setting is named like a key, a token or a password."""
    return bool(SECRET_NAME.search(name))


def redacted_config(text: str) -> str:
    """Return the text of a config without the values of settings that are named like secrets.

    text (str): A config file's text, one setting a line.
    RETURNS (str): The same text; values of the environment's and what looks like a key are replaced
        as well.
    """
    return redacted(SECRET_SETTING.sub(r'\1"***"', text))


def redacted(text: str) -> str:
    """Return a text without secrets: values of the environment's, and what looks like a key."""
    for name, value in os.environ.items():
        bare = value.strip()
        if ENVIRONMENT_NAME.search(name) and len(bare) >= MIN_LENGTH:
            text = text.replace(bare, f"${name}")
    return SECRET_VALUE.sub("***", text)


def read_key(variable: str) -> str | None:
    """Read a key from the environment.

    variable (str): The environment variable.
    RETURNS (str | None): The key without white space around it; None if there is none.
    RAISES (UserError): If it can't stand in a request's header.
    """
    key = os.environ.get(variable, "").strip()
    if not key.isascii() or not key.isprintable():
        raise UserError(f"The environment variable {variable} holds characters that no key has.")
    return key or None
