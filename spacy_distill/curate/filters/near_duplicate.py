"""A filter that keeps one of several near-copies."""

from spacy.tokens import Doc

from ...attrs import VerdictRecord, is_kept
from ...duplicates import NearDuplicates, full_id


def create_near_duplicate_filter(threshold: float) -> "NearDuplicateFilter":
    """Create a filter that drops a Doc if it nearly repeats one that was kept before.

    threshold (float): The lowest similarity of two texts that makes them near-copies: the share
        of their runs of five characters that they have in common, above 0.0 and up to 1.0.
    RETURNS (NearDuplicateFilter): The filter; its score is the highest similarity found, 0.0 if
        none reaches the threshold.
    """
    return NearDuplicateFilter(threshold)


class NearDuplicateFilter:
    """Judges by the kept Docs so far.

    A Doc that an earlier filter of the component has dropped is judged, too, but no later one is
    dropped for repeating it: of a bad and a good copy the good one stays.
    """

    def __init__(self, threshold: float) -> None:
        self.threshold = threshold
        self.seen: NearDuplicates[str] = NearDuplicates(threshold)

    def __call__(self, doc: Doc) -> VerdictRecord:
        """Judge a Doc, and remember it if it is kept."""
        found = self.seen.find(doc.text)
        if found is None and is_kept(doc):
            self.seen.add(full_id(doc), doc.text)
        return judge_copy("near_duplicate", found, self.threshold)


def judge_copy(name: str, found: tuple[str, float] | None, threshold: float) -> VerdictRecord:
    """Return the verdict that drops a Doc if another one was found that it nearly repeats.

    name (str): The filter's name.
    found (tuple[str, float] | None): The other Doc's name, and the similarity.
    threshold (float): The lowest similarity that counts.
    RETURNS (VerdictRecord): The verdict; its score is 0.0 where nothing was found.
    """
    return VerdictRecord(
        filter=name,
        keep=found is None,
        score=found[1] if found else 0.0,
        threshold=threshold,
        evidence=f"similarity {found[1]:.2f} to {found[0]}" if found else "",
    )
