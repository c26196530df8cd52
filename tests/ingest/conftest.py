import json

import pytest
from spacy.vocab import Vocab

from spacy_distill.attrs import get_distill
from spacy_distill.ingest import ingest
from spacy_distill.io import read_docs


class Room:
    """Writes a source into a folder and ingests it."""

    def __init__(self, path):
        self.path = path
        self.out_path = path / "out"
        self.rejects_path = path / "rejects.jsonl"

    def write(self, name, content):
        path = self.path / name
        if isinstance(content, list):
            content = "".join(json.dumps(row) + "\n" for row in content)
        if isinstance(content, str):
            content = content.encode("utf8")
        path.write_bytes(content)
        return path

    def ingest(self, name, content, **options):
        source = self.write(name, content)
        options = {"lang": "xx", "rejects_path": self.rejects_path, **options}
        return ingest(source, self.out_path, **options)

    def docs(self):
        return list(read_docs(self.out_path, Vocab()))

    def records(self):
        return [get_distill(doc) for doc in self.docs()]

    def texts(self):
        return [doc.text for doc in self.docs()]

    def rejects(self):
        lines = self.rejects_path.read_text(encoding="utf8").splitlines()
        return [json.loads(line) for line in lines]


@pytest.fixture
def room(tmp_path):
    return Room(tmp_path)
