"""A loopback endpoint with files and batches by OpenAI's documented protocol."""

import json
import re
import threading
import time
from collections import Counter
from contextlib import contextmanager
from email.parser import BytesParser
from email.policy import HTTP
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

KEY = "batch-key-0123456789"
OVER = ("completed", "failed", "expired", "cancelled")
USAGE = {"prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 110}


class BatchServer(ThreadingHTTPServer):
    """Works on a batch each time it is looked at; what a text says decides its row's result.

    manual leaves batches in progress until `finish`. fates are the statuses that the next batches end
    with instead of "completed"; faults are (method, path pattern, how often, what) for calls.
    """

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, *, manual=False, latency=0.0):
        super().__init__(("127.0.0.1", 0), Handler)
        self.manual = manual
        self.latency = latency
        self.files = {}
        self.batches = {}
        self.fates = []
        self.faults = []
        self.calls = Counter()
        self.tried = Counter()
        self.bodies = []
        self.twice = Counter()  # prompts that stood in two open batches, or were answered before
        self.answered = Counter()
        self.corrupt = lambda lines: lines
        self.say = ""  # in the place of every answer
        self.lock = threading.RLock()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}/v1"

    def rows(self, batch):
        return [json.loads(x) for x in self.files[batch["input_file_id"]].splitlines()]

    def create(self, body):
        with self.lock:
            assert body["endpoint"] == "/v1/chat/completions"
            assert body["completion_window"] == "24h"
            batch = {
                "id": f"batch_{len(self.batches)}",
                "object": "batch",
                "status": "validating",
                "created_at": int(time.time()),
                "request_counts": {"total": 0, "completed": 0, "failed": 0},
                "output_file_id": None,
                "error_file_id": None,
                "errors": None,
                "fate": self.fates.pop(0) if self.fates else "completed",
                **body,
            }
            rows = self.rows(batch)
            assert len({row["custom_id"] for row in rows}) == len(rows)
            live = {p for one in self.open() for p in map(prompt_of, self.rows(one))}
            for prompt in map(prompt_of, rows):
                self.twice[prompt] += prompt in live or self.answered[prompt] > 0
            self.batches[batch["id"]] = batch
            self.bodies += [row["body"] for row in rows]
            batch["request_counts"]["total"] = len(rows)
            return batch

    def open(self):
        return [one for one in self.batches.values() if one["status"] not in OVER]

    def look(self, batch):
        with self.lock:
            if batch["status"] == "validating":
                batch["status"] = "in_progress"
                if batch["fate"] == "failed":
                    batch["status"] = "failed"
                    error = {"code": "invalid_json_line", "message": "Not valid JSON.", "line": 2}
                    batch["errors"] = {"object": "list", "data": [error]}
            elif batch["status"] == "cancelling":
                self.finish(batch, "cancelled")
            elif batch["status"] == "in_progress" and not self.manual:
                self.finish(batch, batch["fate"])
            return {key: batch[key] for key in batch if key != "fate"}

    def finish(self, batch, fate="completed"):
        """Answer all rows, or only every second one of a batch that expires or is cancelled."""
        lines = {"output": [], "error": []}
        for number, row in enumerate(self.rows(batch)):
            if fate != "completed" and number % 2:
                code = f"batch_{fate}"
                result = {"response": None, "error": {"code": code, "message": "too late"}}
            else:
                result = self.result(row["body"])
            good = result["response"] and result["response"]["status_code"] == 200
            result = {"id": f"batch_req_{number}", "custom_id": row["custom_id"], **result}
            lines["output" if good else "error"].append(json.dumps(result))
            self.answered[prompt_of(row)] += bool(good)
        for kind, found in lines.items():
            if found:
                name = f"file-{kind}-{batch['id']}"
                self.files[name] = "\n".join(self.corrupt(found[::-1])) + "\n"  # not in order
                batch[f"{kind}_file_id"] = name
        counts = {"completed": len(lines["output"]), "failed": len(lines["error"])}
        batch["request_counts"].update(counts)
        batch["status"] = fate

    def result(self, body):
        prompt = body["messages"][-1]["content"]
        text = prompt.rsplit("'''", 2)[1].strip() if "'''" in prompt else prompt
        word, _, rest = text.partition(" ")
        finish, content, status = "stop", self.say or ("bad" if word == "bad" else "good"), 200
        if word == "status" or (word == "once" and self.tried[prompt] == 0):
            status = int(rest.split()[0])
        self.tried[prompt] += 1
        if word == "finish":
            finish = rest.split()[0]
        if status != 200:
            answer = {"error": {"message": f"no: {text}", "type": "invalid_request_error"}}
        else:
            message = {"role": "assistant", "content": content}
            choice = {"index": 0, "message": message, "finish_reason": finish}
            answer = {"object": "chat.completion", "choices": [choice], "usage": USAGE}
        return {
            "response": {"status_code": status, "request_id": "r", "body": answer},
            "error": None,
        }


