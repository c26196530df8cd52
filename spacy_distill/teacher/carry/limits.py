"""What vendors of fine-tuning say that a training file may be, with where and when it was read."""

from collections.abc import Iterator
from dataclasses import dataclass

READ = "2026-11"  # in stored copies of the pages; look at a page before you rely on a number
MEGABYTE = 1_000_000


@dataclass(frozen=True)
class Limits:
    """The limits of one vendor; None where the page names none.

    vendor (str): Its name.
    sources (tuple[str, ...]): Where it says so.
    min_examples (int | None): Examples that a training file needs.
    max_examples (int | None): Examples that it may have.
    max_bytes (int | None): Its size.
    max_tokens (int | None): Tokens of one example.
    remark (str): What else the page asks for.
    """

    vendor: str
    sources: tuple[str, ...]
    min_examples: int | None = None
    max_examples: int | None = None
    max_bytes: int | None = None
    max_tokens: int | None = None
    remark: str = ""


LIMITS = (
    Limits(
        "OpenAI",
        (
            "https://platform.openai.com/docs/guides/fine-tuning",
            "https://platform.openai.com/docs/api-reference/files/create",
        ),
        min_examples=10,
        max_bytes=512 * MEGABYTE,
    ),
    Limits(
        "Azure OpenAI",
        ("https://learn.microsoft.com/azure/ai-services/openai/how-to/fine-tuning",),
        min_examples=10,
        max_bytes=512 * MEGABYTE,
        max_tokens=65_536,
        remark="files with a byte-order mark",
    ),
    Limits(
        "Mistral",
        ("https://docs.mistral.ai/resources/known-limitations",),
        max_bytes=512 * MEGABYTE,
    ),
    Limits(
        "Together",
        ("https://docs.together.ai/docs/fine-tuning/data-preparation",),
        max_bytes=100_000 * MEGABYTE,
    ),
    Limits(
        "Fireworks",
        ("https://fireworks.ai/docs/fine-tuning/fine-tuning-models",),
        min_examples=3,
        max_examples=3_000_000,
    ),
)


def problems(limits: Limits, *, n_examples: int, n_bytes: int, longest: int) -> Iterator[str]:
    """Say which limits a training file breaks.

    limits (Limits): The vendor's.
    n_examples (int): Its examples.
    n_bytes (int): Its size.
    longest (int): Tokens of its longest example.
    YIELDS (str): One phrase per limit.
    """
    if limits.min_examples is not None and n_examples < limits.min_examples:
        yield f"needs {limits.min_examples} examples, there are {n_examples:,}"
    if limits.max_examples is not None and n_examples > limits.max_examples:
        yield f"takes {limits.max_examples:,} examples, there are {n_examples:,}"
    if limits.max_bytes is not None and n_bytes > limits.max_bytes:
        yield f"takes files of {limits.max_bytes:,} bytes, it has {n_bytes:,}"
    if limits.max_tokens is not None and longest > limits.max_tokens:
        yield f"takes examples of {limits.max_tokens:,} tokens, the longest has {longest:,}"
