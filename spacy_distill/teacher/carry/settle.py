"""From what was found about a text to a Doc as `label` writes it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from spacy.tokens import Doc

from ...attrs import content_id, get_distill
from ...contract import LabelMap
from ...ty import Answer
from ..prompts import Prompts
from ..recorded import first_difference
from ..votes import map_ballot
from .found import Found, Unusable, is_text
from .teaching import Teaching

SURE = 1e-6  # by how much the scores of an exclusive task may fail to add up to one
SHOWN = 100  # characters of a line that differs
LABELS_ONLY = "labels without an answer"
NOTHING_SAID = "labels that are all negative, or were never parsed: left absent"
OTHER_PROMPT = "asked with another prompt"


@dataclass
class Settled:
    """What became of the rows about one text.

    doc (Doc | None): The Doc; None if no row could be used.
    stored (list[Answer]): The answers that are the teacher's own.
    n_samples (int): How many samples those are.
    unusable (list[Unusable]): The rows that could not be used.
    used (list[Found]): Those that were.
    notes (list[str]): What should be counted.
    not_stored (list[str]): Why the answers of a row are not the teacher's own.
    """

    doc: Doc | None = None
    stored: list[Answer] = field(default_factory=list)
    n_samples: int = 0
    unusable: list[Unusable] = field(default_factory=list)
    used: list[Found] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    not_stored: list[str] = field(default_factory=list)

    def keep(self, row: Found, own: Sequence[str], objection: str) -> None:
        """Keep the answers of a row for the store, if its questions are the teacher's own."""
        objection = objection or row.not_stored
        if row.prompts != list(own):
            objection = objection or OTHER_PROMPT
        if objection:
            self.not_stored.append(objection)
            return
        for number, answers in enumerate(row.samples):
            kept = [x for x in answers if x.status != "failed"]
            first = row.first_sample
            sample = self.n_samples if first is None else first + number
            self.stored += [replace(x, request=replace(x.request, sample=sample)) for x in kept]
            self.n_samples += bool(kept)


def settle(
    rows: Sequence[Found], doc: Doc, prompts: Prompts, *, teaching: Teaching, label_map: LabelMap
) -> Settled:
    """Make the Doc of a text from all rows about it: answers vote, labels count without any.

    rows (Sequence[Found]): All about the same text.
    doc (Doc): Its Doc, still bare.
    prompts (Prompts): What the teacher would be sent about it.
    teaching (Teaching): The teacher.
    label_map (LabelMap): Old label to new label, or to None to drop it.
    RETURNS (Settled): The Doc, the answers to store, and what could not be used.
    """
    own, shards = prompts
    settled = Settled()
    for row in rows:
        objection = row_objection(row, own, teaching.task_labels)
        if objection is not None:
            settled.unusable.append(row.unusable(*objection))
            continue
        settled.used.append(row)
        if row.samples:
            settled.keep(row, own, teaching.not_stored)
    if not settled.used:
        return settled
    remember(doc, settled.used)
    samples = [answers for row in settled.used for answers in row.samples]
    if samples:
        settled.doc = teaching.annotate(doc, shards, samples)
    else:
        scores = settled.used[0].scores or {}
        settled.notes.append(label_doc(doc, scores, teaching, label_map))
        settled.doc = doc
    return settled


def text_problem(text: str, max_length: int) -> tuple[str, str] | None:
    """Return reason and detail if a text can't become a Doc."""
    if not text.strip():
        return "empty text", f"the text is {text[:20]!r}"
    if not is_text(text):
        return "bad encoding", "the text holds half of a character"
    if len(text) > max_length:
        return "over length", f"{len(text):,} characters, at most {max_length:,} allowed"
    return None


def row_objection(
    row: Found, own: Sequence[str], labels: tuple[str, ...]
) -> tuple[str, str] | None:
    """Return reason and detail if a row does not speak of the teacher's task.

    row (Found): The row.
    own (Sequence[str]): The prompts that the teacher would be sent about the same text.
    labels (tuple[str, ...]): The labels of the teacher's task.
    RETURNS (tuple[str, str] | None): None if the row can be used.
    """
    if not row.samples:
        found = sorted(row.scores or {})
        is_same = bool(labels) and set(found) == set(labels)
        detail = f"{found}, but those of the task are {sorted(labels)}"
        return None if is_same else ("other labels", detail)
    if row.prompts == list(own) or (row.foreign_prompt and len(own) == 1):
        return None
    if len(row.prompts) == 1 and row.text.strip() not in row.prompts[0]:
        return "text not in the prompt", "the prompt is about another text"
    now, then = first_difference("\n".join(own), "\n".join(row.prompts))
    return "other prompt", f"the teacher's: {now[:SHOWN]!r}; found: {then[:SHOWN]!r}"


def remember(doc: Doc, rows: Sequence[Found]) -> None:
    """Write what the rows know of a text to its Doc's record; what came first stays."""
    record = get_distill(doc)
    for row in reversed(rows):
        record.update(row.record)
    record["id"] = content_id(doc.text)
    record.setdefault("source", str(rows[0].place))
    record.setdefault("meta", {})
    record.setdefault("copies", len(rows))


def label_doc(
    doc: Doc, scores: Mapping[str, float], teaching: Teaching, label_map: LabelMap
) -> str:
    """Label a Doc without an answer, by labels that stood on it.

    Where all of them are negative, nobody can tell whether that was the answer or whether it was not
    understood: the label is left absent then.

    RETURNS (str): What should be counted.
    """
    total = sum(scores.values())
    said = abs(total - 1.0) <= SURE if teaching.exclusive else total > 0.0
    mapped = map_ballot(scores, label_map, exclusive=teaching.exclusive) if said else None
    doc.cats = {name: mapped[name] for name in teaching.contract.labels} if mapped else {}
    get_distill(doc)["n_ok"] = int(bool(doc.cats))
    return LABELS_ONLY if said else NOTHING_SAID
