"""`spacy distill answers list`, `grep` and `show`: look into the answer store."""

import re
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import typer
from spacy.cli._util import Arg, Opt
from wasabi import msg

from ..markdown import visible
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
from .app import command

if TYPE_CHECKING:
    from ..teacher.store.records import Record

SHOWN = 50  # characters of an answer in a list, and on each side of what grep has found


@command(
    "list",
    app=answers_app,
    examples="""
    python -m spacy distill answers list
    python -m spacy distill answers list --status failed --since 2026-01-31 -n 100
    python -m spacy distill answers list --store old.sqlite --model gpt-4o-mini --tag run=first
    """,
)
def list_cli(
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
    n: int = Opt(20, "--limit", "-n", help="How many at most, the newest last", min=1),
) -> None:
    """List the answers that were added last."""
    from ..teacher.store.records import newest

    selection = make_selection(
        model, tag, status, since, until, older_than, grep, about, corpus, doc_id
    )
    rows = [
        (r.key[:12], r.created[:16], shown(r.model), str(r.sample), r.status, answer_line(r))
        for r in newest(store, n, selection)
    ]
    header = ("Id", "Added (UTC)", "Model", "Sample", "Status", "Answer or reason")
    if rows:
        msg.table(rows, header=header, divider=True, spacing=2, max_col=SHOWN + 5)
    else:
        msg.info(f"{store} holds no such answer.")


@command(
    "grep",
    app=answers_app,
    examples="""
    python -m spacy distill answers grep "refund|money back"
    python -m spacy distill answers grep "(?i)as an ai" --model gpt-4o-mini
    """,
)
def grep_cli(
    pattern: str = Arg(..., help="A regular expression"),
    store: Path = STORE,
    model: str | None = MODEL,
    tag: list[str] = TAG,
    status: str | None = STATUS,
    since: datetime | None = SINCE,
    until: datetime | None = UNTIL,
) -> None:
    """Find a pattern in prompts and answers; prints the id and the first match in each."""
    from ..teacher.store.records import read_records

    selection = make_selection(model, tag, status, since, until, grep=pattern)
    n = 0
    for record in read_records(store, selection):
        n += 1
        for where, text in (("prompt", record.prompt), ("answer", record.response or "")):
            found = re.search(pattern, text)
            if found is not None:
                typer.echo(f"{record.key[:12]}  {where}  {excerpt(text, *found.span())}")
    msg.info(f"{n} of the answers in {store} have {shown(pattern)}")


@command(
    "show",
    app=answers_app,
    examples="python -m spacy distill answers show 3f2a9c",
)
def show_cli(
    ids: list[str] = Arg(..., help="How the ids begin, or the SHA-256 sums of prompts"),
    store: Path = STORE,
) -> None:
    """Show prompts and answers in full, with all that is kept of them."""
    from ..errors import UserError
    from ..teacher.store.records import read_records
    from ..teacher.store.selection import Selection

    n = 0
    for record in read_records(store, Selection(ids=ids)):
        n += 1
        print_record(record)
    if not n:
        raise UserError(f"{store} holds no answer whose id begins with {' or '.join(ids)}.")


def print_record(record: "Record") -> None:
    """Print a prompt and its answer in full, each line break as it is."""
    msg.divider(f"{record.key[:12]}, sample {record.sample}")
    for name in ("key", "prompt_sha256", "model", "params", "status", "reason", "finish_reason"):
        typer.echo(f"{name}: {shown(getattr(record, name))}")
    typer.echo(f"usage: {shown(record.usage)}")
    typer.echo(f"seconds: {record.latency:.2f}")
    typer.echo(f"added: {record.created}")
    typer.echo(f"tags: {shown(record.tags)}")
    if record.logprobs is not None:
        typer.echo(f"logprobs: {shown(record.logprobs)}")
    typer.echo(f"\nPrompt:\n{shown(record.prompt)}\n\nAnswer:\n{shown(record.response or '')}\n")


def answer_line(record: "Record") -> str:
    """Return the start of an answer, or why there is none, on one line."""
    text = " ".join(shown(record.response or record.reason).split())
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"


def excerpt(text: str, start: int, end: int) -> str:
    """Return a part of a text with some of what stands around it, on one line."""
    before, after = max(start - SHOWN, 0), min(end, start + SHOWN) + SHOWN
    return " ".join(shown(text[before:after]).split())


def shown(text: str) -> str:
    """Return a text that any terminal can show: no control characters, no lone surrogates."""
    return visible(text.encode("utf8", "replace").decode("utf8"))
