"""The second pass over a source: the first row of each text becomes a Doc."""

from collections.abc import Iterable, Iterator

import spacy
from spacy.language import Language
from spacy.tokens import Doc

from ..attrs import content_id, get_distill
from ..errors import UserError
from .entries import Entry
from .rows import Reject
from .scan import Scan

VOCAB_DOCS = 100_000  # Docs that share a vocabulary, which grows with every new word


def blank_pipeline(lang: str, max_chars: int) -> Language:
    """Create the blank pipeline whose tokenizer makes the Docs.

    lang (str): A language code.
    max_chars (int): The length that a text may have.
    RETURNS (Language): The pipeline.
    RAISES (UserError): If spaCy does not know the language, or lacks a package for it.
    """
    try:
        nlp = spacy.blank(lang)
    except ImportError as error:
        raise UserError(f"spaCy can't make a tokenizer for {lang!r}: {error}") from error
    nlp.max_length = max(nlp.max_length, max_chars)
    return nlp


def make_docs(entries: Iterable[Entry | Reject], scan: Scan, nlp: Language) -> Iterator[Doc]:
    """Make a Doc of each text, from the row that has it first.

    entries (Iterable[Entry | Reject]): The rows, as in the first pass.
    scan (Scan): What the first pass found; the texts are taken out of it as their Docs are made.
    nlp (Language): The pipeline whose tokenizer makes the first Docs; others like it follow.
    YIELDS (Doc): The Docs, in the order of the source.
    """
    n_made = 0
    for entry in entries:
        if isinstance(entry, Reject) or entry.key not in scan.gold:
            continue
        del scan.gold[entry.key]
        yield make_doc(entry, scan.copies[entry.key], nlp)
        n_made += 1
        if n_made % VOCAB_DOCS == 0:
            nlp = blank_pipeline(str(nlp.lang), nlp.max_length)


def make_doc(entry: Entry, copies: int, nlp: Language) -> Doc:
    """Make the Doc of one row, with its record in `doc._.distill`."""
    doc = nlp.make_doc(entry.text)
    record = get_distill(doc)
    record["id"] = content_id(entry.text)
    record["source"] = entry.source
    record["meta"] = entry.meta
    record["copies"] = copies
    if entry.gold is not None:
        record["gold"] = list(entry.gold)
    return doc
