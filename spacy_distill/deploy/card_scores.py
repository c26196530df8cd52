"""The scores of a model card: from the evaluation's results or, for want of them, the snapshot."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ..markdown import escape, table_lines
from .provenance import Provenance

STUDENT = "student"
COLUMNS = {
    "accuracy": "accuracy",
    "macro-F1": "macro_f1",
    "agreement with the teacher": "agreement",
}
METRICS = {"accuracy": ("accuracy", "Accuracy"), "macro-F1": ("f1", "Macro-F1")}


def score_lines(found: Provenance) -> Iterator[str]:
    """Yield the lines on scores: verdict, systems, notes and speed."""
    scores = headline_scores(found)
    if not scores:
        yield "Not evaluated."
        return
    n = found.evaluation.get("n_test") or found.run.get("n", {}).get("test", "?")
    gold = any("accuracy" in row for row in scores.values())
    yield (
        f"On {n} {'test texts with human labels' if gold else 'test texts without human labels'}, "
        f"with 95 % intervals:"
    )
    yield ""
    rows = [(name, *(row.get(x, "-") for x in COLUMNS)) for name, row in scores.items()]
    header = ("", "Exact match" if is_multilabel(found) else "Accuracy", "Macro-F1", "Agreement")
    yield from table_lines(header, rows)
    yield ""
    yield from verdict_lines(found)
    yield from speed_lines(found.evaluation.get("speed"), found.run.get("machine", {}))


def headline_scores(found: Provenance) -> dict[str, dict[str, str]]:
    """Return each system's scores with their intervals, by system and score."""
    if found.evaluation:
        return {
            row["name"]: {x: show(row[key]) for x, key in COLUMNS.items() if row.get(key)}
            for row in found.evaluation["systems"]
        }
    scores: dict[str, dict[str, str]] = {}
    for name, value in found.run.get("scores", {}).items():
        score = next((x for x in COLUMNS if name.endswith(f" {x}")), None)
        if score is not None:
            scores.setdefault(name.removesuffix(f" {score}"), {})[score] = value
    return scores


def student_metrics(found: Provenance) -> list[dict[str, Any]]:
    """Return the student's scores on gold as the metrics of a card's front matter."""
    scores = headline_scores(found).get(STUDENT, {})
    return [
        {"name": title, "type": kind, "value": float(scores[score].split()[0])}
        for score, (kind, title) in METRICS.items()
        if score in scores
    ]


def verdict_lines(found: Provenance) -> Iterator[str]:
    """Yield the verdict and its reasons, and what else a reader of the scores must know."""
    verdict = found.gold.get("verdict", {})
    word = verdict.get("word") or found.run.get("verdict")
    yield f"Verdict: **{escape(word)}**" if word else "No verdict: there were no human labels."
    yield ""
    lines = [*verdict.get("reasons", ()), *found.evaluation.get("notes", ())]
    yield from (f"- {escape(line)}" for line in lines)
    if lines:
        yield ""


def speed_lines(speed: Mapping[str, Any] | None, machine: Mapping[str, Any]) -> Iterator[str]:
    """Yield what the pipeline costs to run, where that was measured."""
    if speed is not None:
        where = escape(str(machine.get("processor") or "the machine that evaluated it"))
        yield (
            f"Speed on {where}: {speed['docs_per_s']:,.0f} texts per second in batches (over "
            f"{speed['n_docs']}), {speed['latency_p50_ms']:.1f} ms (median) and "
            f"{speed['latency_p95_ms']:.1f} ms (95th percentile) for a single text (over "
            f"{speed['n_latency']}); {speed['size_mb']:.1f} MB on disk."
        )
        yield ""


def label_rows(found: Provenance) -> tuple[Sequence[str], list[tuple[str, ...]]]:
    """Return the table of labels: per label its scores and threshold, as far as they are known.

    RETURNS (tuple[Sequence[str], list[tuple[str, ...]]]): Header and rows.
    """
    labels = found.contract.labels if found.contract is not None else ()
    systems = {row["name"]: row for row in found.evaluation.get("systems", ())}
    scores = {row["label"]: row for row in systems.get(STUDENT, {}).get("labels", ())}
    thresholds = found.carried("thresholds") or {}
    header = ["Label"]
    header += ["n", "Precision", "Recall", "F1"] if scores else []
    header += ["Threshold"] if thresholds else []
    rows = []
    for label in labels:
        cells = [label]
        if scores:
            row = scores[label]
            cells += [str(row["n_gold"]), *(show(row[x]) for x in ("precision", "recall", "f1"))]
        if thresholds:
            cells.append(f"{thresholds[label]:.3f}" if label in thresholds else "-")
        rows.append(tuple(cells))
    return header, rows


def is_multilabel(found: Provenance) -> bool:
    """Say whether several labels may apply to one text."""
    return found.contract is not None and not found.contract.exclusive


def show(value: Mapping[str, float]) -> str:
    """Return an interval of the evaluation's JSON as text."""
    return f"{value['value']:.3f} [{value['low']:.3f}, {value['high']:.3f}]"
