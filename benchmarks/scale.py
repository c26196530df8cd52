"""Run a pool of texts through ingest, label, curate and convert; one JSON line per size.

The texts are the user's own, a JSONL file with a `text` in each row (it is not in the repository):

    python benchmarks/scale.py texts.jsonl --n 10000 100000

The teacher replays answers that are made up here, one for each prompt that it will be asked. Each
stage is a process of its own, as on the command line.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from hashlib import sha256
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from typing import Any

CONFIGS = Path(__file__).parent.parent / "configs"
RESULTS = Path(__file__).parent / "results" / "scale.jsonl"
N_GOLD = 200
LABELS = ("statement", "question", "request", "praise")
TEACHER = f"""
[nlp]
lang = "en"
pipeline = ["llm"]

[components]

[components.llm]
factory = "llm"

[components.llm.task]
@llm_tasks = "spacy.TextCat.v3"
labels = {json.dumps(LABELS)}
exclusive_classes = true

[components.llm.model]
@llm_models = "spacy-distill.Replay.v1"
path = "answers.jsonl"
"""
STAGES = {
    "ingest": "texts.jsonl texts --teacher teacher.cfg",
    "label": "teacher.cfg texts --output labelled",
    "curate": f"labelled/texts curated --config {CONFIGS / 'curate.cfg'} --gold gold",
    "convert": "curated split --teacher teacher.cfg --gold-test gold",
}


def made_up_label(text: str) -> str:
    """Return a label for a text: any, but always the same one."""
    return LABELS[sha256(text.encode("utf8")).digest()[0] % len(LABELS)]


def write_inputs(source: Path, n: int, folder: Path) -> None:
    """Write the texts, a few of them with gold labels, and the teacher with its recorded answers.

    source (Path): JSONL with a `text` per row; the first rows are gold, the next n are the pool.
    n (int): The number of rows.
    folder (Path): Where the files go.
    """
    (folder / "teacher.cfg").write_text(TEACHER, encoding="utf8")
    with (
        source.open(encoding="utf8") as rows,
        (folder / "gold.jsonl").open("w", encoding="utf8") as gold,
        (folder / "texts.jsonl").open("w", encoding="utf8") as texts,
    ):
        for number, line in enumerate(islice(rows, n)):
            text = json.loads(line)["text"]
            if number < N_GOLD:
                gold.write(json.dumps({"text": text, "intent": made_up_label(text)}) + "\n")
            texts.write(json.dumps({"id": number, "text": text}) + "\n")
    record_answers(folder / "texts.jsonl", folder / "answers.jsonl")


def record_answers(texts_path: Path, path: Path) -> None:
    """Write a recording with an answer to each prompt of the teacher.

    texts_path (Path): The texts.
    path (Path): The recording.
    """
    from spacy.util import minibatch
    from spacy_llm.util import assemble_from_config
    from thinc.api import Config

    nlp = assemble_from_config(Config().from_str(TEACHER))
    task = nlp.get_pipe("llm")._task
    with texts_path.open(encoding="utf8") as rows, path.open("w", encoding="utf8") as answers:
        for lines in minibatch(rows, 1_000):
            with nlp.memory_zone():
                docs = [nlp.make_doc(json.loads(line)["text"]) for line in lines]
                for doc, (prompts, _) in zip(docs, task.generate_prompts(docs), strict=True):
                    row = {"prompt": prompts[0], "responses": [made_up_label(doc.text)]}
                    answers.write(json.dumps(row) + "\n")


def run_command(command: str, folder: Path) -> tuple[float, int]:
    """Run a `spacy distill` command in a process of its own.

    command (str): The command with its arguments.
    folder (Path): Where it runs.
    RETURNS (tuple[float, int]): Seconds, and the most memory that it held, in bytes.
    RAISES (RuntimeError): If it fails.
    """
    words = [sys.executable, "-m", "spacy", "distill", *command.split()]
    start = time.perf_counter()
    with (folder / "output.log").open("ab") as log:
        process = subprocess.Popen(words, cwd=folder, stdout=log, stderr=log)
        _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise RuntimeError(f"{command}: {(folder / 'output.log').read_text(encoding='utf8')}")
    return time.perf_counter() - start, usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def run_stages(source: Path, n: int) -> dict[str, Any]:
    """Run all stages over n texts.

    source (Path): The texts.
    n (int): How many of them.
    RETURNS (dict): Seconds, Docs per second and peak memory of each stage.
    """
    results = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        # In a process of its own: a child's peak counts from that of the process that it began as
        writer = get_context("spawn").Process(target=write_inputs, args=(source, n, folder))
        writer.start()
        writer.join()
        if writer.exitcode:
            raise RuntimeError("The inputs could not be written; see above.")
        run_command("ingest gold.jsonl gold --teacher teacher.cfg --gold intent", folder)
        for stage, arguments in STAGES.items():
            seconds, peak = run_command(f"{stage} {arguments}", folder)
            results[stage] = {
                "seconds": round(seconds, 1),
                "docs_per_second": round(n / seconds),
                "peak_mb": round(peak / 1e6, 1),
            }
            print(f"{n:>9,} {stage:8} {json.dumps(results[stage])}", flush=True)
    return results


def bytes_per_text(small: dict[str, Any], large: dict[str, Any]) -> dict[str, int]:
    """Return how much each stage's peak grows with a text, from the results of two sizes."""
    added = large["n"] - small["n"]
    return {
        stage: round((large["stages"][stage]["peak_mb"] - result["peak_mb"]) * 1e6 / added)
        for stage, result in small["stages"].items()
    }


def describe_run() -> dict[str, Any]:
    """Return the machine, its load and the versions."""
    from spacy_distill.evaluate.run import package_versions, processor_name

    return {
        "processor": processor_name(),
        "cpus": os.cpu_count(),
        "load_average": [round(load, 2) for load in os.getloadavg()],
        "versions": package_versions(),
    }


def main() -> None:
    """Run all sizes, smallest first, and append a line for each to the results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("source", type=Path)
    parser.add_argument("--n", nargs="+", type=int, default=[10_000, 100_000])
    parser.add_argument("--out", type=Path, default=RESULTS)
    args = parser.parse_args()
    results: list[dict[str, Any]] = []
    for n in sorted(args.n):
        results.append({"n": n, "stages": run_stages(args.source.resolve(), n)})
        if len(results) > 1:
            results[-1]["bytes_per_text"] = bytes_per_text(results[0], results[-1])
            print(f"bytes per text: {results[-1]['bytes_per_text']}")
    machine = describe_run()
    with args.out.open("a", encoding="utf8") as file:
        for result in results:
            file.write(json.dumps({**result, **machine}) + "\n")


if __name__ == "__main__":
    main()
