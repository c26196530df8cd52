"""From labels to the answer that a task expects."""

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from ...errors import UserError
from ...ty import Answer, Request
from ..audit import NONE
from .teaching import Teaching


class Form(Protocol):
    """The form of a task's answers."""

    def write(self, labels: Sequence[str]) -> str:
        """Return the answer that names labels."""


@runtime_checkable
class FormTask(Protocol):
    """A task that can write an answer, such as one whose answers are JSON."""

    @property
    def form(self) -> Form:
        """The form of its answers."""


class AnswerWriter:
    """Writes answers, each of which the teacher's own task can read.

    teaching (Teaching): The teacher.
    mapped (bool): Whether labels were mapped: the task does not know the new ones then.
    """

    def __init__(self, teaching: Teaching, *, mapped: bool) -> None:
        self._teaching = teaching
        self._mapped = mapped
        self._written: dict[tuple[str, ...], str] = {}

    def __call__(self, labels: tuple[str, ...]) -> str:
        """Return the answer that says which labels apply.

        RAISES (UserError): If the task would not read these labels from it.
        """
        if labels not in self._written:
            self._written[labels] = self._write(labels)
            if not self._mapped:
                self._check(labels, self._written[labels])
        return self._written[labels]

    def _write(self, labels: tuple[str, ...]) -> str:
        task, contract = self._teaching.task, self._teaching.contract
        if isinstance(task, FormTask):
            return task.form.write(labels)
        if contract.exclusive:
            return labels[0]
        if len(contract.labels) == 1:
            return "POS" if labels else "NEG"
        return ", ".join(labels) or NONE

    def _check(self, labels: tuple[str, ...], text: str) -> None:
        doc = self._teaching.nlp.make_doc("text")
        answer = Answer(Request("prompt"), text)
        cats = self._teaching.annotate(doc, [doc], [[answer]]).cats
        if not cats or {name for name, score in cats.items() if score > 0.5} != set(labels):
            raise UserError(
                f"The task can't read the labels {list(labels)} from the answer {text!r}; a label with "
                f"a comma, or a task that has no answer for none of its labels, can't be exported."
            )
