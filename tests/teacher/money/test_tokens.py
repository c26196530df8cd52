import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer

from spacy_distill.errors import UserError
from spacy_distill.teacher.money.tokens import load_tokenizer


@pytest.fixture(scope="module")
def count(tokenizer_file):
    return load_tokenizer(tokenizer_file)


def test_tokens_of_a_long_prompt_are_not_cut_off(count, tokenizer_file):
    assert len(Tokenizer.from_file(str(tokenizer_file)).encode("word " * 500)) == 16
    assert count("word " * 500) >= 500


def test_tokens_of_a_short_prompt_are_not_padded(count):
    assert count("") == 0
    assert 1 <= count("word") <= 4


def test_tokenizer_is_found_in_a_folder(count, tokenizer_file):
    assert load_tokenizer(tokenizer_file.parent)("some words") == count("some words")


@given(text=st.text())
def test_byte_level_tokens_are_never_more_than_bytes(count, text):
    assert count(text) <= len(text.encode("utf8"))


def test_missing_tokenizer_is_a_clear_error(tmp_path):
    with pytest.raises(UserError, match=r"No tokenizer at .*tokenizer\.json"):
        load_tokenizer(tmp_path)


@pytest.mark.parametrize("content", ["", "{}", "nothing", '{"version": "1.0", "model": 7}'])
def test_file_that_is_no_tokenizer_is_a_clear_error(tmp_path, content):
    path = tmp_path / "tokenizer.json"
    path.write_text(content, encoding="utf8")
    with pytest.raises(UserError, match="not a Hugging Face tokenizer"):
        load_tokenizer(path)
