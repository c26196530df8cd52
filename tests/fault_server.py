"""A loopback chat-completions endpoint that fails in the ways it is told to, and keeps its own books."""

import json
import socket
import struct
import threading
import time
from collections import Counter
from contextlib import contextmanager
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

HANG = 5.0  # seconds; the client's timeout must be well below
BIG = 2_000_000  # characters
PROMPT_TOKENS, COMPLETION_TOKENS = 250, 4
HTML = "<html><body><h1>502 Bad Gateway</h1></body></html>"
NO_COMPLETIONS = {
    "html": HTML,
    "cut json": '{"choices": [{"message": {"content": "',
    "list": "[]",
    "string": '"busy"',
    "other json": '{"object": "list", "data": []}',
    "no choices": '{"choices": []}',
    "choices 3": '{"choices": 3}',
    "null message": '{"choices": [{"message": null}]}',
    "empty": "",
}
FINISHED = {"length": "length", "filter": "content_filter"}
ERRORS = ("408", "409", "425", "429", "500", "502", "503", "504", "529")


class FaultServer(ThreadingHTTPServer):
    """Does with the n-th request for a prompt what the n-th word of its plan says.

    plans (Mapping[str, Sequence[str]]): By prompt; an answer when it is at its end, or without one.
    latency (float): Seconds before anything happens.

    An answer begins with the prompt's own digest. The books: `asked` counts requests by prompt,
    `paid` completions that were sent whole, and `repeated` requests after one of these.
    """

    daemon_threads = True
    block_on_close = False
    request_queue_size = 1024

    def __init__(self, plans=None, latency=0.0):
        super().__init__(("127.0.0.1", 0), Handler)
        self.plans = plans or {}
        self.latency = latency
        self.asked = Counter()
        self.paid = Counter()
        self.repeated = Counter()
        self.connections = 0
        self.lock = threading.Lock()
        self.ended = threading.Event()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}/v1"

    def next_step(self, prompt):
        """Enter a request and return what to do with it."""
        with self.lock:
            self.asked[prompt] += 1
            self.repeated[prompt] += self.paid[prompt] > 0
            plan = self.plans.get(prompt, ())
            n = self.asked[prompt] - 1
            return plan[n] if n < len(plan) else "answer"

    def process_request(self, request, client_address):
        self.connections += 1
        super().process_request(request, client_address)

    def handle_error(self, request, client_address):
        """Say nothing: clients leave when they have waited long enough."""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        prompt = body["messages"][-1]["content"]
        step = self.server.next_step(prompt)
        if self.server.latency:
            time.sleep(self.server.latency)
        if step in ERRORS:
            self.send(int(step), HTML.encode(), {"Retry-After": "0"})
        elif step in NO_COMPLETIONS:
            self.send(200, NO_COMPLETIONS[step].encode())
        elif step.isdigit():
            self.send(int(step), json.dumps({"error": {"message": f"no: {step}"}}).encode())
        elif step in ("hang", "reset", "close", "cut", "reset midway"):
            self.break_off(step, completion(prompt))
        else:
            self.pay(prompt, step)

    def pay(self, prompt, step):
        """Send a whole completion."""
        with self.server.lock:
            self.server.paid[prompt] += 1
        if step == "big":
            self.send(200, completion(prompt, rest="x" * BIG))
        elif step in FINISHED:
            self.send(200, completion(prompt, finish_reason=FINISHED[step]))
        elif step.startswith("say "):
            self.send(200, raw_completion(prompt, step.removeprefix("say ").encode("latin1")))
        else:
            self.send(200, completion(prompt))
        if step == "stale":  # without having said so: the client takes it for kept alive
            self.close_connection = True

    def break_off(self, step, body):
        """End the connection before the answer is whole."""
        self.close_connection = True
        if step == "hang":
            self.server.ended.wait(HANG)
        if step in ("cut", "reset midway"):
            self.send(200, body[: len(body) // 2], {"Content-Length": str(len(body))})
        if step.startswith("reset"):
            linger = struct.pack("ii", 1, 0)
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            self.connection.close()

    def send(self, status, data, headers=()):
        self.send_response(status)
        for name, value in {"Content-Length": str(len(data)), **dict(headers)}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *args):
        """Say nothing."""


def digest(prompt):
    """Return what the answer to a prompt begins with."""
    return sha256(prompt.encode("utf8")).hexdigest()[:12]


def completion(prompt, *, rest="", finish_reason="stop"):
    return raw_completion(prompt, rest.encode("ascii"), finish_reason)


def raw_completion(prompt, rest, finish_reason="stop"):
    """Return the body of a completion; `rest` goes into its JSON string byte by byte."""
    content = "CONTENT"
    message = {"role": "assistant", "content": content}
    choice = {"index": 0, "message": message, "finish_reason": finish_reason}
    usage = {"prompt_tokens": PROMPT_TOKENS, "completion_tokens": COMPLETION_TOKENS}
    body = json.dumps({"object": "chat.completion", "choices": [choice], "usage": usage})
    return body.encode().replace(content.encode(), f"{digest(prompt)} ".encode() + rest)


@contextmanager
def faulty(plans=None, **settings):
    server = FaultServer(plans, **settings)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.ended.set()
        server.shutdown()
        server.server_close()
