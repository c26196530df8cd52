"""The results as the tables of `benchmarks/README.md`."""

from collections.abc import Iterable, Iterator
from typing import Any

from .arms import ARMS

Line = dict[str, Any]
USUAL = 0.2  # seconds


def tables(lines: list[Line]) -> Iterator[str]:
    """Yield the lines of the tables.

    lines (list[Line]): The results.
    """
    killed = [line["kill_report"] for line in lines if "kill_report" in line]
    measured = [line for line in lines if "per_second" in line]
    plain = [x for x in measured if x["latency"] == USUAL and not x["slow_share"]]
    widths = sorted({line["in_flight"] for line in plain} - {1})
    yield f"| | {' | '.join(f'{width} in flight' for width in widths)} | CPU s per 1,000 |"
    yield f"|---{'|---' * len(widths)}|---|"
    for arm in ARMS:
        of_arm = {line["in_flight"]: line for line in plain if line["arm"] == arm}
        if of_arm:
            shown = [cell(of_arm.get(width) or of_arm.get(1)) for width in widths]
            seconds = " / ".join(str(line["client_cpu_s_per_1000"]) for line in of_arm.values())
            yield f"| {arm} | {' | '.join(shown)} | {seconds} |"
    yield from others(measured)
    for report in killed:
        yield "\n" + ", ".join(f"{name} {count:,}" for name, count in report.items())


def others(lines: Iterable[Line]) -> Iterator[str]:
    """Yield a line for each result that stands in no table."""
    for line in lines:
        if line["slow_share"]:
            yield (
                f"\n{line['in_flight']} in flight, {line['slow_share']:.0%} of the answers slow: "
                f"{cell(line)} (list schedule {line['ideal']:.0f}/s)"
            )
        elif line["latency"] != USUAL:
            yield f"\n{line['n']:,} prompts: peak {line['peak_mb']:.0f} MB"


def cell(line: Line | None) -> str:
    """Return a result as a cell: answers per second, and the share of the ideal."""
    if line is None:
        return "-"
    if line["in_flight"] == 1:
        return f"{line['per_second']:.1f}/s, one at a time (n={line['n']})"
    return f"{line['per_second']:,.0f}/s, {line['share_of_ideal']:.0%}"
