"""What a student costs to run: throughput, latency, load time, memory and size on disk."""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path

import numpy as np
from spacy.language import Language

from ..errors import UserError
from .student import BATCH_SIZE

N_DOCS = 512
N_LATENCY = 100

# Linux carries a parent's peak over into ru_maxrss of its child, so VmHWM comes first there.
COLD_START = """
import json, sys, time
start = time.perf_counter()
import spacy
nlp = spacy.load(sys.argv[1])
load_s = time.perf_counter() - start
for doc in nlp.pipe(json.loads(sys.stdin.buffer.read())): pass
try:
    with open("/proc/self/status") as status:
        line = next(line for line in status if line.startswith("VmHWM:"))
    peak_mb = int(line.split()[1]) / 1024
except (OSError, StopIteration):
    try:
        import resource
    except ImportError:
        peak_mb = None
    else:
        unit = 1024**2 if sys.platform == "darwin" else 1024
        peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit
sys.stdout.write("\\n" + json.dumps([load_s, peak_mb]))
"""


@dataclass(frozen=True)
class Speed:
    """What the student costs to run on this machine.

    docs_per_s (float): Throughput of `nlp.pipe` with batches of 64 over `n_docs` texts.
    latency_p50_ms (float): Median time of one call `nlp(text)`, over `n_latency` texts.
    latency_p95_ms (float): Its 95th percentile.
    load_s (float): From a fresh Python to a loaded pipeline, imports included.
    peak_memory_mb (float | None): Peak memory (MiB) of a fresh process that loads the pipeline and
        runs one batch; None where the platform does not tell.
    size_mb (float): Size of the pipeline's folder, in MB (10^6 bytes).
    """

    docs_per_s: float
    n_docs: int
    latency_p50_ms: float
    latency_p95_ms: float
    n_latency: int
    load_s: float
    peak_memory_mb: float | None
    size_mb: float


def measure_speed(nlp: Language, path: Path | str, *, texts: Sequence[str]) -> Speed:
    """Measure a pipeline.

    nlp (Language): The loaded pipeline.
    path (Path | str): Its folder.
    texts (Sequence[str]): Texts to run it over; repeated where there are few.
    RETURNS (Speed): The figures.
    """
    latencies = _latencies(nlp, list(islice(cycle(texts), N_LATENCY)))
    p50, p95 = np.percentile(latencies, [50, 95])
    load_s, peak_mb = measure_cold_start(path, texts=texts[:BATCH_SIZE])
    return Speed(
        docs_per_s=measure_throughput(lambda many: list(_pipe(nlp, many)), texts),
        n_docs=N_DOCS,
        latency_p50_ms=float(p50) * 1000,
        latency_p95_ms=float(p95) * 1000,
        n_latency=N_LATENCY,
        load_s=load_s,
        peak_memory_mb=peak_mb,
        size_mb=folder_size(path) / 1e6,
    )


def measure_throughput(run: Callable[[Sequence[str]], object], texts: Sequence[str]) -> float:
    """Return how many texts per second a function gets through, after one batch to warm up.

    run (Callable): Called with a list of texts.
    texts (Sequence[str]): The texts, repeated or cut to 512.
    RETURNS (float): Texts per second.
    """
    many = list(islice(cycle(texts), N_DOCS))
    run(many[:BATCH_SIZE])
    start = time.perf_counter()
    run(many)
    return len(many) / (time.perf_counter() - start)


def measure_cold_start(path: Path | str, *, texts: Sequence[str]) -> tuple[float, float | None]:
    """Load a pipeline in a fresh Python process and run it over some texts.

    path (Path | str): The pipeline's folder.
    texts (Sequence[str]): The texts to run.
    RETURNS (tuple[float, float | None]): Seconds until it is loaded, and peak memory in MiB.
    RAISES (UserError): If the process fails, with the end of its error output.
    """
    process = subprocess.run(
        [sys.executable, "-c", COLD_START, str(path)],
        input=json.dumps(list(texts)).encode("ascii"),
        capture_output=True,
        check=False,
    )
    if process.returncode != 0:
        error = process.stderr.decode("utf8", "replace").strip().splitlines()[-1:]
        raise UserError(
            f"{path} does not load in a fresh Python process: {' '.join(error)}; a deployed "
            f"pipeline must load with spacy.load alone."
        )
    load_s, peak_mb = json.loads(process.stdout.splitlines()[-1])
    return load_s, peak_mb


def folder_size(path: Path | str) -> int:
    """Return the bytes of all files in a folder."""
    return sum(file.stat().st_size for file in Path(path).rglob("*") if file.is_file())


def _latencies(nlp: Language, texts: Sequence[str]) -> list[float]:
    seconds = []
    for text in texts:
        start = time.perf_counter()
        nlp(text)
        seconds.append(time.perf_counter() - start)
    return seconds


def _pipe(nlp: Language, texts: Sequence[str]) -> Iterable[object]:
    return nlp.pipe(texts, batch_size=BATCH_SIZE)
