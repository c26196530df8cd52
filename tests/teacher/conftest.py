import json
import threading
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import spacy

from spacy_distill.attrs import content_id, get_distill
from spacy_distill.io import write_docs

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
{model}
"""

MODEL_CODE = """
import json
import urllib.request

from spacy_llm.registry import registry


@registry.llm_models("test.Http.v1")
def http_model(url: str, temperature: float = 0.0):
    def ask(prompts):
        for doc_prompts in prompts:
            answers = []
            for prompt in doc_prompts:
                request = urllib.request.Request(url, data=json.dumps(prompt).encode("utf8"))
                with urllib.request.urlopen(request, timeout=10) as response:
                    answers.append(json.loads(response.read()))
            yield answers

    return ask
"""


class Teacher(ThreadingHTTPServer):
    """A loopback teacher: says "good" unless the text holds another answer after "say:"."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.delivered = Counter()
        self.down = False

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}/"


class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        prompt = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        text = prompt.split("'''")[-2].strip()
        if self.server.down or text.startswith("fail"):
            self.send_error(500)
            return
        answer = text.split("say:", 1)[1].strip() if "say:" in text else "good"
        body = json.dumps(answer).encode("utf8")
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.server.delivered[text] += 1
        self.wfile.write(body)

    def log_message(self, *args):
        """Say nothing."""


@pytest.fixture
def teacher():
    server = Teacher()
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def model_file(tmp_path):
    path = tmp_path / "http_model.py"
    path.write_text(MODEL_CODE, encoding="utf8")
    return path


@pytest.fixture
def http_config(tmp_path, teacher, model_file):
    spacy.util.import_file("http_model", model_file)
    path = tmp_path / "teacher.cfg"
    model = f'@llm_models = "test.Http.v1"\nurl = "{teacher.url}"'
    path.write_text(CONFIG.format(model=model), encoding="utf8")
    return path


@pytest.fixture
def make_corpus(tmp_path):
    nlp = spacy.blank("en")

    def make(texts, name="texts", gold=None):
        docs = []
        for i, text in enumerate(texts):
            doc = nlp.make_doc(text)
            record = get_distill(doc)
            record.update(id=content_id(text), source=f"row-{i}")
            if gold is not None:
                record["gold"] = gold[i]
            docs.append(doc)
        path = tmp_path / name
        write_docs(docs, path)
        return path

    return make
