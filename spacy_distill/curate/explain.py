"""Find one Doc of a corpus and tell all that is known about it."""

from pathlib import Path
from typing import Any

from spacy.tokens import Doc

from ..attrs import doc_id, get_distill
from ..errors import UserError
from ..io import read_docs

MAX_SHOWN = 5


def explain(path: Path | str, key: str) -> dict[str, Any]:
    """Tell the text, the labels, the answers and the verdicts of one Doc.

    path (Path | str): The corpus.
    key (str): The Doc's content id, the user's own id of it, or the start of either.
    RETURNS (dict[str, Any]): Its id, source, text, labels, agreement, gold, answers and verdicts.
    RAISES (UserError): If no Doc is meant, or several could be.
    """
    doc = find_doc(path, key)
    record = get_distill(doc)
    return {
        "id": doc_id(doc),
        "source": record.get("source", ""),
        "text": doc.text,
        "labels": dict(doc.cats),
        "agreement": record.get("agreement"),
        "gold": list(record["gold"]) if "gold" in record else None,
        "answers": list(record.get("answers", ())),
        "verdicts": list(record.get("verdicts", ())),
    }


def find_doc(path: Path | str, key: str) -> Doc:
    """Find the one Doc that has this id, or whose id alone starts with it.

    path (Path | str): The corpus.
    key (str): A content id, the user's own id, or the start of either.
    RETURNS (Doc): The Doc.
    RAISES (UserError): If no Doc is meant, or several could be.
    """
    exact: list[Doc] = []
    started: list[Doc] = []
    for doc in read_docs(path):
        ids = (doc_id(doc), str(get_distill(doc).get("source", "")))
        if key in ids:
            exact.append(doc)
        elif len(started) <= MAX_SHOWN and any(name.startswith(key) for name in ids):
            started.append(doc)
    found = exact or started
    if not found:
        raise UserError(f"No Doc in {path} has an id or source that starts with {key!r}.")
    if len(found) > 1:
        shown = ", ".join(
            f"{doc_id(doc)} ({get_distill(doc).get('source', '')})" for doc in found[:MAX_SHOWN]
        )
        more = ", …" if len(found) > MAX_SHOWN else ""
        raise UserError(f"Several Docs in {path} could be meant by {key!r}: {shown}{more}.")
    return found[0]