def prompt_of(row):
    return (row["body"]["messages"][-1]["content"], row["body"].get("seed"))


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def handle_one_request(self):
        try:
            super().handle_one_request()
        except ConnectionError:  # a client that was killed
            self.close_connection = True

    def do_GET(self):
        self.answer("GET")

    def do_POST(self):
        self.answer("POST")

    def answer(self, method):
        content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path, _, query = self.path.partition("?")
        path = path.removeprefix("/v1")
        with self.server.lock:
            self.server.calls[method, re.sub(r"(batch_|file-)[\w-]+", "ID", path)] += 1
            fault = self.fault(method, path)
        time.sleep(self.server.latency)
        if self.headers.get("Authorization") != f"Bearer {KEY}":
            error = {"message": "Incorrect API key provided", "code": "invalid_api_key"}
            return self.send(401, {"error": error})
        if isinstance(fault, int):
            return self.send(fault, {"error": {"message": "for now"}})
        with self.server.lock:
            status, body = self.route(method, path, query, content)
        time.sleep(self.server.latency)
        if fault == "lost":  # it was done, but nobody hears of it
            self.close_connection = True
            return self.connection.close()
        if fault == "cut":
            return self.cut(body)
        return self.send(status, body)

    def fault(self, method, path):
        for fault in self.server.faults:
            if fault[0] == method and re.fullmatch(fault[1], path) and fault[2]:
                fault[2] -= 1
                return fault[3]
        return None

    def route(self, method, path, query, content):
        server = self.server
        name = path.split("/")[2] if path.count("/") > 1 else ""
        if (method, path) == ("POST", "/files"):
            return 200, self.upload(content)
        if (method, path) == ("POST", "/batches"):
            return 200, server.look(server.create(json.loads(content)))
        if (method, path) == ("GET", "/batches"):
            listed = [server.look(one) for one in reversed(server.batches.values())]
            after = re.search("after=([^&]*)", query)
            names = [one["id"] for one in listed]
            start = names.index(after[1]) + 1 if after else 0
            page = listed[start : start + 2]
            return 200, {"data": page, "has_more": start + 2 < len(listed)}
        if path.startswith("/files/") and name in server.files:
            if path.endswith("/content"):
                return 200, server.files[name]
            return 200, {"id": name, "status": "processed"}
        if path.startswith("/batches/") and name in server.batches:
            batch = server.batches[name]
            if path.endswith("/cancel") and batch["status"] not in OVER:
                batch["status"] = "cancelling"
            return 200, server.look(batch) if method == "GET" else dict(batch)
        return 404, {"error": {"message": f"no such object: {path}"}}

    def upload(self, content):
        head = f"Content-Type: {self.headers['Content-Type']}\r\n\r\n".encode()
        form = BytesParser(policy=HTTP).parsebytes(head + content)
        parts = {
            part.get_param("name", header="content-disposition"): part for part in form.iter_parts()
        }
        assert parts["purpose"].get_payload().strip() == "batch"
        name = f"file-{len(self.server.files)}"
        self.server.files[name] = parts["file"].get_payload(decode=True).decode("utf8")
        return {"id": name, "object": "file", "purpose": "batch", "status": "pending"}

    def send(self, status, body):
        data = (body if isinstance(body, str) else json.dumps(body)).encode("utf8")
        self.send_response(status)
        if status == 429:
            self.send_header("Retry-After", "0.1")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def cut(self, body):
        data = body.encode("utf8")
        self.send_response(200)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data[: len(data) // 2])
        self.close_connection = True

    def log_message(self, *args):
        """Say nothing."""


@contextmanager
def serving(**settings):
    server = BatchServer(**settings)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
