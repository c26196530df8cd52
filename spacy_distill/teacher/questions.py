"""From Docs to questions and back: prompts of masked texts, answers with the masks taken off."""

from collections import Counter, deque
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from spacy.tokens import Doc

from ..attrs import get_distill
from ..ty import Answer, AnswerModel, ReaskingTask, Request
from .exchange import by_prompt
from .masking.mask import Mask
from .masking.masked import Masked
from .prompts import render_prompts

Samples = list[list[Answer]]


@dataclass(frozen=True)
class Question:
    """What is asked about one Doc.

    doc (Doc): The Doc, as it is.
    prompts (Sequence[str]): The prompts, one per shard; none for a Doc without text.
    shards (Sequence[Doc]): What each prompt is about, masked as in the prompt.
    masked (Masked | None): The way back from the mask, where there is one.
    """

    doc: Doc
    prompts: Sequence[str] = ()
    shards: Sequence[Doc] = ()
    masked: Masked | None = None

    def requests(self, samples: int) -> Iterator[Request]:
        """Yield the requests, the samples of a prompt side by side."""
        for prompt in self.prompts:
            for sample in range(samples):
                yield Request(prompt, sample)

    def collect(self, answers: Mapping[Request, Answer], samples: int) -> Samples:
        """Return the answers as they came, one list with an answer per shard for each sample."""
        return [
            [answers[Request(prompt, sample)] for prompt in self.prompts]
            for sample in range(samples)
        ]

    def unmasked(self, samples: Samples) -> tuple[Sequence[Doc], Samples]:
        """Return shards of the original Doc, and answers that speak of the original's strings."""
        if self.masked is None or self.masked.doc is self.doc:
            return self.shards, samples
        shards = self.masked.original_shards(self.shards)
        if shards is None:
            lost = "the masked text's shards do not fit the original"
            failed = [
                [replace(a, response=None, status="failed", reason=lost) for a in answers]
                for answers in samples
            ]
            return self.shards, failed
        return shards, [[self._unmask(answer) for answer in answers] for answers in samples]

    def _unmask(self, answer: Answer) -> Answer:
        if answer.response is None or self.masked is None:
            return answer
        return replace(answer, response=self.masked.unmask(answer.response))

    def remask_records(self, samples: Samples) -> None:
        """Keep the responses as they came on the Doc: without the private strings.

        A parser's message may quote the unmasked response, so only the kind of its error stays.
        """
        private = self.masked is not None and bool(self.masked.counts)
        records = get_distill(self.doc).get("answers", ())
        came = [answer.response or "" for answers in samples for answer in answers]
        for record, response in zip(records, came, strict=False):  # those of the first sample
            record["response"] = response
            if private and record["outcome"] == "unparsed":
                record["reason"] = record["reason"].partition(":")[0]


def make_questions(
    task: Any, docs: Sequence[Doc], *, context_length: int | None, mask: Mask | None
) -> list[Question]:
    """Render what is to be asked about Docs.

    task (Any): Any spacy-llm task.
    docs (Sequence[Doc]): The Docs.
    context_length (int | None): Tokens that the model takes at once; None for no limit.
    mask (Mask | None): Replaces private strings.
    RETURNS (list[Question]): One per Doc, in order.
    """
    asked = [doc for doc in docs if has_text(doc)]
    masked = mask.mask_all(asked) if mask is not None else [None] * len(asked)
    texts = [doc if way is None else way.doc for doc, way in zip(asked, masked, strict=True)]
    rendered = render_prompts(task, texts, context_length=context_length)
    made = {
        id(doc): Question(doc, prompts, shards, way)
        for doc, way, (prompts, shards) in zip(asked, masked, rendered, strict=True)
    }
    return [made.get(id(doc)) or Question(doc) for doc in docs]


def has_text(doc: Doc) -> bool:
    """Say whether there is more in a Doc than white space; `doc.text` would cost as much as a prompt."""
    return not all(token.is_space for token in doc)


def ask(
    model: AnswerModel, task: Any, requests: Iterable[Request], counts: Counter[str]
) -> Generator[Answer, None, None]:
    """Yield the answers to requests; a malformed one is asked for once more, if the task can do that.

    model (AnswerModel): The model.
    task (Any): The task; see `spacy_distill.ty.ReaskingTask`.
    requests (Iterable[Request]): The requests.
    counts (Counter[str]): Its "reasked" grows by the malformed answers.
    YIELDS (Answer): One per request, in any order. The answer to the second question stands for the
        first one's, unless it failed.
    """
    if not isinstance(task, ReaskingTask):
        yield from model.answers(requests)
        return
    again = Reasking(task)
    for wave in (again.among(requests), again.queue):  # the last ones, when all else was asked
        for answer in model.answers(wave):
            yield from again.settle(answer)
    counts["reasked"] += again.n


class Reasking:
    """Second questions, asked in between the first ones, so that few of them are ever held.

    task (ReaskingTask): The task.

    `queue` holds the second questions to ask next, `n` counts all of them.
    """

    def __init__(self, task: ReaskingTask) -> None:
        self.queue: deque[Request] = deque()
        self.n = 0
        self._task = task
        self._malformed: dict[Request, list[Answer]] = {}  # by the second question

    def among(self, requests: Iterable[Request]) -> Iterator[Request]:
        """Yield requests, and second questions as they arise."""
        for group in by_prompt(requests):
            yield from group
            while self.queue:
                yield self.queue.popleft()

    def settle(self, answer: Answer) -> Iterator[Answer]:
        """Yield what an answer settles: nothing if it is malformed and will be asked for again."""
        firsts = self._malformed.pop(answer.request, None)
        if firsts is not None:
            for first in firsts:
                failed = answer.status == "failed"
                yield first if failed else replace(answer, request=first.request)
            return
        prompt = self._task.reask(answer) if answer.status == "answered" else None
        if prompt is None:
            yield answer
            return
        self.n += 1
        second = Request(prompt, answer.request.sample)
        if second not in self._malformed:
            self.queue.append(second)
        self._malformed.setdefault(second, []).append(answer)
