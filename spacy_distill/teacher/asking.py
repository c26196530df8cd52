"""Ask about a whole corpus in one window, so that a slow answer holds up nobody."""

import gc
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from spacy.language import Language
from spacy_llm.tasks.textcat import TextCatTask

from ..errors import UserError
from ..io import corpus_shards, count_docs, read_docs
from ..ty import Answer, Audited, AuditingTask, Request, Status, Track, untracked
from .audit import audit
from .component import DistillLLM
from .judge import is_plain, label_space
from .questions import ask
from .stored import RecalledModel, StoredModel


def ask_corpus(
    nlp: Language, component: str, path: Path | str, *, track: Track = untracked
) -> dict[str, int]:
    """Ask all questions about a corpus; the answers are in the answer store afterwards.

    From then on the component labels from the store, and asks nothing more.

    nlp (Language): A pipeline with an LLM component whose model stores its answers.
    component (str): The component's name.
    path (Path | str): The corpus.
    track (Track): Shows progress.
    RETURNS (dict[str, int]): How many answers were "stored" before, "asked", "failed", "unparsed" and
        "reasked" since they were malformed, and the tokens that the server has reported.
    RAISES (UserError): If nothing works any more, or a cap is reached.
    """
    pipe: DistillLLM = nlp.get_pipe(component)  # type: ignore[assignment]
    model = pipe.live_model
    if not isinstance(model, StoredModel):
        raise UserError(f"The model of {component!r} does not store its answers.")
    before = Counter(model.counts)
    usable = build_check(pipe.task)
    total = count_docs(path) * pipe.samples
    status = partial(progress_status, model, before)
    answers = ask(model, pipe.task, corpus_requests(nlp, pipe, path), model.counts)
    shown = track(answers, total=total, desc=f"Ask about {path}", unit="answers", status=status)
    with frozen_heap(), closing(answers):  # closed at once, so that what is on its way is stored
        for answer in shown:
            model.counts["with_logprobs"] += bool(answer.logprobs)
            model.counts["unparsed"] += answer.status == "answered" and not usable(answer)
    pipe.answer_model = RecalledModel(model)
    found = dict(model.counts - before)
    if model.params.get("logprobs"):  # none is news too
        found["with_logprobs"] = model.counts["with_logprobs"] - before["with_logprobs"]
    return found


@contextmanager
def frozen_heap() -> Iterator[None]:
    """Spare the garbage collector what is in memory already.

    The millions of objects of spaCy and its neighbours stay; to walk them again and again takes a
    quarter of the time of a quick endpoint's answers.
    """
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def corpus_requests(nlp: Language, pipe: DistillLLM, path: Path | str) -> Iterator[Request]:
    """Render the requests about a corpus shard by shard; a Doc lives no longer than its shard."""
    for shard in corpus_shards(path):
        with nlp.memory_zone():
            yield from pipe.requests(read_docs(shard, nlp.vocab))


def build_check(task: Any) -> Callable[[Answer], bool]:
    """Return a quick look at whether an answer can be used; with a parser of the user's own all can."""
    if not isinstance(task, TextCatTask):
        return anything
    if isinstance(task, AuditingTask):
        return partial(passes, task.audit)
    return partial(passes, partial(audit, space=label_space(task))) if is_plain(task) else anything


def passes(auditor: Callable[[Answer], Audited], answer: Answer) -> bool:
    """Say whether an auditor finds an answer usable."""
    return auditor(answer).outcome == "ok"


def anything(answer: Answer) -> bool:
    """Take any answer for usable."""
    return True


def progress_status(model: StoredModel, before: Counter[str]) -> Status:
    """Return what to show beside a progress bar: counts of this corpus, and the run's cost so far."""
    counts = model.counts - before
    shown: dict[str, int | float | str] = {
        name: counts[name]
        for name in ("asked", "stored", "failed", "unparsed", "reasked")
        if counts[name]
    }
    if model.spent is not None:
        shown["spent"] = model.spent
    return shown
