"""A loopback server whose every response a test makes itself."""

import json
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from ...chat_server import completion


class RawServer(ThreadingHTTPServer):
    """Calls `respond(server, prompt)` for status, headers and body of each response.

    The books: `seen` holds arrival time, path, headers and body of each request.
    """

    daemon_threads = True
    request_queue_size = 256

    def __init__(self, respond):
        super().__init__(("127.0.0.1", 0), Handler)
        self.respond = respond
        self.seen = []
        self.lock = threading.Lock()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}/v1"

    @property
    def bodies(self):
        return [body for _, _, _, body in self.seen]

    @property
    def prompts(self):
        return [body["messages"][-1]["content"] for body in self.bodies]

    def handle_error(self, request, client_address):
        """Say nothing: clients may leave."""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        with self.server.lock:
            self.server.seen.append((time.monotonic(), self.path, dict(self.headers), body))
        status, headers, data = self.server.respond(self.server, body["messages"][-1]["content"])
        self.send_response(status)
        for name, value in {"Content-Length": str(len(data)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *args):
        """Say nothing."""


def good(server=None, prompt="", headers=None):
    """Answer with "good"."""
    return 200, headers or {}, completion("good").encode()


@contextmanager
def responding(respond=good):
    server = RawServer(respond)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
