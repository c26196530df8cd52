"""What one row of a foreign source holds, and why a row can't be used."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ...attrs import Distill
from ...secrets import redacted
from ...ty import Answer

SHOWN = 500  # characters of a row that stand in the rejects
INT_RANGE = range(-(2**63), 2**64)  # what can be stored with a Doc as a number


@dataclass(frozen=True, slots=True)
class Place:
    """Where a row stands: its file, and its line or the number of its Doc, from 1."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True)
class Unusable:
    """A row that cannot be imported.

    place (Place): Where it stands.
    reason (str): One of a few words, to count by.
    detail (str): What exactly is wrong.
    row (str): How the row begins.
    """

    place: Place
    reason: str
    detail: str
    row: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return the reject as it is written to a file, without secrets that a log may hold."""
        shown = self.row[:SHOWN].encode("utf8", "backslashreplace").decode("utf8")
        detail = self.detail.encode("utf8", "backslashreplace").decode("utf8")
        return {
            "file": self.place.file,
            "line": self.place.line,
            "reason": self.reason,
            "detail": redacted(detail),
            "row": redacted(shown),
        }


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A row that the user does not want, such as one with other metadata."""

    reason: str


@dataclass(frozen=True, slots=True)
class Found:
    """What a row says about one text.

    place (Place): Where it stands.
    text (str): The text.
    samples (tuple[tuple[Answer, ...], ...]): For each sample the answers, one per shard of the text.
    scores (Mapping[str, float] | None): The labels that stand there, if there is no answer.
    record (Distill): What else is known of the text: id, source, metadata, gold.
    not_stored (str): Why the answers may not be stored as the teacher's; empty if they may.
    first_sample (int | None): Which sample of the teacher's the first one is; None for the next.
    foreign_prompt (bool): Whether the prompt may be another than the teacher's.
    models (tuple[str, ...]): The models that the row names.
    notes (tuple[str, ...]): What should be counted of it.
    """

    place: Place
    text: str
    samples: tuple[tuple[Answer, ...], ...] = ()
    scores: Mapping[str, float] | None = None
    record: Distill = field(default_factory=Distill)
    not_stored: str = ""
    first_sample: int | None = None
    foreign_prompt: bool = False
    models: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def prompts(self) -> list[str]:
        """The prompts that were sent, one per shard."""
        return [answer.request.prompt for answer in self.samples[0]] if self.samples else []

    def unusable(self, reason: str, detail: str) -> Unusable:
        """Return the reject that this row becomes."""
        return Unusable(self.place, reason, detail, self.text)


Item = Found | Unusable | LeftOut


def plain_meta(values: Any) -> dict[str, Any]:
    """Return the metadata of a row that a Doc can hold: plain values under names.

    values (Any): What stands where the metadata is expected.
    RETURNS (dict[str, Any]): Its strings, numbers and truth values; nothing if it is no mapping.
    """
    if not isinstance(values, dict):
        return {}
    return {key: value for key, value in values.items() if _is_plain(key) and _is_plain(value)}


def _is_plain(value: Any) -> bool:
    if isinstance(value, str):
        return is_text(value)
    return isinstance(value, bool | float) or (isinstance(value, int) and value in INT_RANGE)


def is_text(value: str) -> bool:
    """Say whether a string can be written: JSON can hold halves of characters, UTF-8 cannot."""
    try:
        value.encode("utf8")
    except UnicodeEncodeError:
        return False
    return True
