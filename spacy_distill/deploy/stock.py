"""A student in stock factories: production needs spaCy and spacy-transformers, not this package."""

from pathlib import Path
from typing import Any

from confection import Config
from spacy.language import Language
from spacy.util import load_config, load_meta, load_model_from_config

from ..contract import TEXTCAT_FACTORIES
from ..errors import UserError

STOCK_FACTORIES = {
    "distill_textcat": "textcat",
    "distill_textcat_multilabel": "textcat_multilabel",
}
STOCK_ENCODER = "spacy-transformers.Tok2VecTransformer.v3"
OWN_ENCODER = "spacy-distill.Encoder.v1"
OWN_ENCODER_SETTINGS = ("freeze_embeddings", "freeze_layers", "learn_rate_factor", "cpu_bf16")
UPSTREAM = ("transformer", "tok2vec")


def load_stock(path: Path | str) -> Language:
    """Load a trained student with stock factories and with its encoder inside its component.

    path (Path | str): A trained pipeline, such as `training/intent/model-best`.
    RETURNS (Language): The pipeline; its text classifier listens to nobody.
    RAISES (UserError): If the folder holds no pipeline.
    """
    path = Path(path)
    if not (path / "config.cfg").is_file():
        raise UserError(f"No trained pipeline in {path}; run `train` first.")
    config = stock_config(load_config(path / "config.cfg", interpolate=True))
    nlp = load_model_from_config(config, meta=load_meta(path / "meta.json"), auto_fill=True)
    nlp.from_disk(path)
    for name in list(nlp.pipe_names):
        if nlp.get_pipe_meta(name).factory in TEXTCAT_FACTORIES:
            take_in_encoder(nlp, name)
    return nlp


def stock_config(config: Config) -> Config:
    """Return a student's config with stock factories and architectures, for any machine.

    config (Config): The config of a trained student; it is left as it is.
    RETURNS (Config): The same, without our names, a machine's paths or mixed precision.
    """
    stock = config.copy()
    for block in stock["components"].values():
        if block["factory"] in STOCK_FACTORIES:
            block["factory"] = STOCK_FACTORIES[block["factory"]]
            block.pop("label_smoothing", None)
        if isinstance(block.get("model"), dict):
            make_stock(block["model"])
    stock["initialize"] = {}
    stock["corpora"] = {}
    stock["paths"] = {}
    stock["training"] = {}
    return stock


def make_stock(block: dict[str, Any]) -> None:
    """Rewrite a model block, and the blocks in it, in place."""
    if block.get("@architectures") == OWN_ENCODER:
        block["@architectures"] = STOCK_ENCODER
        for setting in OWN_ENCODER_SETTINGS:
            block.pop(setting, None)
    if "Transformer" in block.get("@architectures", "") and "name" in block:
        block["name"] = Path(block["name"]).name
        block["mixed_precision"] = False
        block["grad_scaler_config"] = {}
    for value in block.values():
        if isinstance(value, dict):
            make_stock(value)


def take_in_encoder(nlp: Language, name: str) -> None:
    """Put a copy of the encoder that a component listens to inside the component."""
    for upstream in UPSTREAM:
        if upstream in nlp.pipe_names and listens_to(nlp, name, upstream):
            nlp.replace_listeners(upstream, name, ["model.tok2vec"])


def listens_to(nlp: Language, name: str, upstream: str) -> bool:
    """Say whether a component listens to an encoder component."""
    listening = getattr(nlp.get_pipe(upstream), "listening_components", [])
    return name in listening
