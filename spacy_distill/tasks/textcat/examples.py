"""Examples in the prompt, their answers in the form that is asked for."""

from collections.abc import Sequence
from typing import Any

from spacy.training import Example
from spacy_llm.tasks.textcat import TextCatExample

from ...errors import UserError
from .form import AnswerForm
from .reading import excerpt, read_answer

NONE = "==NONE=="
BINARY = {"POS": True, "NEG": False}


class JsonExample(TextCatExample):
    """A fixed example; its answer may be JSON, or what spacy-llm's own tasks have there."""

    @classmethod
    def generate(cls, example: Example, task: Any) -> "JsonExample | None":
        """Make an example of a labelled Doc; None if its labels are no answer."""
        cats = example.reference.cats
        labels = [label for label in task.labels or cats if cats.get(label, 0.0) >= 0.5]
        if task.form.exclusive and len(labels) != 1:
            return None
        return cls(text=example.reference.text, answer=task.form.write(labels))


def example_answer(answer: str, form: AnswerForm) -> str:
    """Return the answer of an example as the LLM should give it.

    answer (str): JSON, or labels with commas between them; `==NONE==` or nothing for no label, and
        POS or NEG for a task with a single label.
    form (AnswerForm): What the answers of the task look like.
    RETURNS (str): JSON.
    RAISES (UserError): If it is no possible answer.
    """
    labels = stock_labels(answer.strip(), form)
    if labels is None:
        read = read_answer(answer, form)
        if read.labels is None:
            raise UserError(
                f"An example has the answer {excerpt(answer)} ({read.reason}); the labels are "
                f"{list(form.by_answer.values())}."
            )
        labels = read.labels
    return form.write(labels)


def stock_labels(answer: str, form: AnswerForm) -> Sequence[str] | None:
    """Return the labels of an answer that spacy-llm writes without naming labels; None for others."""
    if form.exclusive:
        return None
    labels = tuple(form.by_answer.values())
    if len(labels) == 1 and answer in BINARY:
        return labels if BINARY[answer] else ()
    return () if answer in ("", NONE) else None


def checked_labels(labels: Sequence[str], text: str, form: AnswerForm) -> Sequence[str]:
    """Return the labels of a gold text, which must be a possible answer.

    RAISES (UserError): If they are not.
    """
    unknown = [label for label in labels if label not in form.by_answer.values()]
    if unknown or (form.exclusive and len(labels) != 1):
        raise UserError(
            f"The example {excerpt(text)} has the gold labels {list(labels)}, but the task's are "
            f"{list(form.by_answer.values())}{', one a text' if form.exclusive else ''}; correct it."
        )
    return labels
