"""From answers to annotations: audited votes for text classification, the task's own parser else."""

import warnings
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from spacy.tokens import Doc
from spacy_llm.tasks.textcat import TextCatTask

from ..attrs import AnswerRecord, get_distill
from ..contract import LabelMap
from ..errors import UserError
from ..ty import Answer, Audited
from .judge import judge, label_space
from .store.keys import prompt_sha256
from .votes import Ballot, cast_ballot, count_votes, map_ballot

Samples = Sequence[Sequence[Answer]]
Annotator = Callable[[Doc, Sequence[Doc], Samples], Doc]


def build_annotator(task: Any, label_map: LabelMap) -> Annotator:
    """Return the function that puts the answers to a task's prompts on a Doc.

    task (Any): A spacy-llm task.
    label_map (LabelMap): For text classification, old label to new label or None.
    RETURNS (Annotator): Called with a Doc, its shards and, per sample, one answer per shard.
    RAISES (UserError): If labels are to be mapped for another kind of task.
    """
    if isinstance(task, TextCatTask):
        return partial(annotate_cats, task, label_map)
    if label_map:
        raise UserError(f"A label map needs a text classification task, not {type(task).__name__}.")
    return partial(annotate_parsed, task)


def annotate_cats(
    task: TextCatTask, label_map: LabelMap, doc: Doc, shards: Sequence[Doc], samples: Samples
) -> Doc:
    """Audit the answers, let those that are ok vote, and set `doc.cats` to the soft label.

    RETURNS (Doc): The same Doc; its `doc.cats` is empty if no answer was ok.
    """
    space = label_space(task)
    records: list[AnswerRecord] = []
    ballots: list[Ballot] = []
    soft: list[Ballot] = []
    for answers in samples:
        judged = [judge(task, space, a, shard) for a, shard in zip(answers, shards, strict=True)]
        audited = [one.audited for one in judged]
        good = [
            (x.scores, len(s)) for x, s in zip(judged, shards, strict=True) if x.scores is not None
        ]
        # A shard without a usable answer is text that nobody has judged: no label, then.
        ballot = cast_ballot(good, space.labels) if len(good) == len(shards) else None
        mapped = map_ballot(ballot, label_map, exclusive=space.exclusive) if ballot else None
        if ballot is not None and mapped is None:
            audited = [Audited("outside", "the label map drops this label") for _ in audited]
        if mapped is not None:
            ballots.append(mapped)
            if all(one.soft for one in judged):
                soft.append(mapped)
        records += [answer_record(a, x) for a, x in zip(answers, audited, strict=True)]
    set_labels(doc, ballots, soft, exclusive=space.exclusive)
    record = get_distill(doc)
    record["answers"] = records
    record["n_ok"] = len(ballots)
    if any(answer.logprobs for answers in samples for answer in answers):
        record["n_soft"] = len(soft)
    return doc


def set_labels(
    doc: Doc, ballots: Sequence[Ballot], soft: Sequence[Ballot], *, exclusive: bool
) -> None:
    """Set the label and agreement of a Doc.

    doc (Doc): The Doc; its `doc.cats` becomes empty if there are no ballots.
    ballots (Sequence[Ballot]): All ballots, which count for the agreement.
    soft (Sequence[Ballot]): Those from log-probabilities. Each is the whole distribution, so whole
        votes beside them would only pull the label towards the answers that are hard to read.
    exclusive (bool): Whether exactly one label applies.
    """
    doc.cats, _ = count_votes(soft or ballots, exclusive=exclusive)
    _, agreement = count_votes(ballots, exclusive=exclusive)
    if agreement is not None:
        get_distill(doc)["agreement"] = agreement


def annotate_parsed(task: Any, doc: Doc, shards: Sequence[Doc], samples: Samples) -> Doc:
    """Let the task's own parser annotate the Doc from its first sample.

    RETURNS (Doc): The Doc; without annotations if an answer is missing or cannot be parsed.
    """
    answers = samples[0]
    record = get_distill(doc)
    failure = next((a for a in answers if a.status != "answered"), None)
    if failure is not None:
        audited = Audited(
            "failed" if failure.status == "answered" else failure.status, failure.reason
        )
    else:
        audited, doc = parse(task, doc, shards, [answer.response or "" for answer in answers])
    record["answers"] = [answer_record(answer, audited) for answer in answers]
    record["n_ok"] = int(audited.outcome == "ok")
    return doc


def parse(task: Any, doc: Doc, shards: Sequence[Doc], responses: list[str]) -> tuple[Audited, Doc]:
    """Run a task's parser on one Doc; an exception or a changed text counts as unparsed."""
    try:
        with warnings.catch_warnings():
            # Joining shards warns of the user data that it leaves behind; it is brought back below.
            warnings.simplefilter("ignore", UserWarning)
            (parsed,) = task.parse_responses([list(shards)], [responses])
    except Exception as error:
        return Audited("unparsed", f"{type(error).__name__}: {error}"), doc
    if parsed.text != doc.text:
        return Audited("unparsed", "joining the shards changed the text"), doc
    if parsed is not doc:
        parsed.user_data.update({**doc.user_data, **parsed.user_data})
        parsed._.distill = get_distill(doc)
        parsed._context = doc._context
    return Audited("ok"), parsed


def answer_record(answer: Answer, audited: Audited) -> AnswerRecord:
    """Return what a Doc keeps of one answer."""
    return AnswerRecord(
        outcome=audited.outcome,
        reason=audited.reason,
        response=answer.response or "",
        prompt_sha256=prompt_sha256(answer.request.prompt),
    )
