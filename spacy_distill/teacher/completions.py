"""What an OpenAI-shaped chat completion says, and how long to wait after one that failed."""

import random
from typing import Any

import requests

from ..secrets import redacted
from ..ty import Answer, Request

MAX_PAUSE = 60.0  # seconds


def read_answer(request: Request, response: requests.Response, latency: float) -> Answer:
    """Read the body of a chat completion.

    request (Request): What was asked.
    response (requests.Response): A response with a status below 400.
    latency (float): Seconds since the question, tries included.
    RETURNS (Answer): The answer; "failed" if the body is none, "truncated" if it was cut off.
    """
    try:
        data = response.json()
        choice = data["choices"][0]
        message = choice["message"]
        content, refusal = message.get("content"), message.get("refusal")
    except (ValueError, KeyError, IndexError, TypeError, AttributeError):
        reason = f"no chat completion: {redacted(response.text[:200])}"
        return Answer(request, None, "failed", reason, latency=latency)
    finish = str(choice.get("finish_reason") or "")
    found: dict[str, Any] = {"latency": latency, "usage": data.get("usage") or {}}
    found["finish_reason"] = finish
    if refusal or finish == "content_filter":
        return Answer(request, content, "refused", str(refusal or "content filter"), **found)
    if finish == "length":
        return Answer(request, content, "truncated", "cut off at the token limit", **found)
    return Answer(request, str(content or ""), **found)


def pause(n_tries: int, retry_after: str) -> float:
    """Return how long to wait before the next try, in seconds.

    n_tries (int): Tries so far.
    retry_after (str): The server's own wish in seconds; empty or a date if it has none we read.
    RETURNS (float): The wish, or twice as long each time with jitter; a minute at most.
    """
    wished = float(retry_after) if retry_after.strip().isdigit() else 0.0
    return min(max(wished, random.uniform(0.5, 1.0) * 2.0 ** (n_tries - 1)), MAX_PAUSE)
