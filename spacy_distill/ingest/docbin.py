"""Rows of `.spacy` files: Docs that were made elsewhere, or by ingest."""

from collections.abc import Iterator
from typing import Any

from spacy.tokens import Doc

from ..attrs import EXTENSION, get_distill
from ..errors import UserError
from ..io import read_docs
from .files import SourceFile
from .rows import ID, META, Columns, Reject, Row

CATS = "cats"
APPLIES = 0.5  # the score from which on a label of `doc.cats` is gold
NO_META = ("llm_io",)  # what spacy-llm logs: prompts and answers, not metadata


def read_docbin(file: SourceFile, columns: Columns, max_chars: int) -> Iterator[Row | Reject]:
    """Stream the Docs of a `.spacy` file, which is held while it is read.

    file (SourceFile): The file.
    columns (Columns): The gold column `cats` stands for the labels in `doc.cats`, from a score of
        0.5 on, and `gold` for the gold that an earlier ingest has read.
    max_chars (int): Unused; the length of a text is judged later.
    YIELDS (Row | Reject): One per Doc, with its position as the line, from 1. What stands in its
        user data becomes columns, and so does the metadata that an earlier ingest has kept; the
        copies that it has merged are counted on.
    RAISES (UserError): If the file is no DocBin, or damaged.
    """
    for number, doc in enumerate(_read_docs(file), start=1):
        copies = get_distill(doc).get("copies", 0)
        yield Row(file.name, number, _doc_values(doc, columns), "", copies)


def _read_docs(file: SourceFile) -> Iterator[Doc]:
    try:
        yield from read_docs(file.path)
    except UserError:
        raise
    except Exception as error:  # a damaged DocBin fails in as many ways as it has fields
        raise UserError(f"{file.path} is damaged ({error!r}); write it again.") from error


def _doc_values(doc: Doc, columns: Columns) -> dict[str, Any]:
    record = get_distill(doc)
    meta = record.get("meta", {})
    values = {**_user_data(doc), **meta}
    if columns.id == ID and "source" in record:
        if ID in meta:  # below the metadata, since the source takes its place as a column
            values.setdefault(META, {ID: meta[ID]})
        values[ID] = record["source"]
    if columns.gold == CATS and doc.cats:
        values[CATS] = [label for label, score in doc.cats.items() if score >= APPLIES]
    if columns.gold == "gold" and "gold" in record:
        values["gold"] = list(record["gold"])
    values[columns.text] = doc.text
    return values


def _user_data(doc: Doc) -> dict[str, Any]:
    values = {}
    key: Any
    for key, value in doc.user_data.items():
        # An extension's key is ("._.", name, start, end), without start and end where the Doc has it.
        name = key[1] if isinstance(key, tuple) and key[2:] == (None, None) else key
        if isinstance(name, str) and name not in (EXTENSION, *NO_META):
            values[name] = value
    return values
