"""Two runs side by side: what changed, the scores, and a paired test on the texts both have."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from ..errors import UserError
from ..scoring.predictions import Predictions, make_predictions
from ..scoring.ty import Bools
from .changes import Change, find_changes
from .outcomes import Outcomes, read_outcomes
from .runs import Run
from .versus import Versus, versus

Index = Sequence[int]


@dataclass(frozen=True)
class ScorePair:
    """One headline score in both runs, each with its interval; None where a run lacks it."""

    name: str
    a: str | None
    b: str | None


@dataclass(frozen=True)
class Comparison:
    """What two runs differ in, and what that did.

    a (Run): The first run.
    b (Run): The second run.
    changes (tuple[Change, ...]): What differs in what produced them.
    scores (tuple[ScorePair, ...]): Their headline scores, each on its own test texts.
    paired (tuple[Versus, ...]): Paired tests on the texts that both have, one per system.
    notes (tuple[str, ...]): What a reader must know, such as why there is no paired test.
    """

    a: Run
    b: Run
    changes: tuple[Change, ...]
    scores: tuple[ScorePair, ...]
    paired: tuple[Versus, ...]
    notes: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the comparison as plain JSON-able values."""
        return {
            "a": self.a.to_json(),
            "b": self.b.to_json(),
            "changes": [asdict(change) for change in self.changes],
            "scores": [asdict(pair) for pair in self.scores],
            "paired": [asdict(pair) for pair in self.paired],
            "notes": list(self.notes),
        }


def compare_runs(a: Run, b: Run) -> Comparison:
    """Compare two runs.

    a (Run): The first run, usually the older.
    b (Run): The second run; differences are B minus A.
    RETURNS (Comparison): What changed, the scores, and a paired test where one can be given.
    RAISES (UserError): If a snapshot's config is damaged.
    """
    changes = find_changes(a, b)
    notes = [*_label_note(a, b), *_prompt_note(changes)]
    paired: tuple[Versus, ...] = ()
    try:
        pairing = pair_texts(run_outcomes(a), run_outcomes(b))
    except UserError as error:
        notes.append(f"No paired test: {error}")
    else:
        paired = tuple(
            versus(pairing.a[name], pairing.b[name], pairing.gold, name=name)
            for name in pairing.a
            if name in pairing.b
        )
        notes += _common_note(a, b, len(pairing.gold))
    names = dict.fromkeys([*a.scores, *b.scores])
    scores = tuple(ScorePair(name, a.scores.get(name), b.scores.get(name)) for name in names)
    return Comparison(a, b, changes, scores, paired, tuple(notes))


def run_outcomes(run: Run) -> Outcomes:
    """Return what the systems of a run decided about each test text.

    RAISES (UserError): If the snapshot does not hold that, or holds no gold.
    """
    record = run.record.get("outcomes")
    if record is None:
        raise UserError(
            f"{run.path} holds no outcomes per text, as snapshots of older versions; evaluate it "
            f"again with --run."
        )
    try:
        outcomes = read_outcomes(record, run.labels)
    except UserError as error:
        raise UserError(f"{run.path} cannot be used, {error}; evaluate it again.") from error
    if outcomes.gold is None:
        raise UserError(f"{run.path} was evaluated without gold, so nothing is right or wrong.")
    return outcomes


@dataclass(frozen=True, eq=False)
class Pairing:
    """The systems of two runs on the texts that both have, in one order and under one labelling."""

    gold: Bools
    a: Mapping[str, Predictions]
    b: Mapping[str, Predictions]


def pair_texts(a: Outcomes, b: Outcomes) -> Pairing:
    """Bring the outcomes of two runs to the texts and labels that they are compared on.

    a (Outcomes): The first run's.
    b (Outcomes): The second run's.
    RETURNS (Pairing): Both on their common texts, over the labels of either.
    RAISES (UserError): If they have no text in common, or its gold is another.
    """
    rows_a, rows_b = ({x: i for i, x in reversed(list(enumerate(o.ids)))} for o in (a, b))
    common = [x for x in dict.fromkeys(a.ids) if x in rows_b]
    if not common:
        raise UserError(
            f"the runs have no test text in common ({len(rows_a)} and {len(rows_b)} texts)."
        )
    labels = tuple(dict.fromkeys([*a.labels, *b.labels]))
    on_a = align(a, [rows_a[x] for x in common], labels)
    on_b = align(b, [rows_b[x] for x in common], labels)
    if on_a.gold is None or on_b.gold is None:
        raise UserError("one of the runs has no gold.")
    differ = np.flatnonzero((on_a.gold != on_b.gold).any(axis=1))
    if len(differ):
        raise UserError(
            f"gold differs on {len(differ)} of the {len(common)} common texts, such as "
            f"{common[int(differ[0])]}; evaluate both runs on the same gold."
        )
    return Pairing(on_a.gold, on_a.systems, on_b.systems)


def align(outcomes: Outcomes, rows: Index, labels: Sequence[str]) -> Outcomes:
    """Return outcomes for some texts, with one column for each of the given labels.

    outcomes (Outcomes): The outcomes.
    rows (Sequence[int]): The texts to take, in order.
    labels (Sequence[str]): The labels; those that the outcomes lack are decided nowhere.
    RETURNS (Outcomes): The outcomes, rearranged.
    """
    columns = [labels.index(label) for label in outcomes.labels]

    def take(table: Bools) -> Bools:
        wide = np.zeros((len(rows), len(labels)), dtype=bool)
        wide[:, columns] = table[rows]
        return wide

    return Outcomes(
        ids=tuple(outcomes.ids[row] for row in rows),
        labels=tuple(labels),
        gold=None if outcomes.gold is None else take(outcomes.gold),
        systems={
            name: make_predictions(
                name,
                take(x.decided).astype(np.float64),
                exclusive=False,
                known=x.known[rows],
            )
            for name, x in outcomes.systems.items()
        },
    )


def _label_note(a: Run, b: Run) -> list[str]:
    if set(a.labels) == set(b.labels):
        return []
    only_a, only_b = sorted(set(a.labels) - set(b.labels)), sorted(set(b.labels) - set(a.labels))
    return [f"The labels differ: only A has {only_a or 'none'}, only B {only_b or 'none'}."]


def _prompt_note(changes: Sequence[Change]) -> list[str]:
    changed = {(change.area, change.what) for change in changes}
    if ("prompt", "prompts") not in changed or ("prompt", "teacher config") in changed:
        return []
    return [
        "The teacher's config is the same, but the prompts are not: their digest covers the texts "
        "in them, so it changes with the data."
    ]


def _common_note(a: Run, b: Run, n: int) -> list[str]:
    if n == a.n_test == b.n_test:
        return []
    return [f"The paired test is on the {n} texts that both have, of {a.n_test} and {b.n_test}."]
