"""Several processes over the same questions: the teacher hears each of them once."""

import subprocess
import sys
import threading
from collections import Counter
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from spacy_distill.teacher.store.answers import AnswerStore
from spacy_distill.ty import Request

N = 500
ASK = """
import http.client, sys, time
from spacy_distill.teacher.store.answers import AnswerStore
from spacy_distill.ty import Answer, Request
path, port, n, order, die_after = sys.argv[1], *map(int, sys.argv[2:])
open_requests = [Request(f"question {i}") for i in range(n)][::order]
connection = http.client.HTTPConnection("127.0.0.1", port)
store = AnswerStore(path)
n_asked = 0
while open_requests:
    claimed = store.claim(open_requests[:32], "m", {})
    answers = []
    for request in claimed.mine:
        connection.request("POST", "/", request.prompt)
        answers.append(Answer(request, connection.getresponse().read().decode()))
        n_asked += 1
    if n_asked >= die_after:
        import os
        os._exit(9)
    store.add_all(answers, "m", {})
    store.beat()
    open_requests = open_requests[32:] + claimed.elsewhere
    if not claimed.mine:
        time.sleep(0.01)
store.close()
print(n_asked)
"""


class Teacher(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_POST(self):
        question = self.rfile.read(int(self.headers["Content-Length"])).decode()
        with self.server.lock:
            self.server.asked[question] += 1
        answer = f"answer to {question}".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *arguments):
        pass


@contextmanager
def serve():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Teacher)
    server.daemon_threads = True
    server.asked, server.lock = Counter(), threading.Lock()
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def start(path, server, order=1, die_after=10**6):
    arguments = [sys.executable, "-c", ASK, path, server.server_port, N, order, die_after]
    return subprocess.Popen(list(map(str, arguments)), stdout=subprocess.PIPE, text=True)


def check_answers(path):
    with AnswerStore(path, read_only=True) as store:
        known = store.get_all([Request(f"question {i}") for i in range(N)], "m", {})
    assert [answer.response for answer in known] == [f"answer to question {i}" for i in range(N)]


@pytest.mark.parametrize("orders", [(1, 1), (1, -1)])
def test_claims_of_processes_never_ask_a_question_twice(tmp_path, orders):
    path = tmp_path / "a.sqlite"
    with serve() as server:
        processes = [start(path, server, order) for order in orders]
        counts = [int(process.communicate(timeout=60)[0]) for process in processes]
        assert sum(counts) == N
        assert server.asked == {f"question {i}": 1 for i in range(N)}
    check_answers(path)


def test_claims_of_a_process_that_dies_are_asked_by_the_next(tmp_path):
    path = tmp_path / "a.sqlite"
    with serve() as server:
        first = start(path, server, die_after=100)
        second = start(path, server, order=-1)
        assert first.wait(timeout=60) == 9
        first.stdout.close()
        second.communicate(timeout=60)
        again = {question for question, n in server.asked.items() if n > 1}
        assert len(again) <= 32  # only what had come back but was not handed to the store yet
        assert len(server.asked) == N
    check_answers(path)
