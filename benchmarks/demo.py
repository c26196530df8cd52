"""Train and evaluate the demo's students over several seeds; resumable, one JSON line per arm.

Run `weasel run all` and `weasel run priority` first, for their corpora:

    python benchmarks/demo.py --tasks intent priority --seeds 0 1 2
"""

import argparse
import io
import json
import os
import tempfile
import time
from pathlib import Path
from statistics import mean
from typing import Any

from spacy_distill.contract import read_contract
from spacy_distill.evaluate import evaluate
from spacy_distill.evaluate.run import package_versions, processor_name
from spacy_distill.student.scored import score_gold
from spacy_distill.student.temperature import store_temperature
from spacy_distill.student.train import train

RESULTS = Path(__file__).parent / "results" / "demo.jsonl"
ARMS: dict[str, dict[str, Any]] = {
    "textcat_trf": {"refit": True},
    "textcat_trf, no refit": {"refit": False},
    "textcat_bow": {"refit": False},
}


def run_arm(arm: str, task: str, seed: int) -> dict[str, Any]:
    """Train one student and hold it against gold.

    arm (str): A key of ARMS.
    task (str): intent or priority.
    seed (int): The seed.
    RETURNS (dict): Scores with intervals, seconds of training, machine and versions.
    """
    corpus = Path("corpus") / task
    contract = read_contract(f"configs/teacher_{task}.cfg")
    config = f"configs/{arm.split(',')[0]}.cfg"
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        trained = train(
            config,
            folder,
            contract=contract,
            train_path=corpus / "split" / "train",
            dev_path=corpus / "split" / "dev",
            overrides={"system.seed": seed},
            stdout=io.StringIO(),
            stderr=io.StringIO(),
            **ARMS[arm],
        )
        seconds = time.perf_counter() - start
        store_temperature(
            trained.path, score_gold(trained.path, corpus / "gold_dev", contract), contract
        )
        report = evaluate(
            trained.path,
            contract,
            test=corpus / "labelled" / "gold_test",
            train=trained.corpus,
            dev=corpus / "labelled" / "gold_dev",
        ).to_json()
    systems = {s["name"]: (s["accuracy"], s["macro_f1"]) for s in report["systems"]}
    return {
        "arm": arm,
        "task": task,
        "seed": seed,
        "n_train": report["n_train"],
        "n_test": report["n_test"],
        "seconds": round(seconds, 1),
        "threads": os.environ.get("OMP_NUM_THREADS"),
        "systems": systems,
        "cascade": report["gold"]["cascade"],
        "verdict": report["gold"]["verdict"]["word"],
        "processor": processor_name(),
        "versions": package_versions(),
    }


def finished() -> list[dict[str, Any]]:
    """Return the results so far."""
    if not RESULTS.is_file():
        return []
    return [json.loads(line) for line in RESULTS.read_text(encoding="utf8").splitlines()]


def main() -> None:
    """Run the arms that have no result yet, and print the means."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tasks", nargs="+", default=["intent", "priority"])
    parser.add_argument("--arms", nargs="+", default=list(ARMS))
    parser.add_argument("--seeds", nargs="+", type=int, default=[0, 1, 2])
    args = parser.parse_args()
    RESULTS.parent.mkdir(exist_ok=True)
    for seed in args.seeds:
        for task in args.tasks:
            for arm in args.arms:
                if any((r["arm"], r["task"], r["seed"]) == (arm, task, seed) for r in finished()):
                    continue
                result = run_arm(arm, task, seed)
                with RESULTS.open("a", encoding="utf8") as file:
                    file.write(json.dumps(result) + "\n")
    for task in args.tasks:
        for arm in args.arms:
            found = [r for r in finished() if (r["arm"], r["task"]) == (arm, task)]
            values = [r["systems"]["student"][0]["value"] for r in found]
            print(f"{task:10} {arm:24} {mean(values):.3f} over {len(values)} seeds: {values}")


if __name__ == "__main__":
    main()
