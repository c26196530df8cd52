"""Evaluate first: how good is a teacher on texts whose labels a person has given?"""

from collections import Counter
from contextlib import closing, nullcontext
from dataclasses import asdict, dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from spacy.tokens import Doc

from ..attrs import doc_id, get_distill
from ..contract import Contract, LabelMap, gold_cats, read_contract
from ..errors import UserError
from ..io import count_docs, read_docs
from ..scoring.intervals import Interval, interval, resampled_sums
from ..scoring.predictions import cats_scores, correct, make_predictions
from ..scoring.scores import label_counts, points
from ..ty import Track, untracked
from .label import answer_docs
from .pipeline import load_teacher, stored_model


@dataclass(frozen=True)
class Row:
    """One text of a probe: gold is None without gold; answers are the raw responses."""

    id: str
    text: str
    gold: str | None
    labels: str
    answers: list[str]


@dataclass(frozen=True)
class LabelScores:
    """Precision, recall and F1 with its interval for one label; n is its number of gold Docs."""

    precision: float
    recall: float
    f1: Interval
    n: int


@dataclass
class Probe:
    """What a probe found out about one teacher.

    n_voted counts the Docs with two answers or more, n_unanimous those whose answers all agree;
    rows holds the Docs on which teacher and gold differ or, without gold, all of them; the scores
    count a Doc without a usable answer as wrong, and are None without gold.
    """

    teacher: str
    n: int
    n_labelled: int
    rows: list[Row]
    outcomes: dict[str, int]
    requests: dict[str, int]
    n_voted: int = 0
    n_unanimous: int = 0
    accuracy: Interval | None = None
    macro_f1: Interval | None = None
    per_label: dict[str, LabelScores] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return the probe as plain JSON-able values."""
        return asdict(self)


def probe(
    teacher: Path | str,
    corpus: Path | str,
    *,
    store_path: Path | str,
    limit: int | None = None,
    samples: int | None = None,
    component: str | None = None,
    label_map: LabelMap | None = None,
    max_calls: int | None = None,
    max_cost: float | None = None,
    track: Track = untracked,
) -> Probe:
    """Ask a teacher about a small corpus and hold its labels against gold, where there is any.

    teacher (Path | str): A spacy-llm config or the folder of a saved pipeline.
    corpus (Path | str): The texts, with human labels from `ingest --gold` or without.
    store_path (Path | str): The answer store; `label` finds the answers there again.
    limit (int | None): Ask about the first so many texts only.
    samples (int | None): Answers per text; None for the config's own number, else 1.
    component (str | None): The teacher component, where several could be meant.
    label_map (LabelMap | None): Old label to new label, or to None to drop it.
    max_calls (int | None): Calls that may be sent, retries included.
    max_cost (float | None): US dollars that may be spent.
    track (Track): Shows progress.
    RETURNS (Probe): Scores with intervals, and the disagreements in full.
    RAISES (UserError): If the corpus is empty.
    """
    contract = read_contract(teacher, component=component, label_map=label_map)
    nlp = load_teacher(
        teacher, contract.name, store_path=store_path, samples=samples, label_map=label_map
    )
    total = min(count_docs(corpus), limit or count_docs(corpus))
    first = islice(read_docs(corpus, nlp.vocab), limit)
    asked = answer_docs(nlp, first, contract)
    model = stored_model(nlp, contract.name)
    if model is not None:
        model.limit(max_calls=max_calls, max_cost=max_cost)
    with closing(model) if model is not None else nullcontext():
        docs = list(track(asked, total=total, desc=f"Ask {teacher}"))
    if not docs:
        raise UserError(f"{corpus} holds no texts; ingest some first.")
    answers = [answer for doc in docs for answer in get_distill(doc).get("answers", ())]
    found = Probe(
        teacher=str(teacher),
        n=len(docs),
        n_labelled=sum(bool(doc.cats) for doc in docs),
        rows=[],
        outcomes=dict(Counter(answer["outcome"] for answer in answers)),
        requests=dict(model.counts) if model is not None else {},
        n_voted=sum("agreement" in get_distill(doc) for doc in docs),
        n_unanimous=sum(get_distill(doc).get("agreement") == 1.0 for doc in docs),
    )
    with_gold = [doc for doc in docs if gold_cats(doc, contract) is not None]
    if with_gold:
        score(found, with_gold, contract)
    else:
        found.rows = [describe(doc, contract) for doc in docs]
    return found


def score(found: Probe, docs: list[Doc], contract: Contract) -> None:
    """Hold the teacher's labels against gold, and keep the rows that differ."""
    golds = [gold_cats(doc, contract) or {} for doc in docs]
    gold = np.asarray(cats_scores(golds, contract.labels), dtype=bool)
    cats = [dict(doc.cats) for doc in docs]
    predictions = make_predictions(
        found.teacher,
        cats_scores(cats, contract.labels),
        exclusive=contract.exclusive,
        known=np.asarray([bool(scores) for scores in cats]),
    )
    right = correct(predictions, gold)
    found.rows = [describe(doc, contract) for doc, ok in zip(docs, right, strict=True) if not ok]
    scores = points(resampled_sums(label_counts(predictions, gold)))
    n = found.n = len(docs)
    found.accuracy = interval(scores.accuracy, n)
    found.macro_f1 = interval(scores.macro_f1, n)
    found.per_label = {
        label: LabelScores(
            precision=float(np.nan_to_num(scores.precision[0, i])),
            recall=float(np.nan_to_num(scores.recall[0, i])),
            f1=interval(scores.f1[:, i], n),
            n=int(gold[:, i].sum()),
        )
        for i, label in enumerate(contract.labels)
    }


def describe(doc: Doc, contract: Contract) -> Row:
    """Return what a person wants to see of a Doc in a probe."""
    record = get_distill(doc)
    gold = gold_cats(doc, contract)
    scores = sorted(doc.cats.items(), key=lambda item: -item[1])
    leading = scores[:1] if contract.exclusive else [x for x in scores if x[1] >= 0.5]
    return Row(
        id=record.get("source") or doc_id(doc),
        text=doc.text,
        gold=None if gold is None else ", ".join(x for x in gold if gold[x]) or "(none)",
        labels=", ".join(name for name, _ in leading) or ("(none)" if doc.cats else ""),
        answers=[answer["response"] or answer["reason"] for answer in record.get("answers", ())],
    )
