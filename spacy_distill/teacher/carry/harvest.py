"""From answers that were paid for elsewhere to a labelled corpus, and to the answer store."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Literal

from spacy.tokens import Doc
from spacy.util import minibatch

from ...contract import LabelMap
from ...errors import UserError
from ...io import check_corpus_place, write_docs
from ...ty import Answer, Track, untracked
from ..identity import Identity
from ..store.answers import AnswerStore
from .asked_rows import read_calls
from .batch_cache import read_batch_cache
from .found import Found, Item, LeftOut
from .harvest_report import HarvestReport
from .inversion import Pattern, invert_task
from .prodigy import read_prodigy
from .rejects import Rejects
from .saved_docs import read_llm_io
from .settle import Settled, settle, text_problem
from .spool import Spool
from .teaching import Teaching, read_teaching

Format = Literal["llm-io", "batch-cache", "openai", "prodigy"]
BATCH_SIZE = 500  # texts whose answers are stored in one go


def harvest(
    format: Format,
    inputs: Sequence[Path | str],
    out_path: Path | str,
    *,
    teacher: Path | str,
    store_path: Path | str,
    component: str | None = None,
    label_map: LabelMap | None = None,
    metadata: Mapping[str, str] | None = None,
    pattern: str | None = None,
    rejects_path: Path | str | None = None,
    track: Track = untracked,
) -> HarvestReport:
    """Import answers: a labelled corpus, and the answer store so that `label` does not ask again.

    Rows about the same text become one Doc, whose answers vote. An answer is the teacher's own, and
    stored, only if its prompt is what the teacher would be sent about the text.

    format ("llm-io" | "batch-cache" | "openai" | "prodigy"): What the inputs are.
    inputs (Sequence[Path | str]): Files or folders.
    out_path (Path | str): Where the corpus goes: a `.spacy` file or a folder of shards.
    teacher (Path | str): The spacy-llm config that the answers were asked with.
    store_path (Path | str): The answer store; that of the config's own model block goes before.
    component (str | None): The LLM component, where several could be meant.
    label_map (LabelMap | None): Old label to new label, or to None to drop it.
    metadata (Mapping[str, str] | None): For "openai", the tags that a call must have.
    pattern (str | None): For "openai", a regular expression with a group `text`, for prompts of
        another template than the teacher's.
    rejects_path (Path | str | None): JSONL file for the rows that can't be used, with why.
    track (Track): Shows progress.
    RETURNS (HarvestReport): What became of the rows.
    RAISES (UserError): If no row can be used; no corpus is written then.
    """
    check_corpus_place(out_path)
    paths = [Path(path) for path in inputs]
    teaching = read_teaching(teacher, component=component, label_map=label_map)
    report = HarvestReport(format, [str(x) for x in paths], str(teacher), teaching.contract.name)
    with Spool() as spool, Rejects(rejects_path, report) as rejects:
        found = read_items(format, paths, teaching, metadata=metadata or {}, pattern=pattern)
        gather(track(found, desc=f"Read {format}", unit="rows"), spool, rejects, teaching)
        docs = settled_docs(spool, rejects, teaching, store_path=store_path, label_map=label_map)
        tracked = iter(track(docs, total=len(spool), desc="Harvest"))
        first = next(tracked, None)
        if first is not None:
            write_docs(chain([first], tracked), out_path)
    if first is None:
        reasons = {**report.rejects, **report.left_out} or "the inputs are empty"
        raise UserError(f"No row of {report.n_rows:,} can be used: {reasons}.")
    return report


def read_items(
    format: Format,
    paths: Sequence[Path],
    teaching: Teaching,
    *,
    metadata: Mapping[str, str],
    pattern: str | None,
) -> Iterator[Item]:
    """Read the rows of the inputs, whatever their format."""
    component = teaching.contract.name
    if format != "openai" and (metadata or pattern):
        raise UserError(f"Metadata and a pattern are for logged calls; {format} has neither.")
    if format == "llm-io":
        return read_llm_io(paths, component)
    if format == "batch-cache":
        labels = bool(teaching.task_labels)
        return read_batch_cache(paths, component, template=teaching.template, has_labels=labels)
    if format == "prodigy":
        return read_prodigy(paths)
    recover = Pattern(pattern) if pattern else invert_task(teaching.task, teaching.nlp)
    return read_calls(
        paths, recover=recover, free=bool(pattern), origin=teaching.origin, wanted=metadata
    )


def gather(items: Iterable[Item], spool: Spool, rejects: Rejects, teaching: Teaching) -> None:
    """Put what was found into the spool and the rest into the rejects, until there is no more."""
    for item in items:
        rejects.report.count_row(item)
        if isinstance(item, LeftOut):
            continue
        if isinstance(item, Found):
            problem = text_problem(item.text, teaching.nlp.max_length)
            if problem is None:
                spool.add(item)
                continue
            item = item.unusable(*problem)
        rejects.add(item)


def settled_docs(
    spool: Spool,
    rejects: Rejects,
    teaching: Teaching,
    *,
    store_path: Path | str,
    label_map: LabelMap | None,
) -> Iterator[Doc]:
    """Yield the Doc of each text, with the answers stored before.

    spool (Spool): What was found.
    rejects (Rejects): Takes the rows that can't be used.
    teaching (Teaching): The teacher.
    store_path (Path | str): The answer store; left alone if the config's model is a recording.
    label_map (LabelMap | None): Old label to new label, or to None to drop it.
    YIELDS (Doc): The Docs; one must not be used after the next was asked for, since its words go.
    """
    report = rejects.report
    identity = None if teaching.not_stored else teaching.identity
    with opened_store(identity, store_path, tags={"harvested": report.format}) as keep:
        for batch in minibatch(spool.by_text(), BATCH_SIZE):
            with teaching.nlp.memory_zone():
                settled = settle_all(list(batch), teaching, label_map or {})
                for one in settled:
                    report.count_settled(one)
                    for reject in one.unusable:
                        rejects.add(reject)
                report.n_stored += keep([answer for one in settled for answer in one.stored])
                yield from (one.doc for one in settled if one.doc is not None)


def settle_all(
    texts: Sequence[Sequence[Found]], teaching: Teaching, label_map: LabelMap
) -> list[Settled]:
    """Make the Docs of several texts, each from all rows about it."""
    docs = [teaching.nlp.make_doc(rows[0].text) for rows in texts]
    return [
        settle(rows, doc, prompts, teaching=teaching, label_map=label_map)
        for rows, doc, prompts in zip(texts, docs, teaching.prompts(docs), strict=True)
    ]


@contextmanager
def opened_store(
    identity: Identity | None, path: Path | str, *, tags: Mapping[str, str]
) -> Iterator[Callable[[Sequence[Answer]], int]]:
    """Open the answer store of a teacher.

    identity (Identity | None): The model as the store knows it; None if nothing is to be stored.
    path (Path | str): The store, unless the model's block names one.
    tags (Mapping[str, str]): Tags that go with each answer.
    YIELDS (Callable[[Sequence[Answer]], int]): Stores answers, and returns how many are new.
    """
    if identity is None:
        yield keep_nothing
        return
    with AnswerStore(identity.store or path, tags=tags) as store:
        yield partial(keep_answers, store, identity)


def keep_answers(store: AnswerStore, identity: Identity, answers: Sequence[Answer]) -> int:
    """Store answers, and return how many are new."""
    n_before = len(store)
    store.add_all(answers, identity.name, identity.params)
    return len(store) - n_before


def keep_nothing(answers: Sequence[Answer]) -> int:
    """Store no answers, and say so."""
    return 0
