"""The kill test on `label` itself, with the benchmark's server and prompts."""

import multiprocessing
import os
import tempfile
from dataclasses import asdict
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from .harness import Inputs, Run, serving
from .kills import Auditor, kill_and_resume
from .measure import Settings
from .pipelines import run_label, stored_answers


def kill_label(run: Run, kills: int, inputs: Inputs) -> dict[str, Any]:
    """Kill and resume a labelling process.

    run (Run): What to label with.
    kills (int): How many times.
    inputs (Inputs): The prompts.
    RETURNS (dict): A line of the results.
    """
    prompts, known = inputs.get(run.n)
    labels = tuple(known.pop("labels"))
    context = multiprocessing.get_context("spawn")
    with serving(run.latencies, list(labels)) as url, tempfile.TemporaryDirectory() as folder:
        settings = Settings(url, run.in_flight, run.n, prompts, Path(folder), labels)

        def start() -> BaseProcess:
            process = context.Process(target=run_label, args=(settings,))
            process.start()
            return process

        def read_store() -> dict[str, str]:
            return dict(stored_answers(settings.folder / "answers.sqlite"))

        auditor = Auditor(url, read_store, labels)
        report = kill_and_resume(start, auditor, n=run.n, kills=kills)
    machine = {**known, "load_average": os.getloadavg()[0]}
    return {**asdict(run), "kill_report": asdict(report), **machine}
