"""From Docs to prompts: what a spacy-llm task renders, the same for asking and for planning."""

from collections.abc import Iterator, Sequence
from typing import Any

from spacy.tokens import Doc
from spacy_llm.ty import supports_sharding

# A prompt with so many times fewer characters than the context has tokens fits, whoever estimates;
# spacy-llm renders each prompt twice to find out.
SURE = 4

Prompts = tuple[list[str], list[Doc]]


def render_prompts(
    task: Any, docs: Sequence[Doc], *, context_length: int | None = None
) -> Iterator[Prompts]:
    """Render the prompts of a task.

    task (Any): Any spacy-llm task.
    docs (Sequence[Doc]): The Docs; empty ones have no prompt and must not be among them.
    context_length (int | None): Tokens that the model takes at once; longer Docs are cut into shards
        by tasks that can do that. None for no limit.
    YIELDS (Prompts): For each Doc its prompts, and the shard that each is about.
    """
    if not supports_sharding(task):
        for prompt, doc in zip(task.generate_prompts(docs), docs, strict=True):
            yield [str(prompt)], [doc]
        return
    whole = [(list(prompts), list(shards)) for prompts, shards in task.generate_prompts(docs, None)]
    if context_length is not None and not all(
        len(prompt) * SURE <= context_length for prompts, _ in whole for prompt in prompts
    ):
        whole = task.generate_prompts(docs, context_length)
    for prompts, shards in whole:
        yield [str(prompt) for prompt in prompts], list(shards)
