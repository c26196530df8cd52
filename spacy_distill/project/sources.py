"""The user's own files in a new project: their copies, their names, their columns."""

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from ..errors import UserError
from .folders import copy_into

TEXTS = Path("texts.jsonl")
ENCODER = "assets/encoder"


@dataclass(frozen=True)
class Sources:
    """The user's files, and how their columns are called.

    texts (Path | None): What the teacher is to label; None leaves a place for it.
    gold (Path | None): Texts with human labels; without them there is no verdict.
    text_column (str): The column of the text, in both.
    id_column (str): The column of the user's own ids, in both.
    gold_column (str): The column of the human labels.
    gold_separator (str | None): What stands between several labels in a cell of a table.
    """

    texts: Path | None = None
    gold: Path | None = None
    text_column: str = "text"
    id_column: str = "id"
    gold_column: str = "label"
    gold_separator: str | None = None


def copy_sources(sources: Sources, folder: Path, *, taken: Iterable[str]) -> tuple[str, str | None]:
    """Copy the user's files into a project's assets.

    sources (Sources): The user's files.
    folder (Path): The project's folder.
    taken (Iterable[str]): The paths of other files in the project.
    RETURNS (tuple[str, str | None]): The paths in the project of the texts, which may be yet to come,
        and of the gold texts.
    RAISES (UserError): If a source is a folder with the project in it.
    """
    used = {"/".join(path.split("/")[:2]).casefold() for path in [ENCODER, *taken]}
    texts = free_path(sources.texts or TEXTS, "texts", used)
    if sources.texts is not None:
        copy_into(sources.texts, folder / texts)
    if sources.gold is None:
        return texts, None
    gold = free_path(sources.gold, "gold", used | {texts.casefold()})
    copy_into(sources.gold, folder / gold)
    return texts, gold


def free_path(source: Path, role: str, used: set[str]) -> str:
    """Return a path under assets that is not in use, and that needs no quotes anywhere."""
    # The last part of `.` or `..` is no name; that of a link is
    name = re.sub(r"[^\w.-]+", "_", os.path.basename(os.path.abspath(source)))
    while f"assets/{name}".casefold() in used:
        name = f"{role}_{name}"
    return f"assets/{name}"


def column_options(sources: Sources) -> str:
    """Return the options of `ingest` that name the columns, where they are not the default."""
    options = {
        "--text-column": (sources.text_column, "text"),
        "--id-column": (sources.id_column, "id"),
    }
    return "".join(
        f" {option} {quoted(value)}" for option, (value, usual) in options.items() if value != usual
    )


def gold_options(sources: Sources) -> str:
    """Return the options of `ingest` that speak of gold."""
    separator = sources.gold_separator
    more = f" --gold-separator {quoted(separator)}" if separator else ""
    return f" --gold {quoted(sources.gold_column)}{more}"


def quoted(word: str) -> str:
    """Quote a word for a command line in a project.yml, on every platform."""
    if '"' in word or "\\" in word or "$" in word:
        raise UserError(f"The name {word!r} can't stand in a project.yml; rename it.")
    return word if re.fullmatch(r"[\w.-]+", word) else f'"{word}"'
