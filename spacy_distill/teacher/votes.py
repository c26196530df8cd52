"""Votes: several answers about one Doc become a soft label and a measure of agreement."""

from collections.abc import Mapping, Sequence

from ..contract import LabelMap

Ballot = Mapping[str, float]


def cast_ballot(
    shards: Sequence[tuple[Sequence[str], int]], labels: Sequence[str]
) -> dict[str, float]:
    """Turn one sample's audited answers about a Doc into a ballot.

    shards (Sequence[tuple[Sequence[str], int]]): For each shard of the Doc the labels that apply
        and the shard's number of tokens; most Docs are one shard.
    labels (Sequence[str]): All labels of the task.
    RETURNS (dict[str, float]): For each label the share of the tokens whose shard has it.
    """
    total = sum(max(n_tokens, 1) for _, n_tokens in shards)
    ballot = dict.fromkeys(labels, 0.0)
    for shard_labels, n_tokens in shards:
        for label in shard_labels:
            ballot[label] += max(n_tokens, 1) / total
    return ballot


def map_ballot(ballot: Ballot, label_map: LabelMap, *, exclusive: bool) -> dict[str, float] | None:
    """Rename, merge and drop the labels of a ballot.

    ballot (Ballot): Label to score, for every label of the task.
    label_map (LabelMap): Old label to new label, or to None to drop it.
    exclusive (bool): Whether merged scores add up; otherwise the highest counts.
    RETURNS (dict[str, float] | None): The mapped ballot; None if an exclusive ballot was cast for
        dropped labels alone, which leaves nothing to learn from.
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
    return {label: score / total for label, score in mapped.items()} if total else None


def count_votes(
    ballots: Sequence[Ballot], *, exclusive: bool
) -> tuple[dict[str, float], float | None]:
    """Return the soft label and the agreement of several ballots about one Doc.

    ballots (Sequence[Ballot]): The ballots, all over the same labels; absent answers have none.
    exclusive (bool): Whether exactly one label applies.
    RETURNS (tuple[dict[str, float], float | None]): The mean score per label ({} without ballots),
        and the agreement from 0 to 1: the share of the leading label or, if not exclusive, the
        mean over labels of the share on the larger side. None with fewer than two ballots.
    """
    if not ballots:
        return {}, None
    cats = {label: sum(b[label] for b in ballots) / len(ballots) for label in ballots[0]}
    if len(ballots) < 2:
        return cats, None
    if exclusive:
        return cats, max(cats.values())
    return cats, sum(max(score, 1.0 - score) for score in cats.values()) / len(cats)
