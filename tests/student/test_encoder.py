import io

import numpy
import pytest
import spacy
import torch
from spacy_transformers.span_getters import configure_strided_spans
from thinc.api import reduce_mean

from spacy_distill.student.encoder import (
    build_encoder_v1,
    encoder_layers,
    frozen_parts,
    has_fast_bf16,
)
from spacy_distill.student.train import train

from .conftest import CONTRACT, TEXTS

TRF = "configs/textcat_trf.cfg"


def run(corpus, out, encoder, **overrides):
    settings = {
        "paths.encoder": str(encoder),
        "training.max_epochs": 2,
        "components.llm.model.tok2vec.cpu_bf16": False,
        **overrides,
    }
    stream = io.StringIO()
    trained = train(
        TRF,
        out,
        contract=CONTRACT,
        train_path=corpus,
        dev_path=corpus,
        overrides=settings,
        stdout=stream,
        stderr=stream,
    )
    return trained.path


def transformer(nlp):
    model = next(node for node in nlp.get_pipe("llm").model.walk() if node.name == "transformer")
    return model.layers[0].shims[0]._model


def weights(module):
    return {name: value.clone() for name, value in module.named_parameters()}


@pytest.mark.parametrize("family", ["bert", "distilbert", "roberta"])
def test_encoder_trains_every_family(corpus, tmp_path, encoders, family):
    nlp = spacy.load(run(corpus, tmp_path / "out", encoders[family]))
    assert nlp.pipe_names == ["llm"]
    assert set(nlp(TEXTS[0]).cats) == set(CONTRACT.labels)


def test_encoder_frozen_weights_stay_bit_equal(corpus, tmp_path, encoders):
    from transformers import AutoModel

    before = weights(AutoModel.from_pretrained(encoders["bert"]))
    path = run(
        corpus,
        tmp_path / "out",
        encoders["bert"],
        **{"components.llm.model.tok2vec.freeze_layers": 1},
    )
    after = weights(transformer(spacy.load(path)))
    frozen = {x for x in before if x.startswith(("embeddings.", "encoder.layer.0."))}
    moved = {x for x in before if not torch.equal(before[x], after[x])}
    assert frozen
    assert not moved & frozen
    assert {x.split(".")[2] for x in moved if x.startswith("encoder.layer.")} == {"1", "2"}


def test_encoder_learn_rate_factor_zero_moves_the_head_only(corpus, tmp_path, encoders):
    from transformers import AutoModel

    before = weights(AutoModel.from_pretrained(encoders["bert"]))
    settings = {"components.llm.model.tok2vec.learn_rate_factor": 0.0}
    nlp = spacy.load(run(corpus, tmp_path / "out", encoders["bert"], **settings))
    after = weights(transformer(nlp))
    assert all(torch.equal(before[name], after[name]) for name in before)
    assert max(nlp(TEXTS[1]).cats.values()) > 1 / 3


@pytest.mark.parametrize("bf16", [True, False])
def test_encoder_weights_load_in_the_stock_architecture(corpus, tmp_path, encoders, bf16):
    from spacy_distill.deploy.stock import load_stock

    settings = {"components.llm.model.tok2vec.cpu_bf16": bf16}
    path = run(corpus, tmp_path / "out", encoders["bert"], **settings)
    ours, stock = spacy.load(path), load_stock(path)
    block = stock.config["components"]["llm"]
    assert block["factory"] == "textcat"
    assert block["model"]["tok2vec"]["@architectures"].startswith("spacy-transformers.")
    scores = [[list(doc.cats.values()) for doc in nlp.pipe(TEXTS[:4])] for nlp in (ours, stock)]
    numpy.testing.assert_allclose(*scores, atol=0.02 if bf16 else 1e-6)


def test_encoder_goes_on_from_an_earlier_student(corpus, tmp_path, encoders):
    first = run(corpus, tmp_path / "one", encoders["bert"])
    stream = io.StringIO()
    second = train(
        TRF,
        tmp_path / "two",
        contract=CONTRACT,
        train_path=corpus,
        dev_path=corpus,
        overrides={"training.max_epochs": 1, "training.optimizer.learn_rate.initial_rate": 0.0},
        start_from=first,
        stdout=stream,
        stderr=stream,
    ).path
    assert spacy.load(second)(TEXTS[0]).cats == pytest.approx(
        spacy.load(first)(TEXTS[0]).cats, abs=1e-3
    )


def test_encoder_saved_student_does_not_need_the_pretrained_folder(corpus, tmp_path, encoders):
    import shutil

    folder = tmp_path / "encoder"
    shutil.copytree(encoders["bert"], folder)
    path = run(corpus, tmp_path / "out", folder)
    shutil.rmtree(folder)
    assert spacy.load(path)("it works").cats


def test_encoder_refuses_to_freeze_what_is_not_there(encoders):
    from transformers import AutoModel

    model = AutoModel.from_pretrained(encoders["bert"])
    assert len(encoder_layers(model)) == 3
    with pytest.raises(ValueError, match="freeze_layers = 4, but the encoder has 3"):
        frozen_parts(model, False, 4)
    with pytest.raises(ValueError, match="freeze_embeddings"):
        frozen_parts(torch.nn.Linear(1, 1), True, 0)


@pytest.mark.parametrize("setting", ["auto", True, False])
def test_encoder_bf16_follows_setting_and_hardware(setting):
    spans = configure_strided_spans(window=128, stride=96)
    model = build_encoder_v1("unused", spans, {}, reduce_mean(), cpu_bf16=setting)
    node = next(node for node in model.walk() if node.name == "transformer")
    assert node.layers[0].shims[0].cpu_bf16 == (has_fast_bf16() if setting == "auto" else setting)


@pytest.mark.gpu
def test_encoder_trains_on_gpu_in_mixed_precision(corpus, tmp_path, encoders):
    stream = io.StringIO()
    trained = train(
        TRF,
        tmp_path / "out",
        contract=CONTRACT,
        train_path=corpus,
        dev_path=corpus,
        gpu_id=0,
        overrides={
            "paths.encoder": str(encoders["bert"]),
            "training.max_epochs": 2,
            "system.mixed_precision": True,
        },
        stdout=stream,
        stderr=stream,
    )
    assert spacy.load(trained.path)(TEXTS[0]).cats
