"""Processes that ask are killed with -9 and resumed, as in `benchmarks/teacher_client.py --kills`."""

import multiprocessing
import os
import signal
import sys
from contextlib import suppress
from functools import partial
from importlib import import_module

import pytest

from spacy_distill.teacher.client.chat import build_chat_model_v1
from spacy_distill.teacher.store.answers import AnswerStore
from spacy_distill.teacher.stored import StoredModel
from spacy_distill.ty import Request

from ..conftest import ROOT

PROMPTS = [f"prompt {i}" for i in range(800)]
IN_FLIGHT = 16
KILLS = 4


def ask_all(url, path):
    """Ask about all prompts through the store, in a process of its own."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    model = StoredModel(build_chat_model_v1("m", url, max_in_flight=IN_FLIGHT), str(path))
    with suppress(KeyboardInterrupt):
        for _ in model.answers(map(Request, PROMPTS)):
            pass


def read_store(path):
    """Return the answers by prompt, as the next process finds them."""
    with AnswerStore(path) as store:
        return {prompt: response for prompt, _, response, *_ in store.recorded()}


def interrupt(process):
    os.kill(process.pid, signal.SIGINT)


@pytest.fixture
def run(monkeypatch, tmp_path):
    """Strike processes that ask, resume them, and report what became of the answers."""
    monkeypatch.syspath_prepend(ROOT / "benchmarks")
    harness, kills = import_module("chat_clients.harness"), import_module("chat_clients.kills")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    path = tmp_path / "a.sqlite"

    def run(**settings):
        with harness.serving(harness.Latencies(0.03, slow_share=0.5, slow=0.07), labels=[]) as url:

            def start():
                process = context.Process(target=ask_all, args=(url, path))
                process.start()
                return process

            auditor = kills.Auditor(url, partial(read_store, path), labels=())
            return kills.kill_and_resume(start, auditor, n=len(PROMPTS), **settings)

    yield run
    for name in [name for name in sys.modules if name.split(".")[0].startswith("chat_")]:
        del sys.modules[name]


def test_killed_processes_lose_and_repeat_nothing(run):
    report = run(kills=KILLS)
    assert (report.kills, report.stored) == (KILLS, len(PROMPTS))
    assert (report.repeated, report.mixed_up) == (0, 0)
    # The one that the process had in hand: taken from the kernel and not written down yet
    assert report.lost <= KILLS
    assert report.delivered == report.stored + report.in_kernel + report.lost


def test_interrupted_processes_store_what_is_on_its_way(run):
    report = run(kills=KILLS, strike=interrupt)
    assert (report.kills, report.delivered, report.stored) == (KILLS, len(PROMPTS), len(PROMPTS))
    assert (report.lost, report.in_kernel, report.repeated, report.mixed_up) == (0, 0, 0, 0)
