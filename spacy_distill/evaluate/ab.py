"""A/B: two students on the same texts, with gold or without."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from spacy.language import Language

from ..contract import TEXTCAT_FACTORIES, Contract
from ..errors import UserError
from ..scoring.intervals import Interval
from ..scoring.predictions import Predictions
from ..ty import Track, untracked
from .disagreements import Disagreement, differing_rows, show_texts
from .gold import GoldSet, read_gold_set
from .speed import Speed, measure_speed
from .student import load_student, predict
from .systems import STUDENT, TEACHER, System, agreement, compare_system, score_system
from .versus import Versus, versus

A, B = "A", "B"
N_SHOWN = 10


@dataclass(frozen=True)
class AB:
    """Two students side by side.

    a (str): The first student's folder.
    b (str): The second student's.
    exclusive (bool): Whether exactly one label applies.
    n (int): The texts.
    n_without_gold (int): Texts left out since they have no gold while others do.
    systems (tuple[System, ...]): The teacher, if it has answered, and both students.
    alike (Interval): The share of texts on which the students decide alike.
    versus (Versus | None): The paired test; None without gold.
    speeds (tuple[Speed, Speed]): What each costs to run, and its size.
    n_differ (int): The texts on which they differ.
    differ (tuple[Disagreement, ...]): Those of which both are surest.
    """

    a: str
    b: str
    exclusive: bool
    n: int
    n_without_gold: int
    systems: tuple[System, ...]
    alike: Interval
    versus: Versus | None
    speeds: tuple[Speed, Speed]
    n_differ: int
    differ: tuple[Disagreement, ...]

    def to_json(self) -> dict[str, Any]:
        """Return all of it as plain JSON-able values; the texts shown are in it."""
        return asdict(self)


def compare_students(
    a: Path | str,
    b: Path | str,
    *,
    contract: Contract,
    test: Path | str,
    n_shown: int = N_SHOWN,
    track: Track = untracked,
) -> AB:
    """Run two students over the same texts and set them side by side.

    a (Path | str): The folder of the first student's pipeline.
    b (Path | str): The folder of the second student's.
    contract (Contract): The teacher's contract, which both must keep.
    test (Path | str): A corpus; gold and the teacher's answers in it are used where there are any.
    n_shown (int): How many of the texts on which they differ to return.
    track (Track): Shows progress.
    RETURNS (AB): Scores or agreement, differences, speed and size.
    RAISES (UserError): If a student breaks the contract, or the corpus does not fit it.
    """
    texts = read_gold_set(test, contract)
    students = [load_checked(path, contract) for path in (a, b)]
    on_a, on_b = (
        predict(nlp, texts.texts, name=name, contract=contract, track=track)
        for nlp, name in zip(students, (A, B), strict=True)
    )
    speed_a, speed_b = (
        measure_speed(nlp, path, texts=texts.texts)
        for nlp, path in zip(students, (a, b), strict=True)
    )
    return side_by_side(
        (a, b),
        (on_a, on_b),
        texts=texts,
        speeds=(speed_a, speed_b),
        contract=contract,
        n_shown=n_shown,
    )


def side_by_side(
    paths: tuple[Path | str, Path | str],
    students: tuple[Predictions, Predictions],
    *,
    texts: GoldSet,
    speeds: tuple[Speed, Speed],
    contract: Contract,
    n_shown: int = N_SHOWN,
) -> AB:
    """Set two students side by side by what they say about the same texts.

    paths (tuple[Path | str, Path | str]): The students' folders.
    students (tuple[Predictions, Predictions]): What they say.
    texts (GoldSet): The texts, with gold or not.
    speeds (tuple[Speed, Speed]): What each costs to run.
    contract (Contract): The labels.
    n_shown (int): How many of the texts on which they differ to return.
    RETURNS (AB): Scores or agreement, and differences.
    """
    a, b = students
    rows = differing_rows(a, b)
    n = len(texts.ids)
    return AB(
        a=Path(paths[0]).as_posix(),
        b=Path(paths[1]).as_posix(),
        exclusive=contract.exclusive,
        n=n,
        n_without_gold=texts.n_without_gold,
        systems=score_all(texts, students, contract=contract, speeds=speeds),
        alike=agreement(b, a) or Interval(1.0, 1.0, 1.0, n),
        versus=versus(a, b, texts.gold, name=STUDENT) if texts.gold is not None else None,
        speeds=speeds,
        n_differ=len(rows),
        differ=show_texts(texts, a, b, rows=rows[:n_shown], labels=contract.labels),
    )


def load_checked(path: Path | str, contract: Contract) -> Language:
    """Load a student and check that it keeps the whole contract.

    RAISES (UserError): If component, labels, language or exclusivity differ.
    """
    nlp = load_student(path, contract)
    exclusive = TEXTCAT_FACTORIES.get(nlp.get_pipe_meta(contract.name).factory)
    if nlp.lang != contract.lang:
        raise UserError(
            f"The student {path} is for the language {nlp.lang!r}, its teacher for "
            f"{contract.lang!r}; train it with this teacher's config."
        )
    if exclusive is not contract.exclusive:
        raise UserError(
            f"The student {path} is no text classifier with "
            f"{'exclusive' if contract.exclusive else 'independent'} labels, as its teacher is; "
            f"train it with this teacher's config."
        )
    return nlp


def score_all(
    texts: GoldSet,
    students: Sequence[Predictions],
    *,
    contract: Contract,
    speeds: Sequence[Speed],
) -> tuple[System, ...]:
    """Return the rows of the main table: the teacher, if it has answered, and the students."""
    answered = bool(texts.teacher.known.any())
    score = partial(compare_system, teacher=texts.teacher)
    if texts.gold is not None:
        score = partial(
            score_system,
            gold=texts.gold,
            teacher=texts.teacher,
            labels=contract.labels,
            exclusive=contract.exclusive,
        )
    rows = [
        score(x, docs_per_s=speed.docs_per_s) for x, speed in zip(students, speeds, strict=True)
    ]
    if not answered:
        return tuple(replace(row, agreement=None) for row in rows)
    return (replace(score(texts.teacher), name=TEACHER), *rows)
