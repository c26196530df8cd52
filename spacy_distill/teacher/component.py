"""The `distill_llm` component: prompts, answers, audit and votes for a stream of Docs."""

from collections.abc import Iterable, Iterator
from typing import Any

from spacy.tokens import Doc
from spacy.util import minibatch
from spacy.vocab import Vocab
from spacy_llm.cache import BatchCache
from spacy_llm.pipeline import LLMWrapper

from ..attrs import AnswerRecord, get_distill
from ..contract import LabelMap
from ..errors import UserError
from ..ty import Answer, Request
from .annotate import Annotator, build_annotator
from .models import as_answer_model
from .prompts import Prompts, render_prompts


class DistillLLM(LLMWrapper):
    """LLM component in which one bad answer costs one Doc's label, and says so.

    vocab (Vocab): The pipeline's vocabulary.
    task (Any): Any spacy-llm task.
    model (Any): Any spacy-llm model or `AnswerModel`.
    name (str): The component's name.
    save_io (bool): Whether to keep prompts and responses in `doc.user_data["llm_io"]`.
    samples (int): Answers per prompt, at least 1.
    label_map (LabelMap): Old label to new label, or to None to drop it.

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
    ) -> None:
        if samples < 1:
            raise UserError(f"samples = {samples}: ask for at least one answer per prompt.")
        cache = BatchCache(path=None, batch_size=1, max_batches_in_mem=0)
        super().__init__(name, vocab=vocab, task=task, model=model, cache=cache, save_io=save_io)
        self.answer_model = as_answer_model(model)
        self._samples = samples
        self._annotate: Annotator = build_annotator(task, label_map)

    def _check_sharding(self) -> None:
        """Stay quiet: without a context length nothing is sharded, as with the factory `llm`."""

    def __call__(self, doc: Doc) -> Doc:
        """Label one Doc."""
        return self._label([doc])[0]

    def pipe(self, stream: Iterable[Doc], *, batch_size: int = 128) -> Iterator[Doc]:
        """Label a stream of Docs.

        stream (Iterable[Doc]): The Docs.
        batch_size (int): How many Docs' prompts are handed to the model together.
        YIELDS (Doc): The Docs, in order.
        """
        for batch in minibatch(stream, batch_size):
            yield from self._label(list(batch))

    def _label(self, docs: list[Doc]) -> list[Doc]:
        asked = [doc for doc in docs if doc.text.strip()]
        prompts = dict(zip(map(id, asked), self._prompts(asked), strict=True))
        requests = {
            Request(prompt, sample): None
            for doc_prompts, _ in prompts.values()
            for prompt in doc_prompts
            for sample in range(self._samples)
        }
        answers = {answer.request: answer for answer in self.answer_model.answers(requests)}
        return [self._label_doc(doc, prompts.get(id(doc)), answers) for doc in docs]

    def _label_doc(self, doc: Doc, prompts: Prompts | None, answers: dict[Request, Answer]) -> Doc:
        record = get_distill(doc)
        for key in ("answers", "n_ok", "agreement"):
            record.pop(key, None)  # type: ignore[misc]
        if prompts is None:
            empty = AnswerRecord(
                outcome="empty", reason="the text is empty", response="", prompt_sha256=""
            )
            record["answers"] = [empty]
            record["n_ok"] = 0
            return doc
        doc_prompts, shards = prompts
        samples = [
            [answers[Request(prompt, sample)] for prompt in doc_prompts]
            for sample in range(self._samples)
        ]
        if self._save_io:
            save_io(doc, self._name, doc_prompts, samples)
        return self._annotate(doc, shards, samples)

    def _prompts(self, docs: list[Doc]) -> list[Prompts]:
        context_length = getattr(self.answer_model, "context_length", None)
        return list(render_prompts(self._task, docs, context_length=context_length))


def save_io(doc: Doc, name: str, prompts: list[str], samples: list[list[Answer]]) -> None:
    """Keep the prompts and the first sample's responses where spacy-llm's `save_io` keeps them."""
    io = {"prompt": prompts, "response": [answer.response or "" for answer in samples[0]]}
    doc.user_data["llm_io"] = {**doc.user_data.get("llm_io", {}), name: io}
