"""What a reader must know before trusting the figures, in sentences."""

from collections.abc import Iterator, Sequence

from .systems import GOLD_STUDENT, STUDENT, TEACHER, System

SHIPS = ("ship", "ship with fallback")
WEAK = 0.9  # a teacher below is worth a second look before its student goes to production
FEW_TEXTS = 1_000
HOW_TO_GET_GOLD = (
    "No test Doc has gold, so this shows agreement with the teacher only, and there is no verdict. "
    "Label some hundred texts by hand, ingest them with --gold, and run `spacy distill label` on "
    "them."
)


def find_notes(
    systems: Sequence[System], *, n_test: int, n_without_gold: int, n_train: int, word: str | None
) -> tuple[str, ...]:
    """Say what limits an evaluation.

    systems (Sequence[System]): Teacher, student, perhaps the student on gold, and baselines.
    n_test (int): Test Docs that count.
    n_without_gold (int): Test Docs left out.
    n_train (int): Training Docs with a label.
    word (str | None): The verdict; None without gold.
    RETURNS (tuple[str, ...]): Sentences; perhaps none.
    """
    return (
        *((HOW_TO_GET_GOLD,) if word is None else ()),
        *_left_out(n_without_gold),
        *_absent(systems, n_test),
        *_flawless(systems),
        *(_weak_teacher(systems) if word in SHIPS else ()),
        *(() if word == "ship" else _data_limits(systems, n_train)),
    )


def _absent(systems: Sequence[System], n_test: int) -> Iterator[str]:
    n_absent = next(system.n_absent for system in systems if system.name == TEACHER)
    if n_absent:
        yield (
            f"The teacher has no usable answer on {n_absent} of {n_test} test Docs; they count as "
            f"wrong against gold and are left out of agreement."
        )


def _left_out(n_without_gold: int) -> Iterator[str]:
    if n_without_gold:
        yield f"{n_without_gold} test Docs have no gold and are left out."


def _flawless(systems: Sequence[System]) -> Iterator[str]:
    for system in systems:
        if system.accuracy is not None and system.accuracy.value == 1.0:
            n = system.accuracy.n
            yield (
                f"The {system.name} makes no error on {n} Docs; its interval has no width, but the "
                f"error rate may still be as high as {min(3 / n, 1):.3f} (three in n)."
            )


def _weak_teacher(systems: Sequence[System]) -> Iterator[str]:
    teacher = next(system.accuracy for system in systems if system.name == TEACHER)
    if teacher is not None and teacher.value < WEAK:
        yield (
            f"The teacher's own accuracy is {teacher}. Unless acceptance.cfg sets criteria, the "
            f"verdict says only that the student is about as good as that."
        )


def _data_limits(systems: Sequence[System], n_train: int) -> Iterator[str]:
    rows = {system.name: system.accuracy for system in systems}
    teacher, student = rows[TEACHER], rows[STUDENT]
    if teacher is None or student is None or student.value >= teacher.low:
        return
    if n_train < FEW_TEXTS:
        yield (
            f"{n_train} training texts; the student's accuracy, {student.value:.3f}, is below the "
            f"teacher's interval: too few for a firm verdict on this task, label more."
        )
    on_gold = rows.get(GOLD_STUDENT)
    if on_gold is not None and on_gold.value < teacher.low:
        yield (
            f"On human labels of the same texts the student reaches {on_gold}, below the teacher "
            f"too: the number of texts is the limit, not the teacher's labels."
        )
