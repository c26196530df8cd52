"""Docs on which spacy-llm has saved prompts and answers, in `.spacy` files."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, cast

from spacy.tokens import Doc

from ...attrs import Distill
from ...io import read_docs
from ..saved_io import copied_record, saved_answers
from .found import Found, Item, Place, Unusable, is_text
from .rows import list_files

KEPT = ("id", "source", "meta", "copies", "gold")  # of a record; the rest an earlier teacher wrote
ENDINGS = (".spacy",)
NO_ANSWER = "no saved answer"


def read_llm_io(paths: Sequence[Path], component: str) -> Iterator[Item]:
    """Read Docs that hold prompts and answers as spacy-llm's `save_io` leaves them.

    paths (Sequence[Path]): `.spacy` files, or folders of them.
    component (str): The LLM component.
    YIELDS (Item): One per Doc.
    """
    for item in placed_docs(paths):
        yield item if isinstance(item, Unusable) else read_doc(*item, component)


def placed_docs(paths: Sequence[Path]) -> Iterator[tuple[Place, Doc] | Unusable]:
    """Yield the Docs of files with their places, and a reject for a file that can't be read on."""
    for file in list_files(paths, ENDINGS):
        docs = enumerate(read_docs(file), start=1)
        number = 0
        while True:
            try:
                number, doc = next(docs)
            except StopIteration:
                break
            except Exception as error:  # a file that was cut off raises anything
                detail = f"{type(error).__name__}: {error}"
                yield Unusable(Place(file.name, number + 1), "unreadable file", detail)
                break
            yield Place(file.name, number), doc


def read_doc(place: Place, doc: Doc, component: str, notes: tuple[str, ...] = ()) -> Item:
    """Read the prompts and answers that a component has left on a Doc.

    place (Place): Where the Doc stands.
    doc (Doc): The Doc.
    component (str): The LLM component.
    notes (tuple[str, ...]): What should be counted of it.
    RETURNS (Item): What was found; a reject if that is nothing.
    """
    saved = doc.user_data.get("llm_io")
    if not isinstance(saved, dict) or component not in saved:
        names = sorted(map(str, saved)) if isinstance(saved, dict) else []
        detail = f"only of {names}" if names else "set save_io to keep the answers"
        return Unusable(place, NO_ANSWER, detail, doc.text)
    try:
        doc.user_data["llm_io"] = {component: as_lists(saved[component])}
        answers = tuple(saved_answers(doc, component))
    except (ValueError, TypeError, AttributeError) as error:
        detail = f"{type(error).__name__}: {error}"
        return Unusable(place, "malformed answer", detail, doc.text)
    if not answers:
        return Unusable(place, NO_ANSWER, "the lists of prompts are empty", doc.text)
    return Found(place, doc.text, (answers,), None, own_record(doc), notes=notes)


def as_lists(saved: Any) -> dict[str, list[str]]:
    """Return saved prompts and responses as lists, whether they were one, several or JSON.

    saved (Any): What stands under a component's name, with `prompt` and `response`.
    RETURNS (dict[str, list[str]]): The same, each a list with one string per shard.
    RAISES (TypeError): If one of them is no string.
    """
    prompts, responses = (_strings(saved.get(key)) for key in ("prompt", "response"))
    nested = _json_list(prompts), _json_list(responses)
    if nested[0] and len(nested[0]) == len(nested[1]):
        prompts, responses = nested
    return {"prompt": prompts, "response": responses}


def _strings(value: Any) -> list[str]:
    values = [value] if isinstance(value, str) else list(value or [])
    if not all(isinstance(x, str) and is_text(x) for x in values):
        raise TypeError(f"expected strings, found {str(value)[:80]}")
    return values


def _json_list(values: list[str]) -> list[str]:
    if len(values) != 1 or not values[0].startswith("["):
        return []
    try:
        found = json.loads(values[0])
    except ValueError:
        return []
    return found if isinstance(found, list) and all(isinstance(x, str) for x in found) else []


def own_record(doc: Doc) -> Distill:
    """Return what is known of a Doc's text, without what an earlier teacher has left."""
    record = copied_record(doc)
    return cast(Distill, {key: value for key, value in record.items() if key in KEPT})
