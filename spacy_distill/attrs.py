"""The contract between stages: the one Doc extension and the shape of what it holds.

Labels live where spaCy keeps them (`doc.cats`, `doc.ents`, `doc.spans`). Everything else that a
stage knows about a Doc stands in `doc._.distill`, a plain dict of msgpack-able values, so that
`DocBin(store_user_data=True)` keeps it. DocBin gives lists back as tuples: read them as sequences.
"""

import hashlib
from collections.abc import Sequence
from typing import Any, TypedDict, cast

from spacy.tokens import Doc

EXTENSION = "distill"


class VerdictRecord(TypedDict):
    """What one curation filter thinks of one Doc."""

    filter: str
    keep: bool
    score: float
    threshold: float
    evidence: str


class AnswerRecord(TypedDict):
    """The outcome of one teacher answer to one prompt.

    outcome is one of the names in `spacy_distill.ty.OUTCOMES`; reason says why it is not "ok".
    """

    outcome: str
    reason: str
    response: str
    prompt_sha256: str


class Distill(TypedDict, total=False):
    """The keys of `doc._.distill`; each is set by the stage named behind it."""

    id: str  # ingest: content id
    source: str  # ingest: the user's own id, or file and line
    meta: dict[str, Any]  # ingest: the kept metadata
    copies: int  # ingest: how many exact copies of the text were merged into this Doc
    gold: Sequence[str]  # ingest: the human labels that apply; absent without gold
    answers: Sequence[AnswerRecord]  # teacher: one per sample, in order
    n_ok: int  # teacher: how many answers became labels
    n_soft: int  # teacher: how many of them with log-probabilities; absent if none came with any
    agreement: float  # teacher: share of answers behind the label; absent below two answers
    verdicts: Sequence[VerdictRecord]  # curate: one per filter, in order
    weight: float  # corpora: factor on this Doc's loss, 1.0 where absent


if not Doc.has_extension(EXTENSION):
    Doc.set_extension(EXTENSION, default={})


def get_distill(doc: Doc) -> Distill:
    """Return the mutable record of a Doc, creating an empty one where there is none.

    doc (Doc): The Doc.
    RETURNS (Distill): The dict behind `doc._.distill`.
    """
    return cast(Distill, doc._.distill)


def content_id(text: str) -> str:
    """Return the id of a text: the first 16 hexadecimal digits of the SHA-256 of its UTF-8 bytes.

    text (str): The text, exactly as in `doc.text`.
    RETURNS (str): 16 hexadecimal digits; the same on every machine and in every version.
    """
    return hashlib.sha256(text.encode("utf8")).hexdigest()[:16]


def doc_id(doc: Doc) -> str:
    """Return the content id of a Doc, from its record where ingest has set it."""
    return get_distill(doc).get("id") or content_id(doc.text)


def is_kept(doc: Doc) -> bool:
    """Say whether no verdict so far drops a Doc; true of one that was never curated."""
    return all(verdict["keep"] for verdict in get_distill(doc).get("verdicts", ()))
