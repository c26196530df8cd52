"""Votes: several answers about one Doc become a soft label and a measure of agreement."""

from collections.abc import Mapping, Sequence

from ..contract import LabelMap

Ballot = Mapping[str, float]


def cast_ballot(shards: Sequence[tuple[Ballot, int]], labels: Sequence[str]) -> dict[str, float]:
    """Turn one sample's audited answers about a Doc into a ballot.

    shards (Sequence[tuple[Ballot, int]]): For each shard of the Doc the score of each label and the
        shard's number of tokens; most Docs are one shard.
    labels (Sequence[str]): All labels of the task.
    RETURNS (dict[str, float]): For each label its mean score, each token of the Doc counting once.
    """
    total = sum(max(n_tokens, 1) for _, n_tokens in shards)
    ballot = dict.fromkeys(labels, 0.0)
    for scores, n_tokens in shards:
        for label in labels:
            ballot[label] += scores[label] * max(n_tokens, 1) / total
    return ballot


def map_ballot(ballot: Ballot, label_map: LabelMap, *, exclusive: bool) -> dict[str, float] | None:
    """Rename, merge and drop the labels of a ballot.

    ballot (Ballot): Label to score, for every label of the task.
    label_map (LabelMap): Old label to new label, or to None to drop it.
    exclusive (bool): Whether merged scores add up; otherwise the highest counts.
    RETURNS (dict[str, float] | None): The mapped ballot; None if an exclusive ballot was cast for
        dropped labels, by more than half: what is left of it is not what was said.
    """
    mapped: dict[str, float] = {}
    for old, score in ballot.items():
        new = label_map.get(old, old)
        if new is not None:
            known = mapped.get(new, 0.0)
            mapped[new] = known + score if exclusive else max(known, score)
    if not exclusive:
        return mapped
    total = sum(mapped.values())
    if not total or total < sum(ballot.values()) / 2:
        return None
    return {label: score / total for label, score in mapped.items()}


def count_votes(
    ballots: Sequence[Ballot], *, exclusive: bool, weights: Sequence[float] | None = None
) -> tuple[dict[str, float], float | None]:
    """Return the soft label and the agreement of several ballots about one Doc.

    ballots (Sequence[Ballot]): The ballots, all over the same labels; absent answers have none.
    exclusive (bool): Whether exactly one label applies.
    weights (Sequence[float] | None): How much each ballot counts, above 0; None for all the same.
    RETURNS (tuple[dict[str, float], float | None]): The mean score per label ({} without ballots),
        and the agreement from 0 to 1, None with fewer than two ballots. How sure a ballot is does
        not matter to the agreement: it is the share of the ballots whose highest score is that of
        the leading label or, if not exclusive, the mean over labels of the share on the larger side
        of 0.5.
    """
    if not ballots:
        return {}, None
    weights = weights or [1.0] * len(ballots)
    total = sum(weights)
    pairs = list(zip(ballots, weights, strict=True))
    cats = {label: sum(b[label] * w for b, w in pairs) / total for label in ballots[0]}
    if len(ballots) < 2:
        return cats, None
    if exclusive:
        leading = top(cats)
        return cats, sum(w for b, w in pairs if top(b) == leading) / total
    sides = [sum(w for b, w in pairs if b[label] >= 0.5) / total for label in cats]
    return cats, sum(max(side, 1.0 - side) for side in sides) / len(sides)


def top(ballot: Ballot) -> str:
    """Return the label with the highest score, the first of several."""
    return max(ballot, key=ballot.__getitem__)
