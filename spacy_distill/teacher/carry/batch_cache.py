"""Folders of `spacy.BatchCache.v1`: Docs that spacy-llm has annotated, each by its own text.

The cache looks a Doc up by the sum of its words' hashes, so texts of the same words share a key. Its
index is not used here: an answer belongs to the text of the Doc on which it stands.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

from spacy.tokens import Doc
from spacy_llm.cache import BatchCache

from ...errors import UserError
from .found import Found, Item, Place, Unusable
from .saved_docs import NO_ANSWER, own_record, placed_docs, read_doc

TEMPLATE_FILE = "prompt_template.txt"
COLLIDING = "another text under the same key of the cache"


def read_batch_cache(
    paths: Sequence[Path], component: str, *, template: str, has_labels: bool
) -> Iterator[Item]:
    """Read the Docs in cache folders.

    paths (Sequence[Path]): The folders.
    component (str): The LLM component.
    template (str): The template of the teacher's task; where prompts were not saved, nothing else
        tells what was asked.
    has_labels (bool): Whether the task sets `doc.cats`, which is all that is left without `save_io`.
    YIELDS (Item): One per Doc.
    RAISES (UserError): If a path is no folder.
    """
    for path in paths:
        if not path.is_dir():
            raise UserError(f"{path} is no folder of spacy.BatchCache.v1.")
        objection = labels_objection(path, template, has_labels=has_labels)
        texts: dict[int, int] = {}
        for item in placed_docs([path]):
            if isinstance(item, Unusable):
                yield item
                continue
            place, doc = item
            first = texts.setdefault(BatchCache._doc_id(doc), hash(doc.text))
            notes = () if first == hash(doc.text) else (COLLIDING,)
            yield read_cached(place, doc, component, objection, notes)


def labels_objection(path: Path, template: str, *, has_labels: bool) -> tuple[str, str]:
    """Say why labels without an answer can't be used; two empty strings if they can.

    path (Path): The cache's folder, which holds the template that was asked with.
    template (str): The template of the teacher's task.
    has_labels (bool): Whether the task sets `doc.cats`.
    RETURNS (tuple[str, str]): Reason and detail.
    """
    if not has_labels:
        return NO_ANSWER, "set save_io to keep the answers"
    file = path / TEMPLATE_FILE
    if not file.is_file() or file.read_text(encoding="utf8") != template:
        return "other template", f"{TEMPLATE_FILE} is not the template of the teacher's task"
    return "", ""


def read_cached(
    place: Place, doc: Doc, component: str, objection: tuple[str, str], notes: tuple[str, ...]
) -> Item:
    """Read one cached Doc: its saved answers or, if there are none, its labels."""
    if component in (doc.user_data.get("llm_io") or {}):
        return read_doc(place, doc, component, notes)
    if objection[0]:
        return Unusable(place, *objection, doc.text)
    return Found(place, doc.text, (), dict(doc.cats), own_record(doc), notes=notes)
