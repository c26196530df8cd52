"""The contract check before a swap, and the parity check after it."""

from collections.abc import Iterable, Sequence

import numpy
from spacy.language import Language
from spacy.tokens import Doc

from ..contract import TEXTCAT_FACTORIES, Contract
from ..errors import UserError

TOLERANCE = 1e-4
PARITY_TEXTS = (
    "The second parcel arrived yesterday, and it works.",
    "?",
    "One line.\n\nAnother line, with an emoji 👍 and a number: 42.",
    "A somewhat longer text. " * 40,
)


def trained_contract(nlp: Language, name: str) -> Contract:
    """Return the contract of a text classifier in a pipeline.

    RAISES (UserError): If there is no such component, or it is no text classifier.
    """
    if name not in nlp.pipe_names:
        raise UserError(f"The student has no component {name!r}, only {nlp.pipe_names}.")
    factory = nlp.get_pipe_meta(name).factory
    if factory not in TEXTCAT_FACTORIES:
        raise UserError(f"The student's component {name!r} is no text classifier but {factory!r}.")
    labels = tuple(nlp.pipe_labels[name])
    return Contract(name, nlp.meta["lang"], labels, TEXTCAT_FACTORIES[factory])


def check_contract(teacher: Contract, student: Contract) -> None:
    """Refuse a student that does not keep what calling code relies on.

    teacher (Contract): What the LLM component promises.
    student (Contract): What the student promises.
    RAISES (UserError): If language, labels or exclusivity differ, naming every difference.
    """
    problems = []
    if teacher.lang != student.lang:
        problems.append(f"language {student.lang!r} instead of {teacher.lang!r}")
    missing = sorted(set(teacher.labels) - set(student.labels))
    extra = sorted(set(student.labels) - set(teacher.labels))
    if missing:
        problems.append(f"labels missing: {missing}")
    if extra:
        problems.append(f"labels that the teacher does not have: {extra}")
    if teacher.exclusive != student.exclusive:
        problems.append(
            "exclusive labels instead of independent ones"
            if student.exclusive
            else "independent labels instead of exclusive ones"
        )
    if problems:
        raise UserError(
            f"The student can't take the place of {teacher.name!r}: {'; '.join(problems)}. Train it "
            f"with this teacher's config, or map the labels (--label-map) in every command."
        )


def reading_changes(contract: Contract) -> list[str]:
    """Say which ways to read the labels mean something else after the swap.

    contract (Contract): The contract that both components keep.
    RETURNS (list[str]): One sentence per pattern.
    """
    changes = [
        "doc.cats holds probabilities instead of 0 and 1: `doc.cats[x] == 1.0` and "
        "`if doc.cats[x]` change their meaning.",
        "A label is always there: the LLM leaves none where its answer is unusable.",
    ]
    if contract.exclusive:
        return [*changes, "Read the label as `max(doc.cats, key=doc.cats.get)`."]
    stored = f"nlp.meta['distill']['thresholds'][{contract.name!r}]"
    return [
        *changes,
        f"Read the labels as those whose score reaches `{stored}[label]`, or 0.5 without it.",
    ]


def check_clash(nlp: Language, contract: Contract) -> None:
    """Refuse a pipeline in which another text classifier writes the same labels.

    nlp (Language): The pipeline without the LLM component.
    contract (Contract): The LLM component's contract.
    RAISES (UserError): If two components would write one label of `doc.cats`.
    """
    for name in nlp.component_names:
        if name != contract.name and nlp.get_pipe_meta(name).factory in TEXTCAT_FACTORIES:
            shared = sorted(set(nlp.get_pipe(name).labels) & set(contract.labels))  # type: ignore[attr-defined]
            if shared:
                raise UserError(
                    f"The component {name!r} writes the labels {shared} as well; rename them there "
                    f"or with a label map (--label-map)."
                )


def check_parity(
    student: Language,
    swapped: Language,
    contract: Contract,
    texts: Sequence[str] = PARITY_TEXTS,
) -> float:
    """Check that the swapped component gives the student's scores in every way it can be called.

    student (Language): The student's own pipeline.
    swapped (Language): The pipeline after the swap.
    contract (Contract): The component's name and labels.
    texts (Sequence[str]): Texts to compare on.
    RETURNS (float): The largest difference of a score.
    RAISES (UserError): If a score differs by more than 0.0001, with the text and the way.
    """
    name, labels = contract.name, contract.labels
    with student.select_pipes(enable=[name]):
        expected = scores(student.pipe(texts), labels)
    alone = swapped.get_pipe(name)
    ways = {
        "in the whole pipeline": scores(swapped.pipe(texts), labels),
        "alone": scores((alone(swapped.make_doc(text)) for text in texts), labels),
    }
    with swapped.select_pipes(enable=[name]):
        ways["under select_pipes"] = scores(swapped.pipe(texts), labels)
    worst = 0.0
    for way, found in ways.items():
        difference = numpy.abs(found - expected)
        worst = max(worst, float(difference.max()))
        if not difference.max() <= TOLERANCE:  # also true of what is no number
            text = texts[int(difference.max(axis=1).argmax())]
            raise UserError(
                f"Called {way}, {name!r} gives other scores than the student (by {worst:.4f}) for "
                f"{text[:60]!r}. Another component changes its input; look at {swapped.pipe_names}."
            )
    return worst


def scores(docs: Iterable[Doc], labels: Sequence[str]) -> numpy.ndarray:
    """Return the scores of Docs as an array of shape (Docs, labels)."""
    return numpy.asarray([[doc.cats[label] for label in labels] for doc in docs], dtype="f")
