"""What one answer to a text classification prompt says: audited, with a score for each label."""

from dataclasses import dataclass, replace

from spacy.tokens import Doc
from spacy_llm.tasks.textcat import TextCatTask
from spacy_llm.tasks.textcat.parser import parse_responses_v1_v2_v3

from ..ty import Answer, Audited, AuditingTask
from .audit import LabelSpace, audit
from .soft_labels import soft_label
from .votes import Ballot


@dataclass(frozen=True)
class Judged:
    """One answer about one shard.

    audited (Audited): The outcome.
    scores (Ballot | None): The score of each label; None unless the outcome is "ok".
    soft (bool): Whether the scores come from log-probabilities.
    """

    audited: Audited
    scores: Ballot | None = None
    soft: bool = False


def label_space(task: TextCatTask) -> LabelSpace:
    """Return what a spacy-llm text classification task accepts as an answer."""
    return LabelSpace(
        by_answer=dict(task.label_dict),
        normalize=task.normalizer,
        exclusive=task.exclusive_classes and not task.use_binary,
        allow_none=task.allow_none,
        binary=task.use_binary,
    )


def judge(task: TextCatTask, space: LabelSpace, answer: Answer, shard: Doc) -> Judged:
    """Audit the answer about one shard and, if it is ok, read a score for each label from it.

    task (TextCatTask): The task.
    space (LabelSpace): The task's labels.
    answer (Answer): The answer.
    shard (Doc): What it is about.
    RETURNS (Judged): Soft scores if the answer is plain label names with log-probabilities that are
        clear enough; else 1.0 for each label that applies.
    """
    audited = audit_shard(task, space, answer, shard)
    if audited.labels is None:
        return Judged(audited)
    scores, reason = soft_label(answer, audited.labels, space) if is_plain(task) else (None, "")
    if scores is not None:
        return Judged(audited, scores, soft=True)
    whole = {label: float(label in audited.labels) for label in space.labels}
    return Judged(replace(audited, reason=reason or audited.reason), whole)


def audit_shard(task: TextCatTask, space: LabelSpace, answer: Answer, shard: Doc) -> Audited:
    """Audit the answer about one shard, with the task's own audit or response parser if it has one."""
    if isinstance(task, AuditingTask) and answer.status == "answered":
        return task.audit(answer)
    if is_plain(task) or answer.response is None or answer.status != "answered":
        return audit(answer, space)
    try:
        ((cats,),) = task._parse_responses(task, [[shard]], [[answer.response]])
    except Exception as error:
        return Audited("unparsed", f"the task's parser: {type(error).__name__}: {error}")
    labels = tuple(label for label, score in cats.items() if score >= 0.5)
    if space.exclusive and len(labels) != 1:
        return Audited("unparsed", f"the task's parser found {len(labels)} labels")
    return Audited("ok", labels=labels)


def is_plain(task: TextCatTask) -> bool:
    """Say whether the answers to a task are label names, as spacy-llm's TextCat v1 to v3 have them."""
    stock = task._parse_responses is parse_responses_v1_v2_v3
    return stock and not isinstance(task, AuditingTask)
