from pathlib import Path

import pytest
import spacy
import srsly
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

from spacy_distill.teacher.money.tokens import load_tokenizer

from .usage_server import serving, write_texts

COMMENTS = Path(__file__).parents[3] / "assets" / "comments.jsonl"


@pytest.fixture(scope="session")
def comments():
    return [row["text"] for row in srsly.read_jsonl(COMMENTS) if row["text"].strip()]


@pytest.fixture(scope="session")
def tokenizer_file(comments, tmp_path_factory):
    """A byte-level tokenizer as those of real models, trained here, with a model's longest input."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=1500,
        show_progress=False,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
    )
    tokenizer.train_from_iterator(comments[:400], trainer)
    tokenizer.enable_truncation(16)
    tokenizer.enable_padding(length=16)
    path = tmp_path_factory.mktemp("model") / "tokenizer.json"
    tokenizer.save(str(path))
    return path


@pytest.fixture
def server(tokenizer_file):
    with serving(load_tokenizer(tokenizer_file)) as server:
        yield server


@pytest.fixture
def texts(comments, tmp_path):
    return write_texts(spacy.blank("en"), list(dict.fromkeys(comments))[:300], tmp_path / "texts")


@pytest.fixture
def few_texts(comments, tmp_path):
    return write_texts(spacy.blank("en"), list(dict.fromkeys(comments))[:60], tmp_path / "few")
