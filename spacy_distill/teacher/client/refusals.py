"""What an endpoint's error says: try again, give up this prompt, or give up the run."""

import json
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Literal

from ...secrets import redacted
from .completions import without_surrogates

Course = Literal["retry", "prompt", "refused", "stop"]

RETRIED = frozenset({408, 409, 425, 429, 498, 529})
STOPPED = frozenset({401, 403, 404, 405, 410})
TOO_MANY = 429
NO_CREDIT = 402
NO_MONEY = (
    "insufficient_quota",
    "billing",
    "insufficient balance",
    "credit balance",
    "credit_balance",
    "spend_limit",
    "usage_limit_exceeded",
    "api usage limits",
)
FILTERED = (
    "content_filter",
    "contentfilter",
    "responsibleaipolicyviolation",
    "content management policy",
    "content_policy_violation",
    "invalid_prompt",
    "flagged",
    "moderation",
)
NOT_FOUND = ("model_not_found", "invalid_model", "model not found", "unknown model")
BAD_KEY = ("invalid_api_key", "api key not valid", "api_key_invalid", "incorrect api key")
BAD_FIELD = (
    "unsupported_parameter",
    "unsupported_value",
    "unknown_parameter",
    "unsupported parameter",
    "unrecognized request argument",
    "is not supported with this model",
    "unknown name",
    "extra inputs are not permitted",
    "extra_forbidden",
)
TOO_LONG = (
    "context_length_exceeded",
    "exceed_context_size",
    "context length",
    "context size",
    "context window",
    "maximum context",
)
ONE_CHOICE = ("completion choice",)  # llama.cpp, where more than one answer is asked for
KEY_ADVICE = "key"  # stands for a sentence that names the environment variable
NESTED = ("innererror", "details", "metadata")  # where vendors put the real reason
MAX_SHOWN = 300  # characters of an error's message


@dataclass(frozen=True)
class Refusal:
    """A response that holds no answer.

    course (Course): "retry" if the next try may fare better; "prompt" if this prompt never will;
        "refused" if the endpoint will not answer it; "stop" if no prompt will fare better.
    reason (str): What the endpoint said, without secrets.
    advice (str): What to do about it, where the run stops.
    """

    course: Course
    reason: str
    advice: str = ""


def judge(
    status: int, body: bytes, *, asked_to_wait: bool = False, fields: Collection[str] = ()
) -> Refusal:
    """Judge a response by its HTTP status and the error in its body.

    status (int): A status other than 200.
    body (bytes): The body, in any of the shapes that vendors use.
    asked_to_wait (bool): Whether the server has said when to come back.
    fields (Collection[str]): The fields that the user has set.
    RETURNS (Refusal): What to do.
    """
    message, tags = read_error(body)
    reason = f"HTTP {status}: {shown(message)}".rstrip(": ")
    said = f"{tags} {message} {blamed_field(tags, fields)}".lower()
    if status < 500 and status != TOO_MANY and names(said, FILTERED):
        return Refusal("refused", reason)
    if (status < 500 and names(said, NO_MONEY)) or (status == NO_CREDIT and not asked_to_wait):
        return Refusal("stop", reason, "The account has no credit left; add some")
    if status != TOO_MANY and names(said, TOO_LONG):
        advised = "set context_length in the model block, and long texts are cut into shards"
        return Refusal("prompt", f"{reason} ({advised})")
    if names(said, ONE_CHOICE):
        return Refusal("prompt", reason)
    if status in RETRIED or status == NO_CREDIT or status >= 500:
        return Refusal("retry", reason)
    if 300 <= status < 400:
        return Refusal("stop", reason, "The endpoint has moved; set base_url to where it is now")
    if status in STOPPED or names(said, (*BAD_KEY, *NOT_FOUND, *BAD_FIELD)):
        return Refusal("stop", reason, advice(status, said))
    return Refusal("prompt", reason)


def blamed_field(tags: str, fields: Collection[str]) -> str:
    """Return a sign for `BAD_FIELD` if an error blames a field that the user has set."""
    return BAD_FIELD[0] if set(tags.split()) & set(fields) else ""


def advice(status: int, said: str) -> str:
    """Say what to do about an error that stops the run; the key is named by whoever knows it."""
    if names(said, BAD_FIELD):
        return "Take the field out of the model's config, or give it a value that the model takes"
    if status in (401, 403) or names(said, BAD_KEY):
        return KEY_ADVICE
    if status == 404 or names(said, NOT_FOUND):
        return "Check model and base_url in the model block"
    return "Check base_url and path in the model block"


def names(said: str, signs: tuple[str, ...]) -> bool:
    """Say whether an error names one of several signs."""
    return any(sign in said for sign in signs)


def read_error(body: bytes) -> tuple[str, str]:
    """Return an error's message, and its code, type and parameter in one string."""
    text = without_surrogates(body.decode("utf-8-sig", errors="replace"))
    try:
        data: Any = json.loads(text)
    except (ValueError, RecursionError):
        return text, ""
    if isinstance(data, list) and data:
        data = data[0]
    error = data.get("error", data) if isinstance(data, dict) else data
    if not isinstance(error, dict):
        return str(error), ""
    tags = " ".join(str(error[key]) for key in ("code", "type", "param", "status") if key in error)
    tags += f" {json.dumps([error.get(key) for key in NESTED if key in error])}"
    message = error.get("message") or error.get("detail") or text
    return str(message), tags


def shown(message: str) -> str:
    """Return a message on one line, shortened, without secrets."""
    return redacted(" ".join(message.split())[:MAX_SHOWN])
