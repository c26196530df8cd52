"""A loopback endpoint with OpenAI-shaped chat completions, whose answers depend on the text."""

import json
import threading
import time
from collections import Counter
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class ChatServer(ThreadingHTTPServer):
    """Answers `label` unless the text begins with one of the words that `Handler` knows.

    Without a label the answer is the text's first word.
    """

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, label="good", latency=0.0):
        super().__init__(("127.0.0.1", 0), Handler)
        self.label = label
        self.latency = latency
        self.asked = Counter()
        self.bodies = []
        self.keys = []
        self.in_flight = self.most_in_flight = 0
        self.lock = threading.Lock()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}/v1"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        server = self.server
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        prompt = body["messages"][0]["content"]
        text = asked_text(prompt)
        with server.lock:
            server.asked[text] += 1
            server.bodies.append(body)
            server.keys.append(self.headers.get("Authorization"))
            server.in_flight += 1
            server.most_in_flight = max(server.most_in_flight, server.in_flight)
        time.sleep(server.latency)
        with server.lock:
            server.in_flight -= 1
        self.answer(text, first=server.asked[text] == 1)

    def answer(self, text, first):
        word, _, rest = text.partition(" ")
        if word == "status" or (word == "once" and first):
            status = rest.split()[0]
            self.send(int(status), json.dumps({"error": {"message": f"no: {text}"}}))
        elif word == "body":
            self.send(200, rest)
        elif word == "finish":
            self.send(200, completion("cut", finish_reason=rest))
        else:
            self.send(200, completion(rest if word == "say" else self.server.label or word))

    def send(self, status, body):
        data = body.encode("utf8")
        self.send_response(status)
        if status == 429:
            self.send_header("Retry-After", "1")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *args):
        """Say nothing."""


def asked_text(prompt):
    """Return the text that a prompt of spacy-llm's TextCat or NER.v3 is about."""
    if "Paragraph: " in prompt:
        return prompt.rsplit("Paragraph: ", 1)[1].split("\nAnswer:")[0].strip()
    return prompt.rsplit("'''", 2)[1].strip() if "'''" in prompt else prompt


def completion(content, finish_reason="stop"):
    message = {"role": "assistant", "content": content}
    choice = {"index": 0, "message": message, "finish_reason": finish_reason}
    usage = {"prompt_tokens": 7, "completion_tokens": 2}
    return json.dumps({"object": "chat.completion", "choices": [choice], "usage": usage})


@contextmanager
def serving(**settings):
    server = ChatServer(**settings)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
