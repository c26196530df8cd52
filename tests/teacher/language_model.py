"""A language model small enough to know by heart, behind an OpenAI-shaped loopback endpoint."""

import json
import math
import random
import threading
from collections import Counter
from contextlib import contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

END = None


class LanguageModel:
    """Knows the probability of each of its answers, and so of each next token.

    answers: from an answer, as a tuple of tokens in bytes, to its probability.
    """

    def __init__(self, answers):
        total = sum(answers.values())
        self.answers = {tokens: weight / total for tokens, weight in answers.items()}

    def next_tokens(self, path):
        """Return the probability of each next token, END included, likeliest first."""
        found = Counter()
        for tokens, weight in self.answers.items():
            if tokens[: len(path)] == path:
                found[tokens[len(path)] if len(tokens) > len(path) else END] += weight
        total = sum(found.values())
        return [(token, weight / total) for token, weight in found.most_common()]

    def complete(self, seed, n_top, reports_end):
        """Sample an answer; return it with the log-probabilities of its tokens."""
        rng = random.Random(seed)
        path, content = (), []
        while True:
            likely = self.next_tokens(path)
            tokens, weights = zip(*likely, strict=True)
            (token,) = rng.choices(tokens, weights)
            top = [entry(*pair) for pair in likely[:n_top]]
            if token is not END or reports_end:
                content.append({**entry(token, dict(likely)[token]), "top_logprobs": top})
            if token is END:
                return b"".join(path).decode("utf8"), content
            path = (*path, token)


def entry(token, probability):
    """Write a token as OpenAI does."""
    logprob = math.log(probability)
    if token is END:
        return {"token": "<|im_end|>", "bytes": None, "logprob": logprob}
    return {"token": token.decode("utf8", "replace"), "bytes": list(token), "logprob": logprob}


class Server(ThreadingHTTPServer):
    """Serves the model that stands in `model`; `reports_end` says how, as vendors differ."""

    daemon_threads = True
    model = None
    reports_end = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        server = self.server
        text, content = server.model.complete(
            body.get("seed", 0), body["top_logprobs"], server.reports_end
        )
        choice = {
            "index": 0,
            "message": {"role": "assistant", "content": text},
            "finish_reason": "stop",
            "logprobs": {"content": content},
        }
        usage = {"prompt_tokens": 1, "completion_tokens": len(content)}
        data = json.dumps({"choices": [choice], "usage": usage}).encode("utf8")
        self.send_response(200)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *args):
        """Say nothing."""


class Client:
    """Asks the server over one connection."""

    def __init__(self, server):
        self.server = server
        self.connection = HTTPConnection("127.0.0.1", server.server_port, timeout=10)

    def ask(self, model, *, seed=0, n_top=20, reports_end=True):
        """Return the choice that the endpoint sends for a model."""
        self.server.model, self.server.reports_end = model, reports_end
        body = json.dumps({"seed": seed, "logprobs": True, "top_logprobs": n_top})
        self.connection.request("POST", "/v1/chat/completions", body)
        (choice,) = json.loads(self.connection.getresponse().read())["choices"]
        return choice


@contextmanager
def serving_model():
    server = Server()
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    client = Client(server)
    try:
        yield client
    finally:
        client.connection.close()
        server.shutdown()
        server.server_close()
