"""Logs of OpenAI-shaped requests: stored completions, batch files, distillation exports."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from ...attrs import Distill
from ...ty import Answer, Request
from ..client.completions import read_choice
from .batch_files import joined
from .call import Call, read_call
from .found import Found, Item, LeftOut, is_text, plain_meta
from .inversion import Recover
from .origin import Origin
from .rows import Row, read_rows


def read_calls(
    paths: Sequence[Path],
    *,
    recover: Recover,
    free: bool,
    origin: Origin,
    wanted: Mapping[str, str],
) -> Iterator[Item]:
    """Read logged calls; the two halves of a batch job, input and output file, are joined.

    paths (Sequence[Path]): JSONL files, or folders of them.
    recover (Recover): Finds the text in a prompt.
    free (bool): Whether the prompts may be others than the teacher's.
    origin (Origin): Says whether a call is one that the teacher would make.
    wanted (Mapping[str, str]): Metadata that a call must have.
    YIELDS (Item): One per call.
    """
    for row in joined(read_rows(paths)):
        yield read_logged(row, recover, free, origin, wanted) if isinstance(row, Row) else row


def read_logged(
    row: Row, recover: Recover, free: bool, origin: Origin, wanted: Mapping[str, str]
) -> Item:
    """Read one logged call."""
    call = read_call(row)
    if not isinstance(call, Call):
        return call
    if any(str(call.metadata.get(key)) != value for key, value in wanted.items()):
        return LeftOut("other metadata")
    text = recover(call.prompt)
    if text is None or not is_text(call.prompt):
        detail = (
            "the pattern does not match" if free else "the prompt is not of the task's template"
        )
        return row.unusable("text not recovered", detail)
    samples = read_samples(call)
    if not samples:
        return row.unusable("no answer", "no choice has a message")
    objection = origin.objection(call)
    return Found(
        row.place,
        text,
        tuple((answer,) for answer in samples),
        record=Distill(meta=plain_meta(call.metadata)),
        not_stored=objection,
        first_sample=None if objection else origin.first_sample(call),
        foreign_prompt=free,
        models=call.models,
    )


def read_samples(call: Call) -> list[Answer]:
    """Return the answers of a call, one per choice; a refusal or a cut is one as well."""
    answers = []
    for number, choice in enumerate(call.choices):
        try:
            answers.append(read_choice(choice, Request(call.prompt, number), 0.0))
        except (KeyError, TypeError, AttributeError, ValueError):
            continue
    if answers:
        answers[0].usage.update(call.usage)
    return answers
