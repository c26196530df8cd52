import json

import pytest
import spacy
from spacy.tokens import DocBin
from tokenizers import Tokenizer, models, pre_tokenizers, processors, trainers

from spacy_distill.attrs import get_distill
from spacy_distill.contract import Contract

TEXTS = ["the parcel is late", "i love it", "where is my parcel", "great sound, love it"] * 5
CONTRACT = Contract("llm", "en", ("complaint", "praise", "question"), exclusive=True)
SIZES = {"vocab_size": 120, "max_position_embeddings": 64}


def tiny_config(family):
    from transformers import BertConfig, DistilBertConfig, RobertaConfig

    if family == "distilbert":
        return DistilBertConfig(dim=16, hidden_dim=32, n_layers=3, n_heads=2, **SIZES)
    config = {"bert": BertConfig, "roberta": RobertaConfig}[family]
    return config(
        hidden_size=16,
        intermediate_size=32,
        num_hidden_layers=3,
        num_attention_heads=2,
        type_vocab_size=2,
        pad_token_id=1,
        **SIZES,
    )


def save_encoder(path, family):
    from transformers import AutoModel, PreTrainedTokenizerFast

    special = ["[UNK]", "[PAD]", "[CLS]", "[SEP]", "[MASK]"]
    tokenizer = Tokenizer(models.BPE(unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.train_from_iterator(
        TEXTS, trainers.BpeTrainer(vocab_size=100, special_tokens=special)
    )
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        unk_token="[UNK]",
        pad_token="[PAD]",
        cls_token="[CLS]",
        sep_token="[SEP]",
        mask_token="[MASK]",
        model_max_length=60,
        model_input_names=["input_ids", "attention_mask"],
    )
    fast.save_pretrained(path)
    AutoModel.from_config(tiny_config(family)).save_pretrained(path)
    return path


@pytest.fixture(scope="session")
def encoders(tmp_path_factory):
    root = tmp_path_factory.mktemp("encoders")
    return {
        family: save_encoder(root / family, family) for family in ("bert", "distilbert", "roberta")
    }


@pytest.fixture
def make_corpus(tmp_path):
    nlp = spacy.blank("en")

    def make(rows, name="train.spacy"):
        docs = []
        for text, cats, *weight in rows:
            doc = nlp.make_doc(text)
            doc.cats = cats
            if weight:
                get_distill(doc)["weight"] = weight[0]
            docs.append(doc)
        path = tmp_path / name
        DocBin(docs=docs, store_user_data=True).to_disk(path)
        return path

    return make


@pytest.fixture
def corpus(make_corpus):
    labels = ("complaint", "praise", "question", "praise")
    rows = [
        (text, {label: float(label == labels[i % 4]) for label in CONTRACT.labels})
        for i, text in enumerate(TEXTS)
    ]
    return make_corpus(rows)


def read_meta(path):
    return json.loads((path / "meta.json").read_text(encoding="utf8"))
