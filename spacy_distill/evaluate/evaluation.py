"""Evaluate a student against its teacher, on gold where there is any."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from hashlib import sha256
from pathlib import Path

from ..contract import Contract
from ..scoring.predictions import Predictions, make_predictions
from ..ty import Track, untracked
from .acceptance import NO_CRITERIA, Criteria
from .answered import read_answered
from .baselines import majority, train_tfidf
from .gold import GoldSet
from .inputs import Inputs, read_inputs
from .judgement import judge
from .marked import Marked
from .notes import find_notes
from .outcomes import collect_outcomes
from .result import GoldResult, Price, Report
from .speed import Speed, measure_speed, measure_throughput
from .student import load_student, predict, student_temperature, untuned
from .systems import GOLD_STUDENT, STUDENT, TFIDF, System, compare_system, score_system


def evaluate(
    student: Path | str,
    contract: Contract,
    *,
    test: Path | str,
    train: Path | str,
    dev: Path | str | None = None,
    gold_student: Path | str | None = None,
    also: Mapping[str, Path | str] | None = None,
    criteria: Criteria = NO_CRITERIA,
    price: Price | None = None,
    track: Track = untracked,
) -> Report:
    """Evaluate a student against its teacher's stored answers, on gold.

    student (Path | str): The folder of the student's pipeline.
    contract (Contract): The teacher's contract.
    test (Path | str): Corpus with the teacher's answers and gold; without gold, no verdict.
    train (Path | str): The corpus that the student was trained on, for the baselines.
    dev (Path | str | None): Gold corpus to choose thresholds on; none are chosen without.
    gold_student (Path | str | None): The same student trained on gold, as one more row.
    also (Mapping[str, Path | str] | None): Other systems by name, each with the test corpus as it has
        labelled it: a smaller LLM, tuned or not.
    criteria (Criteria): The user's own; if none is set, the teacher's level is asked for.
    price (Price | None): What the teacher charges; costs are left out without.
    track (Track): Shows progress.
    RETURNS (Report): Scores, cascade, speed and verdict.
    RAISES (UserError): If anything does not fit the contract, or a gold text was trained on.
    """
    inputs = read_inputs(contract, test=test, train=train, dev=dev)
    nlp = load_student(student, contract)
    run = partial(predict, name=STUDENT, contract=contract, track=track)
    ours = run(nlp, inputs.test.texts)
    speed = measure_speed(nlp, student, texts=inputs.test.texts)
    others = untuned(nlp, ours, contract=contract)
    if gold_student is not None:
        on_gold = load_student(gold_student, contract)
        others.append(run(on_gold, inputs.test.texts, name=GOLD_STUDENT))
    others += read_answered(also or {}, ids=inputs.test.ids, contract=contract)
    systems = compare_all([ours, *others], inputs, contract=contract, speed=speed)
    gold = None
    if inputs.test.gold is not None:
        gold = judge(
            Marked(ours, inputs.test.teacher, inputs.test.gold),
            systems,
            test=inputs.test,
            dev=_mark_dev(inputs.dev, partial(run, nlp)),
            contract=contract,
            temperature=student_temperature(nlp, contract.name),
            speed=speed,
            criteria=criteria,
            price=price,
        )
    report = _report(contract, inputs, systems=systems, speed=speed, gold=gold)
    return replace(report, outcomes=collect_outcomes(inputs.test, [ours, *others], contract.labels))


def compare_all(
    students: Sequence[Predictions], inputs: Inputs, *, contract: Contract, speed: Speed
) -> tuple[System, ...]:
    """Set teacher, students and baselines side by side.

    students (Sequence[Predictions]): The student's predictions and those of its variants.
    inputs (Inputs): The corpora.
    contract (Contract): The labels.
    speed (Speed): The student's speed.
    RETURNS (tuple[System, ...]): One row each; without gold, with agreement alone.
    """
    test, exclusive = inputs.test, contract.exclusive
    tfidf = train_tfidf(inputs.train, exclusive=exclusive)
    rows = [
        test.teacher,
        *students,
        make_predictions(TFIDF, tfidf(test.texts), exclusive=exclusive),
        majority(inputs.train, len(test.texts), exclusive=exclusive),
    ]
    rates = {STUDENT: speed.docs_per_s, TFIDF: measure_throughput(tfidf, test.texts)}
    if test.gold is None:
        return tuple(
            compare_system(row, teacher=test.teacher, docs_per_s=rates.get(row.name))
            for row in rows
        )
    return tuple(
        score_system(
            row,
            test.gold,
            teacher=test.teacher,
            labels=contract.labels,
            exclusive=exclusive,
            docs_per_s=rates.get(row.name),
        )
        for row in rows
    )


def _mark_dev(dev: GoldSet | None, run: Callable[[Sequence[str]], Predictions]) -> Marked | None:
    if dev is None or dev.gold is None:
        return None
    return Marked(run(dev.texts), dev.teacher, dev.gold)


def _report(
    contract: Contract,
    inputs: Inputs,
    *,
    systems: tuple[System, ...],
    speed: Speed,
    gold: GoldResult | None,
) -> Report:
    n_test, n_train = len(inputs.test.ids), len(inputs.train.ids)
    return Report(
        component=contract.name,
        labels=contract.labels,
        exclusive=contract.exclusive,
        n_test=n_test,
        n_without_gold=inputs.test.n_without_gold,
        n_train=n_train,
        n_prompts=len(inputs.prompts),
        prompts_sha256=sha256("\n".join(sorted(inputs.prompts)).encode("ascii")).hexdigest(),
        systems=systems,
        speed=speed,
        gold=gold,
        notes=find_notes(
            systems,
            n_test=n_test,
            n_without_gold=inputs.test.n_without_gold,
            n_train=n_train,
            word=gold.verdict.word if gold is not None else None,
        ),
    )
