"""The client in a process of its own: how it ends, what it prints, and what its children inherit."""

import signal
import subprocess
import sys
import time

import pytest
import spacy

from spacy_distill.io import read_docs, write_docs
from spacy_distill.teacher.store.answers import AnswerStore

from ...chat_server import serving

HEAD = """
import sys
from spacy_distill.teacher.client.chat import build_chat_model_v1
from spacy_distill.io import read_docs, write_docs
from spacy_distill.teacher.stored import StoredModel
from spacy_distill.ty import Request

model = build_chat_model_v1("m", sys.argv[1], max_in_flight=4)
stored = StoredModel(model, sys.argv[2])

def ask(model, n):
    return [answer.response for answer in model.answers([Request(str(i)) for i in range(n)])]
"""
IN_FLIGHT = """
answers = stored.answers([Request(str(i)) for i in range(1000)])
next(answers)
"""
LEFT_ALONE = """
import asyncio

async def app():
    assert ask(model, 4) == ["good"] * 4
    assert ask(stored, 4) == ["good"] * 4

asyncio.run(app())
stored.close()
answers = model.answers([Request(str(i)) for i in range(1000)])
next(answers)
raise SystemExit(0)
"""
FORKED = """
import os

assert ask(model, 4) == ask(stored, 4) == ["good"] * 4
answers = stored.answers([Request(str(i)) for i in range(100, 200)])
next(answers)
child = os.fork()
if child == 0:
    assert ask(model, 8) == ask(stored, 8) == ["good"] * 8
    stored.close()
    sys.exit(0)
_, status = os.waitpid(child, 0)
assert status == 0
answers.close()
assert ask(stored, 12) == ["good"] * 12
stored.close()
"""


def command(code, *arguments):
    return [sys.executable, "-W", "error", "-c", HEAD + code, *map(str, arguments)]


@pytest.mark.parametrize(
    ("code", "said"),
    [(LEFT_ALONE, ""), (IN_FLIGHT, "Waiting for")],
    ids=["a running loop, and then left alone", "in flight"],
)
def test_process_ends_soon_and_says_nothing_more(code, said, tmp_path):
    path = tmp_path / "a.sqlite"
    with serving(latency=0.02) as server:
        done = subprocess.run(
            command(code, server.url, path), capture_output=True, text=True, timeout=60
        )
    lines = [line for line in done.stderr.splitlines() if not (said and line.startswith(said))]
    assert (done.returncode, done.stdout, lines) == (0, "", [])
    if code is IN_FLIGHT:
        with AnswerStore(path, read_only=True) as store:
            assert len(store) == server.asked.total()


def test_forked_child_asks_for_itself_and_leaves_its_parent_alone(tmp_path):
    with serving(latency=0.02) as server:
        done = subprocess.run(
            command(FORKED, server.url, tmp_path / "a.sqlite"),
            capture_output=True,
            text=True,
            timeout=60,
        )
    assert (done.returncode, done.stdout) == (0, "")
    assert "rror" not in done.stderr
    assert "Unclosed" not in done.stderr


CONFIG = """
[nlp]
lang = "en"
pipeline = ["llm"]

[components]

[components.llm]
factory = "llm"

[components.llm.task]
@llm_tasks = "spacy.TextCat.v3"
labels = ["good", "bad"]
exclusive_classes = true

[components.llm.model]
@llm_models = "spacy-distill.ChatModel.v1"
model = "m"
base_url = "{url}"
max_in_flight = 4
"""


@pytest.fixture
def make_label(tmp_path):
    """Start `label` on one corpus and one store."""
    nlp = spacy.blank("en")
    write_docs([nlp.make_doc(f"text {i}") for i in range(80)], tmp_path / "texts")
    started = []

    def make(server, out="out"):
        (tmp_path / "t.cfg").write_text(CONFIG.format(url=server.url), encoding="utf8")
        arguments = ["t.cfg", "texts", "--output", out, "--store", "a.sqlite"]
        started.append(
            subprocess.Popen(
                [sys.executable, "-c", LABEL, "distill", "label", *arguments],
                cwd=tmp_path,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
        )
        return started[-1]

    yield make
    for process in started:
        process.kill()
        process.communicate()


LABEL = """
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)
from spacy.cli._util import setup_cli
setup_cli()
"""


def wait_for_questions(server, process, n):
    while server.asked.total() < n:
        assert process.poll() is None, process.communicate()
        time.sleep(0.01)


def test_interrupted_label_stores_what_is_on_its_way_and_says_how_to_go_on(make_label, tmp_path):
    with serving(latency=0.3) as server:
        first = make_label(server)
        wait_for_questions(server, first, 8)
        first.send_signal(signal.SIGINT)
        said, _ = first.communicate(timeout=30)
        assert first.returncode == 130
        assert "Waiting for" in said
        assert "run the same command to go on" in " ".join(said.split())
        assert "Traceback" not in said
        with AnswerStore(tmp_path / "a.sqlite", read_only=True) as store:
            assert len(store) == server.asked.total() < 80


def test_label_that_is_interrupted_twice_ends_at_once(make_label):
    with serving(latency=20.0) as server:
        process = make_label(server)
        wait_for_questions(server, process, 4)
        process.send_signal(signal.SIGINT)
        time.sleep(0.3)
        assert process.poll() is None
        process.send_signal(signal.SIGINT)
        start = time.monotonic()
        said, _ = process.communicate(timeout=30)
        assert time.monotonic() - start < 5
    assert process.returncode == 130
    assert "Traceback" not in said


def test_two_labels_on_one_store_ask_each_question_once(make_label, tmp_path):
    with serving(latency=0.05) as server:
        processes = [make_label(server, out) for out in ("one", "two")]
        for process in processes:
            said, _ = process.communicate(timeout=60)
            assert process.returncode == 0, said
    assert server.asked == {f"text {i}": 1 for i in range(80)}
    for out in ("one", "two"):
        docs = list(read_docs(tmp_path / out / "texts", spacy.blank("en").vocab))
        assert [doc.cats["good"] for doc in docs] == [1.0] * 80
