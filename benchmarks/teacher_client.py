"""The teacher's client against others: one loopback server, the same prompts, answers per second.

Each client is a process of its own, the server another, one client after the other; resumable, one
JSON line per run. On an otherwise idle machine:

    pip install openai httpx-aiohttp litellm uvloop
    python benchmarks/teacher_client.py
    python benchmarks/teacher_client.py --kills 20

Clients that are not installed are named and left out. `--quick` is a trial with few prompts, whose
results are printed only.
"""

import argparse
import json
import tempfile
from dataclasses import asdict, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from chat_clients.arms import ARMS, PEERS
from chat_clients.harness import Inputs, Run, measure
from chat_clients.table import tables

RESULTS = Path(__file__).parent / "results" / "teacher_client.jsonl"
OURS = "ours: label"
RUNS = (
    Run("spacy-llm", 1, n=60),
    *(Run(arm, in_flight) for in_flight in (64, 512) for arm in ARMS if arm != "spacy-llm"),
    *(Run(OURS, in_flight, slow_share=0.05) for in_flight in (64, 512)),
    *(Run(OURS, 64, n=n, latency=0.005) for n in (5_000, 50_000)),
)


def quick(run: Run) -> Run:
    """Return a run with few prompts."""
    return replace(run, n=max(run.n // 25, 10))


def missing(arm: str) -> list[str]:
    """Return the distributions that an arm needs and that are not installed."""
    return [name for module, name in PEERS.get(arm, {}).items() if find_spec(module) is None]


def finished(path: Path | None) -> list[dict[str, Any]]:
    """Return the results so far."""
    if path is None or not path.is_file():
        return []
    return [json.loads(line) for line in path.read_text(encoding="utf8").splitlines()]


def show(line: dict[str, Any]) -> None:
    """Print a result."""
    slow = f", {line['slow_share']:.0%} slow" if line["slow_share"] else ""
    print(
        f"{line['arm']:28} {line['in_flight']:4} in flight, {line['latency'] * 1000:.0f} ms{slow}, "
        f"n={line['n']:,}: {line['per_second']:,.1f}/s, {line['share_of_ideal']:.1%} of the ideal, "
        f"{line['client_cpu_s_per_1000']} s CPU per 1,000, {line.get('peak_mb', '?')} MB",
        flush=True,
    )


def main() -> None:
    """Run what has no result yet, and print all results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--arms", nargs="+", default=list(ARMS), choices=list(ARMS))
    parser.add_argument("--in-flight", nargs="+", type=int, help="only runs with so many at a time")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument(
        "--kills", type=int, default=0, help="kill and resume `label` so many times"
    )
    parser.add_argument("--tables", action="store_true", help="print the results as Markdown")
    args = parser.parse_args()
    if args.tables:
        print(*tables(finished(RESULTS)), sep="\n")
        return
    out = None if args.quick else RESULTS
    with tempfile.TemporaryDirectory() as folder:
        inputs = Inputs(Path(folder))
        if args.kills:
            run_kills(args.kills, inputs, out)
            return
        for run in map(quick, RUNS) if args.quick else RUNS:
            if run.arm in args.arms and run.in_flight in (args.in_flight or [run.in_flight]):
                run_arm(run, inputs, out)


def run_arm(run: Run, inputs: Inputs, out: Path | None) -> None:
    """Measure a client, unless it has a result already or is not installed, and print the result."""
    known = [line for line in finished(out) if asdict(run).items() <= line.items()]
    if not known and missing(run.arm):
        print(f"{run.arm}: left out; pip install {' '.join(missing(run.arm))}")
        return
    show(known[0] if known else append(measure(run, inputs), out))


def run_kills(kills: int, inputs: Inputs, out: Path | None) -> None:
    """Kill and resume `label`, and print what became of the answers."""
    from chat_clients.kill_label import kill_label

    line = append(kill_label(Run(f"{OURS}, killed", 64), kills, inputs), out)
    print(line["kill_report"])


def append(line: dict[str, Any], out: Path | None) -> dict[str, Any]:
    """Add a line to the results, if they are kept, and return it."""
    if out is not None:
        with out.open("a", encoding="utf8") as file:
            file.write(json.dumps(line) + "\n")
    return line


if __name__ == "__main__":
    main()
