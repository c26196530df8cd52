"""A loopback endpoint that counts tokens with a real tokenizer and bills for them."""

import json
import random
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from spacy_distill.io import write_docs
from spacy_distill.teacher.money.prices import Price, cost

TOKENS_PER_MESSAGE = 7
PRICE = Price(0.15, 0.6)

CONFIG = """
[nlp]
lang = "en"
pipeline = ["llm"]

[components]

[components.llm]
factory = "llm"

[components.llm.task]
@llm_tasks = "spacy.TextCat.v3"
labels = ["praise", "complaint"]
exclusive_classes = true

[components.llm.model]
@llm_models = "spacy-distill.ChatModel.v1"
model = "m"
base_url = "{url}"
key_variable = "NO_KEY_NEEDED"
prices = {{"input": 0.15, "output": 0.6}}
config = {config}
"""


class UsageServer(ThreadingHTTPServer):
    """Answers with a label and mostly an explanation, and reports what that takes."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, count):
        super().__init__(("127.0.0.1", 0), Handler)
        self.count = count
        self.lock = threading.Lock()
        self.usages = []
        self.says_usage = True

    @property
    def billed(self):
        return sum(cost(usage, PRICE) for usage in self.usages)

    def write_config(self, path, **config):
        url = f"http://127.0.0.1:{self.server_port}/v1"
        path.write_text(CONFIG.format(url=url, config=json.dumps(config)), encoding="utf8")
        return path


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        texts = [message["content"] for message in body["messages"]]
        rng = random.Random(texts[-1])
        contents = [
            "praise" + " because it says so" * rng.randrange(8) for _ in range(body.get("n", 1))
        ]
        count = self.server.count
        usage = {
            "prompt_tokens": sum(count(text) + TOKENS_PER_MESSAGE for text in texts),
            "completion_tokens": sum(map(count, contents)),
        }
        with self.server.lock:
            self.server.usages.append(usage)
        choices = [
            {"message": {"role": "assistant", "content": content}, "finish_reason": "stop"}
            for content in contents
        ]
        data = {"choices": choices, "usage": usage if self.server.says_usage else None}
        content = json.dumps(data).encode("utf8")
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *args):
        """Say nothing."""


@contextmanager
def serving(count):
    server = UsageServer(count)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


def write_texts(nlp, texts, path):
    write_docs(map(nlp.make_doc, texts), path)
    return path
