"""`spacy distill answers export`, `import`, `merge` and `delete`: answers in and out of a store."""

from datetime import datetime
from pathlib import Path

import typer
from spacy.cli._util import Arg, Opt
from wasabi import msg

from ..errors import UserError
from .answers import (
    ABOUT,
    CORPUS,
    DOC_ID,
    GREP,
    MODEL,
    OLDER_THAN,
    SINCE,
    STATUS,
    STORE,
    TAG,
    UNTIL,
    answers_app,
    make_selection,
)
from .app import command, progress


@command(
    "export",
    app=answers_app,
    examples="""
    python -m spacy distill answers export answers.jsonl.gz
    python -m spacy distill answers export first.jsonl --model gpt-4o-mini --tag run=first
    python -m spacy distill answers export recording.jsonl.gz --replay --model gpt-4o-mini
    """,
)
def export_cli(
    out: Path = Arg(..., help="JSON Lines file to write; gzipped if it ends in .gz"),
    store: Path = STORE,
    replay: bool = Opt(False, "--replay", help="Prompts and responses for spacy-distill.Replay.v1"),
    model: str | None = MODEL,
    tag: list[str] = TAG,
    status: str | None = STATUS,
    since: datetime | None = SINCE,
    until: datetime | None = UNTIL,
    older_than: int | None = OLDER_THAN,
    grep: str | None = GREP,
    about: list[Path] = ABOUT,
    corpus: Path | None = CORPUS,
    doc_id: list[str] = DOC_ID,
) -> None:
    """Write answers and failures with everything that is kept of them, or a recording to replay."""
    from ..teacher.store.transfer import export_answers, export_recording

    selection = make_selection(
        model, tag, status, since, until, older_than, grep, about, corpus, doc_id
    )
    export = export_recording if replay else export_answers
    n = export(store, out, selection, track=progress)
    msg.good(f"{n:,} {'prompts with their answers' if replay else 'answers'} in {out}")


@command(
    "import",
    app=answers_app,
    examples="python -m spacy distill answers import answers.jsonl.gz --store answers.sqlite",
)
def import_cli(
    path: Path = Arg(..., help="JSON Lines file that `export` has written, gzipped or not"),
    store: Path = STORE,
    rejects: Path | None = Opt(None, "--rejects", help="JSONL file for rejected rows and why"),
) -> None:
    """Add exported answers to a store; its own answers stay, failures give way to answers."""
    from ..teacher.store.intake import import_answers

    found = import_answers(path, store, rejects_path=rejects, track=progress)
    if found.n_rejected:
        msg.warn(f"{found.n_rejected:,} rows of {path} cannot be used; {found.first_reject}")
    if found.n_rejected and rejects is not None:
        msg.info(f"{rejects} holds the rejected rows")
    msg.good(f"{found.n_added:,} of {found.n_read:,} rows are new in {store}")


@command(
    "merge",
    app=answers_app,
    examples="python -m spacy distill answers merge mine.sqlite yours.sqlite --store all.sqlite",
)
def merge_cli(
    sources: list[Path] = Arg(..., help="The stores to read, in order"),
    store: Path = STORE,
) -> None:
    """Add the answers of stores to one; the first answer stays, failures give way to answers."""
    from ..teacher.store.intake import merge_stores

    for found in merge_stores(sources, store, track=progress):
        msg.good(f"{found.source}: {found.n_added:,} of {found.n_read:,} are new in {store}")


@command(
    "delete",
    app=answers_app,
    examples="""
    python -m spacy distill answers delete --older-than 90
    python -m spacy distill answers delete --tag run=first --status failed --yes
    python -m spacy distill answers delete --about letter.txt
    python -m spacy distill answers delete --corpus corpus/labelled --id 1f3a5c7e9b2d4f60
    """,
)
def delete_cli(
    store: Path = STORE,
    model: str | None = MODEL,
    tag: list[str] = TAG,
    status: str | None = STATUS,
    since: datetime | None = SINCE,
    until: datetime | None = UNTIL,
    older_than: int | None = OLDER_THAN,
    grep: str | None = GREP,
    about: list[Path] = ABOUT,
    corpus: Path | None = CORPUS,
    doc_id: list[str] = DOC_ID,
    everything: bool = Opt(False, "--all", help="Delete every answer"),
    yes: bool = Opt(False, "--yes", "-y", help="Don't ask first"),
) -> None:
    """Forget answers for good: they are removed, and what stood there is overwritten."""
    from ..teacher.store.records import count_answers
    from ..teacher.store.upkeep import delete_answers

    selection = make_selection(
        model, tag, status, since, until, older_than, grep, about, corpus, doc_id
    )
    if selection.is_everything and not everything:
        raise UserError(
            "Say which answers to delete, such as with --tag or --about, or give --all."
        )
    n = count_answers(store, selection)
    if not yes:
        typer.confirm(f"Delete {n:,} answers and failures from {store}?", abort=True)
    n_deleted = delete_answers(store, selection)
    say = msg.good if n_deleted else msg.warn  # "nothing found" is no success where a text must go
    say(f"Deleted {n_deleted:,} answers and failures from {store}")
