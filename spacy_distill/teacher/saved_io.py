"""What one Doc of a live pipeline has of its LLM component: labels and audited answers."""

from collections.abc import Callable
from functools import partial
from typing import Any, cast

from spacy.tokens import Doc
from spacy_llm.pipeline import LLMWrapper
from spacy_llm.tasks.textcat import TextCatTask

from ..attrs import EXTENSION, Distill, get_distill
from ..errors import UserError
from ..secrets import redacted
from ..ty import Answer, Audited, Request
from .annotate import annotate_cats, answer_record
from .component import DistillLLM
from .label import without_answers
from .models import error_message

Cats = dict[str, float]
# From a Doc, which is only read, to its cats and record; None if nobody has been asked about it
AnswerReader = Callable[[Doc], tuple[Cats, Distill] | None]
RECORD_KEY = ("._.", EXTENSION, None, None)


def answer_reader(pipe: LLMWrapper, name: str) -> AnswerReader:
    """Return the function that reads what an LLM component has left on a Doc.

    pipe (LLMWrapper): The component: ours, or spacy-llm's own with `save_io`.
    name (str): Its name.
    RETURNS (AnswerReader): It leaves the Doc as it is.
    RAISES (UserError): If the component does not save its answers.
    """
    if isinstance(pipe, DistillLLM):
        return read_answers
    if not pipe._save_io:
        raise UserError(
            f"The component {name!r} does not keep the answers; set `save_io = true` in "
            f"[components.{name}], or use the factory `distill_llm`."
        )
    if isinstance(pipe.task, TextCatTask):
        return partial(audit_saved, pipe.task, name)
    return partial(keep_saved, name)


def read_answers(doc: Doc) -> tuple[Cats, Distill] | None:
    """Read what `distill_llm` has left: the votes and the audited answers."""
    record = copied_record(doc)
    return (dict(doc.cats), record) if record.get("answers") else None


def audit_saved(task: TextCatTask, name: str, doc: Doc) -> tuple[Cats, Distill] | None:
    """Audit the answers that spacy-llm has saved, and let them vote on a bare copy of the Doc.

    Shards weigh the same, since what is saved does not tell their lengths.
    """
    answers = saved_answers(doc, name)
    if not answers:
        return None
    words: Any = doc.to_array("ORTH")
    spaces: Any = doc.to_array("SPACY").astype(bool)
    bare = Doc(doc.vocab, words, spaces)
    bare._.distill = copied_record(doc)
    annotate_cats(task, {}, without_answers(bare), [bare] * len(answers), [answers])
    return dict(bare.cats), get_distill(bare)


def keep_saved(name: str, doc: Doc) -> tuple[Cats, Distill] | None:
    """Keep the saved answers of another task, whose parser has set the annotations already."""
    answers = saved_answers(doc, name)
    if not answers:
        return None
    record = copied_record(doc)
    record.pop("agreement", None)
    failed = [answer for answer in answers if answer.status != "answered"]
    record["answers"] = [
        answer_record(
            answer, Audited("failed", answer.reason) if answer in failed else Audited("ok")
        )
        for answer in answers
    ]
    record["n_ok"] = int(not failed)
    return dict(doc.cats), record


def saved_answers(doc: Doc, name: str) -> list[Answer]:
    """Return the answers that `save_io` has left on a Doc, one per shard; [] if there are none."""
    io = (doc.user_data.get("llm_io") or {}).get(name) or {}
    pairs = zip(as_strings(io.get("prompt")), as_strings(io.get("response")), strict=True)
    return [saved_answer(prompt, response) for prompt, response in pairs]


def saved_answer(prompt: str, response: str) -> Answer:
    """Return one saved answer; a model that is not strict hands on its errors as answers."""
    failure = error_message(response)
    if failure is not None:
        return Answer(Request(prompt), None, "failed", redacted(failure))
    return Answer(Request(prompt), response)


def as_strings(saved: Any) -> list[str]:
    """Return a saved string, or the strings of several shards, as a list."""
    return [saved] if isinstance(saved, str) else list(saved or [])


def copied_record(doc: Doc) -> Distill:
    """Return a copy of a Doc's record; to read `doc._.distill` would leave an empty one on it."""
    user_data = cast(dict[Any, Any], doc.user_data)
    return cast(Distill, dict(user_data.get(RECORD_KEY, {})))
