"""Text classification with answers in JSON: a task for any spacy-llm pipeline."""

import logging
import typing
from collections.abc import Callable, Iterable, Iterator
from copy import copy
from importlib.resources import files
from typing import Any

from spacy.language import Language
from spacy.tokens import Doc
from spacy.training import Example
from spacy_llm.tasks.textcat import TextCatTask

from ...ty import Answer, Audited
from ..fewshot.ty import ExamplePicker, TextMask, masked_text
from .examples import checked_labels, example_answer
from .form import AnswerForm
from .reading import excerpt, read_answer

TEMPLATE_V1 = files(__package__).joinpath("textcat.v1.jinja").read_text(encoding="utf8")
N_QUOTED = 500
REASK = """{prompt}

An earlier answer could not be used: {reason}
That answer, as a JSON string: {answer}
Answer the question above again, with nothing but a JSON object like {form}"""

# spacy-llm tells by these very aliases that a task cuts long Docs
Prompts = typing.Iterable[typing.Tuple[typing.Iterable[Any], typing.Iterable[Doc]]]  # noqa: UP006

logger = logging.getLogger("spacy_distill")


class JsonTextCatTask(TextCatTask):
    """spacy-llm's text classification, with JSON answers that are audited, repaired and re-asked.

    picker (ExamplePicker | None): Picks the examples for each text, beside the fixed ones.
    settings (Any): The arguments of spacy-llm's `TextCatTask`.
    """

    def __init__(self, *, picker: ExamplePicker | None, **settings: Any) -> None:
        super().__init__(parse_responses=parse_json_responses, **settings)
        self.picker = picker
        self.mask: TextMask | None = None
        self._whole: Doc | None = None
        self.check_examples()

    @property
    def form(self) -> AnswerForm:
        """What an answer looks like."""
        return AnswerForm(
            by_answer=self._label_dict,
            normalize=self._normalizer,
            exclusive=self._exclusive_classes and not self._use_binary,
            allow_none=self._allow_none or self._use_binary,
        )

    @property
    def json_schema(self) -> dict[str, Any]:
        """The JSON schema of an answer."""
        return self.form.json_schema

    def audit(self, answer: Answer) -> Audited:
        """Judge an answer that came back.

        answer (Answer): The answer.
        RETURNS (Audited): The outcome; "ok" with the reason "repaired: …" if it had to be repaired.
        """
        return read_answer(answer.response or "", self.form)

    def reask(self, answer: Answer) -> str | None:
        """Return the prompt to ask after a malformed answer; None for any other answer."""
        audited = self.audit(answer)
        if audited.outcome != "unparsed":
            return None
        return REASK.format(
            prompt=answer.request.prompt,
            reason=audited.reason.partition(":")[0],
            answer=excerpt(answer.response or "", N_QUOTED),
            form=self.form.write(["the label"]),
        )

    def initialize(
        self,
        get_examples: Callable[[], Iterable[Example]],
        nlp: Language,
        labels: list[str] = [],  # noqa: B006  (spaCy checks settings against this very signature)
        n_prompt_examples: int = 0,
    ) -> None:
        """Take labels and examples from labelled Docs, where the config gives none.

        get_examples, nlp, labels, n_prompt_examples: As for spacy-llm's task.
        """
        super().initialize(get_examples, nlp, labels, n_prompt_examples)
        self._use_binary = len(self._label_dict) == 1

    def check_examples(self) -> None:
        """Refuse fixed examples whose answers are none, once the labels are known.

        RAISES (UserError): With the answer.
        """
        if self._label_dict:
            self.fixed_examples()

    def mask_examples(self, mask: TextMask) -> None:
        """Show no private strings in the examples either; the Docs to ask about come masked."""
        self.mask = mask
        if self.picker is not None:
            self.picker.mask_texts(mask)

    def fixed_examples(self) -> list[dict[str, str]]:
        """Return the fixed examples, their answers in JSON."""
        return [
            {
                "text": masked_text(example.text, self.mask),
                "answer": example_answer(example.answer, self.form),
            }
            for example in self._prompt_examples
        ]

    def picked_examples(self, shard: Doc) -> list[dict[str, str]]:
        """Return the examples that are picked for a shard, their answers in JSON."""
        if self.picker is None:
            return []
        picked = self.picker.pick(shard, self._whole or shard)
        return [
            {"text": text, "answer": self.form.write(checked_labels(labels, text, self.form))}
            for text, labels in picked
        ]

    def generate_prompts(self, docs: Iterable[Doc], context_length: int | None = None) -> Prompts:
        """Render prompts, several for a Doc that is too long for one.

        docs (Iterable[Doc]): The Docs.
        context_length (int | None): Tokens that the model takes at once; None for no limit.
        RETURNS (Prompts): The prompts about each Doc, and the shard that each is about.
        """
        # A copy remembers whose shards it renders, since several calls may be at work
        prompts: Prompts = TextCatTask.generate_prompts(copy(self), docs, context_length)
        return prompts

    def _get_prompt_data(self, shard: Doc, *args: Any, **kwargs: Any) -> dict[str, Any]:
        form = self.form
        answers = {} if form.exclusive else {"all": form.write(self.labels), "none": form.write([])}
        return {
            **super()._get_prompt_data(shard, *args, **kwargs),
            "exclusive_classes": form.exclusive,
            "answers": answers,
            "examples": [*self.fixed_examples(), *self.picked_examples(shard)],
        }

    def _preprocess_docs_for_prompt(self, docs: Iterable[Doc]) -> Iterator[Doc]:
        for self._whole in docs:
            yield self._whole


def parse_json_responses(
    task: JsonTextCatTask, shards: Iterable[Iterable[Doc]], responses: Iterable[Iterable[str]]
) -> Iterator[list[dict[str, float]]]:
    """Read the answers about Docs, for the factory `llm`.

    task (JsonTextCatTask): The task.
    shards (Iterable[Iterable[Doc]]): The shards of each Doc.
    responses (Iterable[Iterable[str]]): The answers about them.
    YIELDS (list[dict[str, float]]): 1.0 or 0.0 for every label of each shard; nothing for all shards
        of a Doc if one of its answers can't be used: missing is not negative.
    """
    for doc_responses in responses:
        audited = [read_answer(response, task.form) for response in doc_responses]
        unusable = [x for x in audited if x.labels is None]
        for found in unusable if task.verbose else ():
            logger.warning(f"No label from an answer: {found.outcome}: {found.reason}")
        yield [
            {} if unusable else {label: float(label in (x.labels or ())) for label in task.labels}
            for x in audited
        ]
