"""From a rendered prompt back to the text in it."""

import re
from collections.abc import Callable, Sequence
from typing import Any

from spacy.language import Language

from ...errors import UserError
from ..prompts import render_prompts

Recover = Callable[[str], str | None]  # from a prompt to its text; None if it can't be found
# What a template's filters would change: case, spaces, line breaks, quotes, markup, escapes.
SENTINEL = "Qz  7\nq'\"X\\ <b> &Z"
OTHER_SENTINEL = "Wv  35\nww'\"K\\ <i> &Y"  # of another length
GROUP = "text"


def invert_task(task: Any, nlp: Language) -> Recover:
    """Return the function that finds the text in prompts of a task, whatever its template.

    task (Any): A spacy-llm task.
    nlp (Language): The pipeline, for its tokenizer.
    RETURNS (Recover): Exact for prompts that differ in the text only, also if the text repeats parts
        of the template or stands in the prompt several times.
    RAISES (UserError): If the text does not stand verbatim in the prompts, or other parts of a
        prompt depend on it.
    """
    parts = _parts(task, nlp, SENTINEL)
    if len(parts) < 2 or parts != _parts(task, nlp, OTHER_SENTINEL):
        raise UserError(
            "The task's template changes the text, or picks other parts of the prompt by it, so the "
            "texts can't be recovered by the template; give a regular expression with --pattern."
        )
    return Inversion(parts)


def _parts(task: Any, nlp: Language, text: str) -> list[str]:
    ((prompts, _),) = render_prompts(task, [nlp.make_doc(text)])
    return prompts[0].split(text)


class Inversion:
    """Finds the text of a prompt between the fixed parts of its template.

    parts (Sequence[str]): What stands before, between and after the places of the text, two at
        least.
    """

    def __init__(self, parts: Sequence[str]) -> None:
        self.parts = tuple(parts)

    def __call__(self, prompt: str) -> str | None:
        """Return the text of a prompt; None if the prompt is not of this template."""
        n_places = len(self.parts) - 1
        n_chars, rest = divmod(len(prompt) - sum(map(len, self.parts)), n_places)
        if n_chars < 0 or rest:
            return None
        start = len(self.parts[0])
        text = prompt[start : start + n_chars]
        return text if text.join(self.parts) == prompt else None


class Pattern:
    """Finds the text of a prompt by a regular expression with a group of the name `text`.

    pattern (str): The expression; a dot also stands for a line break.
    RAISES (UserError): If it is no regular expression, or has no such group.
    """

    def __init__(self, pattern: str) -> None:
        try:
            self._pattern = re.compile(pattern, re.DOTALL)
        except re.error as error:
            raise UserError(
                f"The pattern {pattern!r} is no regular expression: {error}."
            ) from error
        if GROUP not in self._pattern.groupindex:
            raise UserError(f"The pattern {pattern!r} has no group (?P<{GROUP}>...).")

    def __call__(self, prompt: str) -> str | None:
        """Return what the group holds; None if the expression does not match."""
        match = self._pattern.search(prompt)
        return match.group(GROUP) if match else None
