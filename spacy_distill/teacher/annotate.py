"""From answers to annotations: audited votes for text classification, the task's own parser else."""

import warnings
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from spacy.tokens import Doc
from spacy_llm.tasks.textcat import TextCatTask
from spacy_llm.tasks.textcat.parser import parse_responses_v1_v2_v3

from ..attrs import AnswerRecord, get_distill
from ..contract import LabelMap
from ..errors import UserError
from ..ty import Answer
from .audit import Audited, LabelSpace, audit
from .store import prompt_sha256
from .votes import cast_ballot, count_votes, map_ballot

Samples = Sequence[Sequence[Answer]]
Annotator = Callable[[Doc, Sequence[Doc], Samples], Doc]
Auditor = Callable[[Answer, Doc], Audited]


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
    auditor = partial(audit_shard, task, space)
    records: list[AnswerRecord] = []
    ballots: list[dict[str, float]] = []
    for answers in samples:
        audited = [auditor(a, shard) for a, shard in zip(answers, shards, strict=True)]
        good = [
            (x.labels, len(s)) for x, s in zip(audited, shards, strict=True) if x.labels is not None
        ]
        # A shard without a usable answer is text that nobody has judged: no label, then.
        ballot = cast_ballot(good, space.labels) if len(good) == len(shards) else None
        mapped = map_ballot(ballot, label_map, exclusive=space.exclusive) if ballot else None
        if ballot is not None and mapped is None:
            audited = [Audited("outside", "the label map drops this label") for _ in audited]
        if mapped is not None:
            ballots.append(mapped)
        records += [answer_record(a, x) for a, x in zip(answers, audited, strict=True)]
    set_labels(doc, records, ballots, exclusive=space.exclusive)
    return doc


def set_labels(
    doc: Doc, records: list[AnswerRecord], ballots: list[dict[str, float]], *, exclusive: bool
) -> None:
    """Write the outcome of a vote to `doc.cats` and `doc._.distill`."""
    cats, agreement = count_votes(ballots, exclusive=exclusive)
    doc.cats = cats
    record = get_distill(doc)
    record["answers"] = records
    record["n_ok"] = len(ballots)
    if agreement is not None:
        record["agreement"] = agreement


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


def label_space(task: TextCatTask) -> LabelSpace:
    """Return what a spacy-llm text classification task accepts as an answer."""
    return LabelSpace(
        by_answer=dict(task.label_dict),
        normalize=task.normalizer,
        exclusive=task.exclusive_classes and not task.use_binary,
        allow_none=task.allow_none,
        binary=task.use_binary,
    )


def audit_shard(task: TextCatTask, space: LabelSpace, answer: Answer, shard: Doc) -> Audited:
    """Audit the answer about one shard, with the user's own response parser where there is one."""
    stock = task._parse_responses is parse_responses_v1_v2_v3
    if stock or answer.response is None or answer.status != "answered":
        return audit(answer, space)
    try:
        ((cats,),) = task._parse_responses(task, [[shard]], [[answer.response]])
    except Exception as error:
        return Audited("unparsed", f"the task's parser: {type(error).__name__}: {error}")
    labels = tuple(label for label, score in cats.items() if score >= 0.5)
    if space.exclusive and len(labels) != 1:
        return Audited("unparsed", f"the task's parser found {len(labels)} labels")
    return Audited("ok", labels=labels)


def answer_record(answer: Answer, audited: Audited) -> AnswerRecord:
    """Return what a Doc keeps of one answer."""
    return AnswerRecord(
        outcome=audited.outcome,
        reason=audited.reason,
        response=answer.response or "",
        prompt_sha256=prompt_sha256(answer.request.prompt),
    )
