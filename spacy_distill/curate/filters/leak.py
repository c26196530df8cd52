"""A filter against leaks: texts that nearly repeat a gold text must not be learned from."""

from spacy.tokens import Doc

from ...attrs import VerdictRecord
from ...duplicates import NearDuplicates, index_corpora
from .near_duplicate import judge_copy


def create_leak_filter(gold: list[str], threshold: float) -> "LeakFilter":
    """Create a filter that drops near-copies of gold texts.

    gold (list[str]): The gold corpora, read when the first Doc comes.
    threshold (float): The lowest similarity that makes a near-copy, above 0.0 and up to 1.0.
    RETURNS (LeakFilter): The filter; its score is the highest similarity to a gold text, 0.0 if none
        reaches the threshold.
    """
    return LeakFilter(gold, threshold)


class LeakFilter:
    """Judges by the gold texts, whatever their labels are."""

    def __init__(self, gold: list[str], threshold: float) -> None:
        self.gold = gold
        self.threshold = threshold
        self.index: NearDuplicates[str] | None = None

    def __call__(self, doc: Doc) -> VerdictRecord:
        """Judge a Doc."""
        if self.index is None:
            self.index = index_corpora(self.gold, self.threshold)
        found = self.index.find(doc.text)
        return judge_copy("leak", found, self.threshold)
