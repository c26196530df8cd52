"""Loopback servers that refuse, ignore and answer what vendors' documentation says they do.

`vendors.json` and `cases.jsonl` hold what was read, each fact with its source.
"""

import json
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from spacy_llm.registry import registry

from spacy_distill.errors import UserError

HERE = Path(__file__).parent
VENDORS = json.loads((HERE / "vendors.json").read_text(encoding="utf8"))["vendors"]
CASES = [json.loads(line) for line in (HERE / "cases.jsonl").read_text("utf8").splitlines()]
KEY = "sk-loopback-0123456789"
PATH = "/chat/completions"
NOT_FOUND = {"error": {"message": "Not Found"}}
DENIED = {"error": {"message": "Unauthorized"}}
CASE = "case: "
SLOW = "slow: "


@dataclass(frozen=True)
class Seen:
    """A request as it arrived."""

    path: str
    query: dict
    headers: dict
    body: dict
    at: float

    @property
    def prompt(self):
        return self.body["messages"][-1]["content"]


class VendorServer(ThreadingHTTPServer):
    """A vendor's endpoint; a prompt that names one of its cases is answered with that case.

    headers (dict): What goes along with each ordinary completion.
    """

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, name):
        super().__init__(("127.0.0.1", 0), Handler)
        self.vendor = VENDORS[name]
        self.cases = {case["name"]: case for case in CASES if case["vendor"] == name}
        self.prefix = urlsplit(self.vendor["base_url"]).path
        self.headers = {}
        self.seen = []
        self.lock = threading.Lock()

    @property
    def base_url(self):
        return f"http://127.0.0.1:{self.server_port}{self.prefix}"

    def count(self, prompt):
        """Return how often a prompt has arrived."""
        return sum(seen.prompt == prompt for seen in self.seen)

    def reply(self, seen):
        """Return status, headers and body for a request."""
        if (seen.path, seen.query) != (self.prefix + PATH, self.vendor["query"]):
            return 404, {}, NOT_FOUND
        if self.vendor["needs_key"] and not self.knows(seen.headers):
            denied = self.cases.get("bad key", {"status": 401, "body": DENIED})
            return denied["status"], {}, denied["body"]
        for name, refusal in self.vendor["refused"].items():
            if name in seen.body:
                return refusal["status"], {}, refusal["body"]
        case = self.cases.get(seen.prompt.removeprefix(CASE))
        if case is not None and not (case["outcome"] == "retried" and self.count(seen.prompt) > 1):
            return case["status"], case.get("headers", {}), case["body"]
        return 200, self.headers, self.completion(seen)

    def knows(self, headers):
        expected = self.vendor["key_prefix"] + KEY
        return headers.get(self.vendor["key_header"].lower()) == expected

    def completion(self, seen):
        """Return a completion; the answer is the prompt, so that none can be mixed up unseen."""
        n = seen.body.get("n", 1) if self.vendor["choices"] == "n" else 1
        choices = [self.choice(i, seen) for i in range(n)]
        usage = {"prompt_tokens": 7, "completion_tokens": 2 * n, "total_tokens": 7 + 2 * n}
        return {"object": "chat.completion", "choices": choices, "usage": usage}

    def choice(self, index, seen):
        message = {"role": "assistant", "content": seen.prompt}
        choice = {"index": index, "message": message, "finish_reason": "stop"}
        if seen.body.get("logprobs") and self.vendor["logprobs"]:
            token = {"token": seen.prompt, "logprob": -0.1, "bytes": None}
            choice["logprobs"] = {"content": [{**token, "top_logprobs": [token]}]}
        return choice


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        server, url = self.server, urlsplit(self.path)
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        headers = {name.lower(): value for name, value in self.headers.items()}
        seen = Seen(url.path, dict(parse_qsl(url.query)), headers, body, time.monotonic())
        with server.lock:
            server.seen.append(seen)
            status, extra, reply = server.reply(seen)
        time.sleep(0.3 if seen.prompt.startswith(SLOW) else 0.0)
        self.send(status, extra, json.dumps(reply).encode("utf8"))

    def send(self, status, headers, data):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value() if callable(value) else value)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *args):
        """Say nothing."""


@contextmanager
def serving(name):
    """Run a vendor's server."""
    server = VendorServer(name)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


def model_for(server, **settings):
    """Build a model for a vendor's server from a config block."""
    shape = {name: server.vendor[name] for name in ("key_variable", "key_header", "key_prefix")}
    block = {"@llm_models": "spacy-distill.ChatModel.v1", "model": "m", **shape}
    block |= {"base_url": server.base_url, "query": server.vendor["query"], **settings}
    return registry.resolve({"model": block})["model"]


def ask(model, requests):
    """Return the answers by request, and the error that ended the run; None if none did."""
    answers = {}
    try:
        for answer in model.answers(requests):
            answers[answer.request] = answer
    except UserError as error:
        return answers, error
    return answers, None
