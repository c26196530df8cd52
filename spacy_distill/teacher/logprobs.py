"""Log-probabilities of an answer's tokens, as OpenAI-shaped endpoints report them."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ..ty import TokenLogprob

LOWEST = -9999.0
ROUNDING = 1e-3  # log-probabilities of a sure token may lie above 0.0 by so much
BYTES = "bytes:"
ESCAPED = re.compile(r"bytes:(\\x[0-9a-f]{2})+")
# How servers write the token that ends an answer, where they report it at all
END = re.compile(r"<\|[^<>|]+\|>|<｜[^<>｜]+｜>|</s>|<eos>|<end_of_turn>")


def read_logprobs(choice: Mapping[str, Any]) -> tuple[TokenLogprob, ...]:
    r"""Read the log-probabilities of one choice of a chat completion.

    choice (Mapping[str, Any]): The choice; its `logprobs.content` is a list of tokens, each with its
        likeliest alternatives, where log-probabilities were asked for and the server knows them.
    RETURNS (tuple[TokenLogprob, ...]): One entry per token of the answer; empty if there are none or
        one is malformed, since a path with a gap says nothing. A token that is only a part of a
        character is written as its bytes, such as `bytes:\xe2\x80`.
    """
    logprobs = choice.get("logprobs")
    content = logprobs.get("content") if isinstance(logprobs, Mapping) else None
    entries = content if isinstance(content, list) else []
    tokens = tuple(
        TokenLogprob(token, logprob, read_top(entry))
        for entry in entries
        for token, logprob in pairs([entry])
    )
    return tokens if len(tokens) == len(entries) else ()


def read_top(entry: Mapping[str, Any]) -> tuple[tuple[str, float], ...]:
    """Return the alternatives of a token, without those that are malformed."""
    top = entry.get("top_logprobs")
    return tuple(pairs(top)) if isinstance(top, list) else ()


def pairs(entries: Sequence[Any]) -> Iterator[tuple[str, float]]:
    """Yield token and log-probability of each well-formed entry.

    entries (Sequence[Any]): What a server lists.
    YIELDS (tuple[str, float]): The token as text, and its log-probability from -9999.0, by which
        OpenAI means "very unlikely", to 0.0.
    """
    for entry in entries:
        if not isinstance(entry, Mapping):
            continue
        token, logprob = entry.get("token"), entry.get("logprob")
        if isinstance(token, str) and isinstance(logprob, (int, float)) and logprob < ROUNDING:
            yield token_text(token, entry.get("bytes")), max(min(float(logprob), 0.0), LOWEST)


def token_text(token: str, data: object) -> str:
    """Return a token as text: its bytes decide, if the server gives them.

    token (str): The token as the server writes it.
    data (object): A list of bytes, or anything else where the server has none.
    RETURNS (str): The token, or its bytes written out if they are only a part of a character.
    """
    if not data or not isinstance(data, list):
        return token
    try:
        raw = bytes(data)
    except (TypeError, ValueError):
        return token
    try:
        return raw.decode("utf8")
    except UnicodeDecodeError:
        return BYTES + "".join(f"\\x{byte:02x}" for byte in raw)


def token_bytes(token: str) -> bytes:
    """Return the bytes that a token adds to an answer; those of half a character too."""
    if ESCAPED.fullmatch(token):
        return bytes.fromhex(token.removeprefix(BYTES).replace("\\x", ""))
    return token.encode("utf8", "surrogatepass")


def is_end(token: str) -> bool:
    """Say whether a token ends the answer, such as `</s>`; an empty one may be anything."""
    return END.fullmatch(token) is not None
