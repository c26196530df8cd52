import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import spacy
from confection import Config
from spacy.util import load_model_from_config

from spacy_distill.attrs import content_id, get_distill
from spacy_distill.io import write_docs
from spacy_distill.tasks.textcat.registry import build_textcat_v1

CONFIG = """
[nlp]
lang = "en"
pipeline = ["llm"]

[components]

[components.llm]
factory = "llm"

[components.llm.task]
@llm_tasks = "spacy-distill.TextCat.v1"
labels = ["good", "bad"]
exclusive_classes = true
{task}

[components.llm.model]
@llm_models = "spacy-distill.ChatModel.v1"
model = "m"
base_url = "{url}"
key_variable = ""
context_length = {context_length}
"""


class JsonTeacher(ThreadingHTTPServer):
    """Answers what stands after "say:" in the text, the parts between "|" in turn."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.bodies = []

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}/v1"

    @property
    def prompts(self):
        return [body["messages"][0]["content"] for body in self.bodies]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        text = body["messages"][0]["content"].split("'''")[-2].strip()
        turn = sum(text in prompt for prompt in self.server.prompts)
        self.server.bodies.append(body)
        answers = text.partition("say:")[2].strip().split("|")
        content = answers[min(turn, len(answers) - 1)] or '{"label": "good"}'
        message = {"role": "assistant", "content": content}
        choice = {"index": 0, "message": message, "finish_reason": "stop"}
        data = json.dumps({"object": "chat.completion", "choices": [choice]}).encode("utf8")
        self.send_response(200)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *args):
        """Say nothing."""


@pytest.fixture
def teacher():
    server = JsonTeacher()
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def make_config(tmp_path, teacher):
    def make(task="", context_length=100_000):
        path = tmp_path / "teacher.cfg"
        text = CONFIG.format(task=task, url=teacher.url, context_length=context_length)
        path.write_text(text, encoding="utf8")
        return path

    return make


@pytest.fixture
def make_nlp(make_config):
    def make(task="", **settings):
        return load_model_from_config(
            Config().from_disk(make_config(task, **settings)), auto_fill=True
        )

    return make


@pytest.fixture
def make_task():
    def make(labels=("good", "bad"), **settings):
        return build_textcat_v1(list(labels), **settings)

    return make


@pytest.fixture
def make_corpus(tmp_path):
    nlp = spacy.blank("en")

    def make(gold, name="texts"):
        docs = []
        for text, labels in gold.items():
            doc = nlp.make_doc(text)
            get_distill(doc).update(id=content_id(text), source=text[:5])
            if labels is not None:
                get_distill(doc)["gold"] = labels
            docs.append(doc)
        write_docs(docs, tmp_path / name)
        return tmp_path / name

    return make
