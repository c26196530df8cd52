import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import spacy

NAMES = ["Anna Smith", "Mehmet Öz", "Li Wei"]


@pytest.fixture(scope="session")
def names_pipeline(tmp_path_factory):
    """A saved pipeline that knows a few names by their words."""
    nlp = spacy.blank("en")
    ruler = nlp.add_pipe("entity_ruler")
    ruler.add_patterns([{"label": "PERSON", "pattern": name} for name in NAMES])
    ruler.add_patterns([{"label": "ORG", "pattern": "Acme"}])
    path = tmp_path_factory.mktemp("names") / "pipeline"
    nlp.to_disk(path)
    return str(path)


class Recorder(ThreadingHTTPServer):
    """A loopback endpoint that keeps every byte it gets; `reply` makes the answer from the prompt."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.received = []
        self.reply = str

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}/v1"

    @property
    def prompts(self):
        return [json.loads(body)["messages"][-1]["content"] for _, body in self.received]

    @property
    def bytes(self):
        """All that came, with what JSON escapes as it was."""
        decoded = "".join(self.prompts).encode()
        return b"".join(part for pair in self.received for part in pair) + decoded


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        head = f"{self.requestline}\n{self.headers}".encode()
        self.server.received.append((head, body))
        prompt = json.loads(body)["messages"][-1]["content"]
        message = {"role": "assistant", "content": self.server.reply(prompt)}
        choice = {"index": 0, "message": message, "finish_reason": "stop"}
        data = json.dumps({"object": "chat.completion", "choices": [choice]}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *args):
        """Say nothing."""


@pytest.fixture
def endpoint():
    server = Recorder()
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()
