"""The `distill_llm` component: prompts, answers, audit and votes for a stream of Docs."""

import logging
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from contextlib import closing
from typing import Any

from spacy.tokens import Doc
from spacy.util import minibatch
from spacy.vocab import Vocab
from spacy_llm.cache import BatchCache
from spacy_llm.pipeline import LLMWrapper
from spacy_llm.tasks.textcat import TextCatTask

from ..attrs import AnswerRecord, get_distill
from ..contract import LabelMap
from ..errors import UserError
from ..ty import Answer, ExampleTask, Request
from .annotate import Annotator, build_annotator
from .identity import follow_schema
from .masking.mask import Mask
from .models import as_answer_model
from .questions import Question, Samples, ask, make_questions

BATCH_SIZE = 128

logger = logging.getLogger("spacy_distill")


class DistillLLM(LLMWrapper):
    """LLM component in which one bad answer costs one Doc's label, and says so.

    vocab (Vocab): The pipeline's vocabulary.
    task (Any): Any spacy-llm task.
    model (Any): Any spacy-llm model or `AnswerModel`.
    name (str): The component's name.
    save_io (bool): Whether to keep prompts and responses in `doc.user_data["llm_io"]`.
    samples (int): Answers per prompt, at least 1.
    label_map (LabelMap): Old label to new label, or to None to drop it.
    mask (Mask | None): Replaces private strings in the prompts.

    A Doc keeps its identity, text and user data. What became of each answer stands in
    `doc._.distill["answers"]`; without a usable one the Doc stays as it was, unlabelled.
    """

    def __init__(
        self,
        vocab: Vocab,
        task: Any,
        model: Any,
        *,
        name: str,
        save_io: bool,
        samples: int,
        label_map: LabelMap,
        mask: Mask | None = None,
    ) -> None:
        if samples < 1:
            raise UserError(f"samples = {samples}: ask for at least one answer per prompt.")
        cache = BatchCache(path=None, batch_size=1, max_batches_in_mem=0)
        super().__init__(name, vocab=vocab, task=task, model=model, cache=cache, save_io=save_io)
        self.live_model = as_answer_model(model)
        self.answer_model = self.live_model  # or what it has answered before
        follow_schema(self.live_model, task)
        self.counts: Counter[str] = Counter()
        self.samples = samples
        self.mask = mask
        self.masked: Counter[str] = Counter()  # texts, and strings by kind
        if mask is not None and isinstance(task, ExampleTask):
            task.mask_examples(mask)
        self._annotate: Annotator = build_annotator(task, label_map)

    def _check_sharding(self) -> None:
        """Stay quiet: without a context length nothing is sharded, as with the factory `llm`."""

    def __call__(self, doc: Doc) -> Doc:
        """Label one Doc."""
        return self._label([doc])[0]

    def pipe(self, stream: Iterable[Doc], *, batch_size: int = BATCH_SIZE) -> Iterator[Doc]:
        """Label a stream of Docs.

        stream (Iterable[Doc]): The Docs.
        batch_size (int): How many Docs' prompts are handed to the model together.
        YIELDS (Doc): The Docs, in order.
        """
        for batch in minibatch(stream, batch_size):
            yield from self._label(list(batch))

    def requests(self, docs: Iterable[Doc]) -> Iterator[Request]:
        """Render what is to be asked about Docs, none of which is held for longer than its batch.

        docs (Iterable[Doc]): The Docs.
        YIELDS (Request): The requests, the samples of a prompt side by side.
        """
        for batch in minibatch(docs, BATCH_SIZE):
            for question in self.questions(list(batch)):
                yield from question.requests(self.samples)

    def questions(self, docs: list[Doc]) -> list[Question]:
        """Render what is to be asked about Docs."""
        context_length = getattr(self.answer_model, "context_length", None)
        return make_questions(self._task, docs, context_length=context_length, mask=self.mask)

    def _label(self, docs: list[Doc]) -> list[Doc]:
        questions = self.questions(docs)
        requests = (request for one in questions for request in one.requests(self.samples))
        asked = ask(self.answer_model, self.task, dict.fromkeys(requests), self.counts)
        with closing(asked):  # at once, so that what is on its way is stored
            answers = {answer.request: answer for answer in asked}
        if self.answer_model is self.live_model:
            log_failures(answers.values())
        return [self._label_doc(one, one.collect(answers, self.samples)) for one in questions]

    def _label_doc(self, question: Question, came: Samples) -> Doc:
        doc = question.doc
        record = get_distill(doc)
        for key in ("answers", "n_ok", "n_soft", "agreement"):
            record.pop(key, None)  # type: ignore[misc]
        if not question.prompts:
            empty = AnswerRecord(
                outcome="empty", reason="the text is empty", response="", prompt_sha256=""
            )
            record["answers"] = [empty]
            record["n_ok"] = 0
            return doc
        if self._save_io:
            save_io(doc, self._name, question, came)
        if question.masked is not None:
            self.masked.update(question.masked.counts)
        if isinstance(self._task, TextCatTask):  # labels hold no private strings, reasons may
            return self._annotate(doc, question.shards, came)
        shards, samples = question.unmasked(came)
        labelled = self._annotate(doc, shards, samples)
        question.remask_records(came)
        return labelled


def log_failures(answers: Collection[Answer]) -> None:
    """Say in the log how many questions failed: on the Docs alone nobody would notice."""
    reasons = [answer.reason for answer in answers if answer.status == "failed"]
    if reasons:
        logger.warning(
            "%d of %d questions failed, the last with: %s", len(reasons), len(answers), reasons[-1]
        )


def save_io(doc: Doc, name: str, question: Question, came: Samples) -> None:
    """Keep the prompts and the first sample's responses where spacy-llm's `save_io` keeps them."""
    responses = [answer.response or "" for answer in came[0]]
    io = {"prompt": list(question.prompts), "response": responses}
    doc.user_data["llm_io"] = {**doc.user_data.get("llm_io", {}), name: io}
