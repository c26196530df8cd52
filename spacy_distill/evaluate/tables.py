"""The tables of a report, as text cells: the terminal and the Markdown page show the same ones."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..scoring.intervals import Interval
from .cascade import CurvePoint
from .confusion import NONE, Cell
from .result import Report
from .systems import STUDENT, TEACHER, System

MAX_MATRIX = 12  # labels; a wider matrix does not fit 110 columns
MAX_CELLS = 20
MAX_NAME = 24
COVERAGES = (1.0, 0.9, 0.8, 0.7, 0.6, 0.5)


@dataclass(frozen=True)
class Table:
    """A table of text cells; the first column is aligned left, the others right."""

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def systems_table(report: Report) -> Table:
    """Return the main table: one row per system."""
    accuracy = "Accuracy [95 %]" if report.exclusive else "Exact match [95 %]"
    header = ("", accuracy, "Macro-F1 [95 %]", "Agreement [95 %]", "ECE", "docs/s")
    rows = tuple(
        (
            system.name,
            _cell(system.accuracy),
            _cell(system.macro_f1),
            _cell(system.agreement),
            "-" if system.ece is None else f"{system.ece:.3f}",
            "-" if system.docs_per_s is None else f"{system.docs_per_s:,.0f}",
        )
        for system in report.systems
    )
    what = "gold" if report.gold is not None else "test"
    return Table(f"{report.n_test} {what} Docs, {report.n_train} training texts", header, rows)


def labels_table(system: System) -> Table:
    """Return the scores of each label for one system, with its threshold where it has one."""
    thresholds = ("Threshold",) if any(x.threshold is not None for x in system.labels) else ()
    header = ("Label", "n", "Precision [95 %]", "Recall [95 %]", "F1 [95 %]", *thresholds)
    rows = tuple(
        (
            _short(x.label),
            str(x.n_gold),
            *(str(score) for score in (x.precision, x.recall, x.f1)),
            *(() if x.threshold is None else (f"{x.threshold:.2f}",)),
        )
        for x in system.labels
    )
    return Table(f"Labels: {system.name}", header, rows)


def confusion_table(report: Report, name: str) -> Table:
    """Return a system's confusion matrix, or its largest cells where a matrix would not do.

    report (Report): A report with gold.
    name (str): The system.
    RETURNS (Table): Rows are gold, columns decisions. For many labels, and for labels that are not
        exclusive, the largest cells that are errors.
    """
    cells = report.gold.confusion[name] if report.gold is not None else ()
    if report.exclusive and len(report.labels) <= MAX_MATRIX:
        return _matrix(cells, report.labels, name)
    errors = sorted((cell for cell in cells if cell.gold != cell.decided), key=_size)
    rows = tuple((_short(x.gold), _short(x.decided), str(len(x.ids))) for x in errors[:MAX_CELLS])
    return Table(f"Largest confusions: {name}", ("Gold", "Decided", "Docs"), rows)


def causes_table(report: Report) -> Table:
    """Return where the student's errors come from."""
    causes = report.gold.causes if report.gold is not None else ()
    rows = tuple((cause.name, str(len(cause.ids)), str(cause.share)) for cause in causes)
    n = causes[0].share.n if causes else 0
    return Table(f"The student's {n} errors", ("Cause", "Docs", "Share [95 %]"), rows)


def curve_table(report: Report) -> Table:
    """Return the cascade's curve on gold dev, thinned to steps of coverage."""
    curve = report.gold.curve if report.gold is not None else ()
    n_dev = report.gold.n_dev if report.gold is not None else 0
    header = ("Threshold", "Coverage", "Docs kept", "Student", "Teacher")
    rows = tuple(
        (
            f"{point.threshold:.4f}",
            f"{point.coverage:.3f}",
            str(point.n_kept),
            f"{point.accuracy:.3f}",
            f"{point.teacher_accuracy:.3f}",
        )
        for point in thin(curve)
    )
    return Table(f"Accuracy above a confidence, on {n_dev} gold dev Docs", header, rows)


def slices_table(report: Report) -> Table:
    """Return accuracy for each value of each metadata field."""
    slices = report.gold.slices if report.gold is not None else ()
    header = ("Slice", "n", "Student [95 %]", "Teacher [95 %]")
    rows = tuple(
        (f"{x.field} = {_short(x.value)}", str(x.student.n), str(x.student), str(x.teacher))
        for x in slices
    )
    return Table("Slices", header, rows)


def speed_table(report: Report) -> Table:
    """Return what the student costs to run."""
    speed = report.speed
    memory = "-" if speed.peak_memory_mb is None else f"{speed.peak_memory_mb:,.0f} MiB"
    rows = (
        (f"docs/s, batches of 64 over {speed.n_docs}", f"{speed.docs_per_s:,.0f}"),
        (f"latency p50, {speed.n_latency} single Docs", f"{speed.latency_p50_ms:.2f} ms"),
        (f"latency p95, {speed.n_latency} single Docs", f"{speed.latency_p95_ms:.2f} ms"),
        ("cold load, imports included", f"{speed.load_s:.1f} s"),
        ("peak memory of a fresh process", memory),
        ("size on disk", f"{speed.size_mb:.1f} MB"),
    )
    return Table("Speed and size of the student", ("", "This machine"), rows)


def all_tables(report: Report) -> Iterator[Table]:
    """Yield the tables of a report, without those that have no rows.

    report (Report): The report.
    YIELDS (Table): In the order in which they are shown.
    """
    tables = [systems_table(report)]
    if report.gold is not None:
        tables.append(labels_table(report.system(STUDENT)))
        tables += [confusion_table(report, name) for name in report.gold.confusion]
        tables += [causes_table(report), curve_table(report), slices_table(report)]
    yield from (table for table in [*tables, speed_table(report)] if table.rows)


def terminal_tables(report: Report) -> Iterator[Table]:
    """Yield the tables for the terminal: all but slices and the teacher's confusion matrix."""
    left_out = {slices_table(report).title, confusion_table(report, TEACHER).title}
    yield from (table for table in all_tables(report) if table.title not in left_out)


def thin(curve: Sequence[CurvePoint]) -> list[CurvePoint]:
    """Return, for each step of coverage, the highest threshold that still covers as much."""
    points = {}
    for coverage in COVERAGES:
        enough = [point for point in curve if point.coverage >= coverage]
        if enough:
            points[enough[-1].threshold] = enough[-1]
    return list(points.values())


def _matrix(cells: Sequence[Cell], labels: Sequence[str], name: str) -> Table:
    counts = {(cell.gold, cell.decided): len(cell.ids) for cell in cells}
    absent = [NONE] if any(cell.decided == NONE for cell in cells) else []
    header = ("Gold \\ decided", *(str(i + 1) for i in range(len(labels))), *absent)
    rows = tuple(
        (f"{i + 1} {_short(gold)}", *(str(counts.get((gold, x), 0)) for x in [*labels, *absent]))
        for i, gold in enumerate(labels)
    )
    return Table(f"Confusion: {name}", header, rows)


def _cell(value: Interval | None) -> str:
    return "-" if value is None else str(value)


def _short(name: str) -> str:
    return name if len(name) <= MAX_NAME else f"{name[: MAX_NAME - 1]}…"


def _size(cell: Cell) -> int:
    return -len(cell.ids)
