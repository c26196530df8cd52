"""What an OpenAI-shaped chat completion says, as one answer per choice."""

import json
import re
from collections.abc import Sequence
from typing import Any

from ...secrets import redacted
from ...ty import Answer, Request
from ..logprobs import read_logprobs

SURROGATE = re.compile("[\ud800-\udfff]")
BROKEN_OFF = frozenset({"error", "insufficient_system_resource"})
MAX_SHOWN = 200  # characters of a body that is no completion


class NoCompletion(ValueError):
    """A body that is no chat completion; its message shows how it begins."""


def read_completion(body: bytes, requests: Sequence[Request], latency: float) -> list[Answer]:
    """Read the answers in the body of a chat completion.

    body (bytes): The body of a response with status 200.
    requests (Sequence[Request]): What was asked: samples of one prompt.
    latency (float): Seconds since the question, earlier tries included.
    RETURNS (list[Answer]): One answer per choice, at most one per request; the usage of the call
        stands with the first.
    RAISES (NoCompletion): If the body is none.
    """
    try:
        data = json.loads(body.decode("utf-8-sig", errors="replace"))
        choices = data["choices"]
        if not choices:
            raise KeyError("choices")
        usage = data.get("usage") or {}
        broken = [choice["finish_reason"] for choice in choices if breaks_off(choice)]
        if broken:
            raise NoCompletion(f"the answer broke off (finish_reason {broken[0]})")
        answers = [
            read_choice(choice, request, latency)
            for choice, request in zip(choices, requests, strict=False)
        ]
    except NoCompletion:
        raise
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError) as error:
        begins = " ".join(body[: MAX_SHOWN * 2].decode("utf8", errors="replace").split())
        shown = redacted(without_surrogates(begins[:MAX_SHOWN]))
        raise NoCompletion(
            f"no chat completion, so base_url or path may be wrong: {shown or 'an empty body'}"
        ) from error
    answers[0].usage.update(usage if isinstance(usage, dict) else {})
    return answers


def read_choice(choice: dict[str, Any], request: Request, latency: float) -> Answer:
    """Read one choice: "refused" or "truncated" if its message or finish reason says so."""
    message = choice["message"]
    content = without_surrogates(read_content(message.get("content")))
    refusal = message.get("refusal")
    finish = str(choice.get("finish_reason") or "")
    found: dict[str, Any] = {"latency": latency, "finish_reason": finish}
    found["logprobs"] = read_logprobs(choice)
    if refusal or finish in ("content_filter", "refusal"):
        reason = without_surrogates(str(refusal or "content filter"))
        return Answer(request, content or None, "refused", reason, **found)
    if finish in ("length", "max_tokens", "model_length"):
        return Answer(request, content, "truncated", "cut off at the token limit", **found)
    return Answer(request, content, **found)


def breaks_off(choice: dict[str, Any]) -> bool:
    """Say whether the server gave up a choice in the middle of its answer."""
    return choice.get("finish_reason") in BROKEN_OFF


def read_content(content: Any) -> str:
    """Return a message's content, which some endpoints give as a list of parts."""
    if isinstance(content, list):
        parts = (part.get("text", "") for part in content if isinstance(part, dict))
        return "".join(part for part in parts if isinstance(part, str))
    return str(content or "")


def without_surrogates(text: str) -> str:
    """Replace halves of surrogate pairs, which JSON can hold but UTF-8 cannot."""
    return SURROGATE.sub("\ufffd", text)
