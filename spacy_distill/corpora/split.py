"""Which Docs go where: stable by content hash, near-duplicates together, nothing near gold."""

from array import array
from typing import Literal

from spacy.tokens import Doc

from ..attrs import doc_id, is_kept
from ..duplicates import NearDuplicates
from .groups import Groups
from .labels import PickLabels

Place = Literal["train", "dev", "out"]

DROPPED = "dropped by a filter"
LEAK = "near-copy of a gold text"
NOWHERE = -1


class Splitter:
    """Finds a place for one Doc after the other: for training, for development, or out of both.

    A group of near-duplicates goes where the content hash of its oldest member sends it. So an
    added Doc moves an older one only by joining two groups, and never into or out of what is left
    out. A Doc without a label is left out but still holds its group together: the split of the
    others does not depend on whose labels are used.
    """

    def __init__(
        self,
        gold: NearDuplicates[str],
        pick: PickLabels,
        *,
        dev_size: float,
        threshold: float,
    ) -> None:
        """Create a splitter that has seen no Doc.

        gold (NearDuplicates[str]): All gold texts.
        pick (PickLabels): Picks a Doc's labels, or says why it has none.
        dev_size (float): The expected share of the groups that are for development.
        threshold (float): The lowest similarity of near-duplicates.
        """
        self.gold = gold
        self.pick = pick
        self.dev_size = dev_size
        self.groups = Groups(threshold)
        self.fractions = array("d")
        self.numbers = array("q")

    def add(self, doc: Doc) -> str:
        """Take in a Doc.

        doc (Doc): The Doc, with verdicts if it was curated.
        RETURNS (str): Why it is left out; empty if it isn't.
        """
        reason = self.exclude(doc)
        number = NOWHERE
        if not reason:
            number = self.groups.add(doc.text)
            self.fractions.append(hash_fraction(doc_id(doc)))
            labels = self.pick(doc)
            reason = labels if isinstance(labels, str) else ""
        self.numbers.append(NOWHERE if reason else number)
        return reason

    def exclude(self, doc: Doc) -> str:
        """Return why a Doc must not be learned from, whatever its labels; empty if it may be."""
        if not is_kept(doc):
            return DROPPED
        return LEAK if self.gold.find(doc.text) is not None else ""

    def places(self) -> list[Place]:
        """Return the places of all Docs so far, in order."""
        return [self.place(number) for number in self.numbers]

    def place(self, number: int) -> Place:
        """Return the place of the Doc with a number in the groups."""
        if number == NOWHERE:
            return "out"
        return "dev" if self.fractions[self.groups.oldest(number)] < self.dev_size else "train"


def hash_fraction(content_id: str) -> float:
    """Turn a content id into a number from 0.0 up to but not including 1.0, evenly spread."""
    return int(content_id[:12], 16) / 16**12
