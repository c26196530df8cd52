"""`spacy distill answers`: the group of commands for the answer store, and their filters."""

from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING

import typer
from spacy.cli._util import Opt

from ..errors import UserError
from .app import distill_app, progress

if TYPE_CHECKING:
    from ..teacher.store.selection import Selection

HELP = "Look into the answer store, move answers between stores and files, and forget them."

answers_app = typer.Typer(name="answers", help=HELP, no_args_is_help=True)
distill_app.add_typer(answers_app, name="answers")

STORE = Opt(Path("answers.sqlite"), "--store", help="The answer store")
MODEL = Opt(None, "--model", "-m", help="Only answers of the model of this name")
TAG = Opt([], "--tag", help="Only answers with this tag, as key=value; repeatable")
STATUS = Opt(None, "--status", help="Only `answered`, `refused`, `truncated` or `failed`")
SINCE = Opt(None, "--since", help="Only what was added at this time (UTC) or later")
UNTIL = Opt(None, "--until", help="Only what was added before this time (UTC)")
OLDER_THAN = Opt(None, "--older-than", help="Only what was added so many days ago", min=0)
GREP = Opt(None, "--grep", help="Only with this regular expression in prompt or answer")
ABOUT = Opt([], "--about", help="File with one text: only prompts that contain it; repeatable")
CORPUS = Opt(None, "--corpus", help="Corpus in which to look up --id")
DOC_ID = Opt([], "--id", help="Only prompts about the text of this id in --corpus; repeatable")


def make_selection(
    model: str | None = None,
    tags: list[str] | None = None,
    status: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    older_than: int | None = None,
    grep: str | None = None,
    about: list[Path] | None = None,
    corpus: Path | None = None,
    ids: list[str] | None = None,
) -> "Selection":
    """Return the choice that the options stand for.

    RAISES (UserError): If an option has no meaning.
    """
    from ..teacher.store.parsing import STATUSES
    from ..teacher.store.selection import Selection
    from ..teacher.store.upkeep import traces
    from .label import read_tags

    if status not in (None, *STATUSES):
        raise UserError(f"--status {status}: choose one of {', '.join(STATUSES)}.")
    if (corpus is None) == bool(ids):
        raise UserError("--corpus and --id belong together; give both, or neither.")
    if older_than is not None:
        day = datetime.now(timezone.utc) - timedelta(days=older_than)
        until = day if until is None else min(day, until.replace(tzinfo=timezone.utc))
    texts = [read_text(path) for path in about or []]
    found = traces(corpus, ids or [], track=progress) if corpus is not None else []
    return Selection(
        model=model,
        tags=read_tags(tags or []),
        status=status,
        since=since,
        until=until,
        pattern=grep,
        about=[*texts, *found],
    )


def read_text(path: Path) -> str:
    """Read a text from a file.

    RAISES (UserError): If it is not in UTF-8.
    """
    try:
        return path.read_text(encoding="utf8")
    except UnicodeDecodeError as error:
        raise UserError(f"{path} is not in UTF-8 ({error}); save it so.") from error
