"""A pretrained transformer that trains fast: frozen layers, its own learning rate, bf16 on CPU.

The architecture is spacy-transformers' own with another shim around the same weights, so what it
saves loads in the stock architecture.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial
from typing import Any, Literal, cast

import torch
from spacy.tokens import Doc
from spacy_transformers.architectures import transformer_tok2vec_v3
from spacy_transformers.data_classes import HFObjects
from spacy_transformers.layers import TransformerModel
from spacy_transformers.layers.hf_shim import HFShim
from thinc.api import Model, Optimizer
from thinc.types import ArgsKwargs, Floats2d, Ragged


class EncoderShim(HFShim):
    """spacy-transformers' shim with frozen parameters, a learn rate factor and CPU autocast."""

    freeze_embeddings = False
    freeze_layers = 0
    learn_rate_factor = 1.0
    cpu_bf16 = False

    def freeze(self) -> None:
        """Switch the gradient of the frozen parameters off; must run before the first update."""
        if self._model is None:
            return
        for part in frozen_parts(self._model, self.freeze_embeddings, self.freeze_layers):
            part.requires_grad_(False)

    def autocast(self) -> AbstractContextManager[Any]:
        """Compute in bfloat16 while the block runs, if that is on and the weights are on a CPU."""
        enabled = self.cpu_bf16 and self.device.type == "cpu"
        return torch.autocast("cpu", dtype=torch.bfloat16, enabled=enabled)

    def predict(self, inputs: ArgsKwargs) -> Any:
        """Run the transformer forward."""
        with self.autocast():
            return as_float32(super().predict(inputs))

    def begin_update(self, inputs: ArgsKwargs) -> tuple[Any, Callable[..., Any]]:
        """Run the transformer forward, and return the callback to run it backward."""
        with self.autocast():
            output, backprop = super().begin_update(inputs)
        return as_float32(output), backprop

    def finish_update(self, optimizer: Optimizer) -> None:
        """Update the weights with the encoder's share of the learn rate."""
        super().finish_update(cast(Optimizer, partial(optimizer, lr_scale=self.learn_rate_factor)))

    def from_bytes(self, bytes_data: bytes) -> "EncoderShim":
        """Load weights, and freeze what is to stay frozen in them."""
        super().from_bytes(bytes_data)
        self.freeze()
        return self


def as_float32(output: Any) -> Any:
    """Give the tensors of a transformers output the type that thinc expects."""
    for key, value in output.items():
        if isinstance(value, torch.Tensor):
            output[key] = value.float()
    return output


def frozen_parts(
    transformer: torch.nn.Module, embeddings: bool, n_layers: int
) -> list[torch.nn.Module]:
    """Return the parts of a Hugging Face encoder that are to be frozen.

    transformer (torch.nn.Module): BERT, DistilBERT, RoBERTa or a model of the same build.
    embeddings (bool): Whether the embeddings are among them.
    n_layers (int): How many of the lowest layers are.
    RETURNS (list[torch.nn.Module]): The modules.
    RAISES (ValueError): If the model has no embeddings or fewer layers.
    """
    parts: list[torch.nn.Module] = []
    if embeddings:
        found = getattr(transformer, "embeddings", None)
        if found is None:
            raise ValueError(
                f"{type(transformer).__name__} has no part named 'embeddings'; "
                "set freeze_embeddings = false."
            )
        parts.append(found)
    layers = encoder_layers(transformer)
    if n_layers > len(layers):
        raise ValueError(f"freeze_layers = {n_layers}, but the encoder has {len(layers)} layers.")
    return [*parts, *layers[:n_layers]]


def encoder_layers(transformer: torch.nn.Module) -> list[torch.nn.Module]:
    """Return the encoder's layers from the lowest up; empty where they can't be found."""
    for owner in ("encoder", "transformer"):
        layers = getattr(getattr(transformer, owner, None), "layer", None)
        if layers is not None:
            return list(layers)
    return []


def has_fast_bf16() -> bool:
    """Say whether this CPU computes bfloat16 in hardware (AVX512-BF16 or AMX)."""
    if not hasattr(torch.cpu, "get_capabilities"):
        return False
    capabilities = torch.cpu.get_capabilities()
    return bool(capabilities.get("avx512_bf16") or capabilities.get("amx_bf16"))


def build_encoder_v1(
    name: str,
    get_spans: Callable[[list[Doc]], Any],
    tokenizer_config: dict[str, Any],
    pooling: Model[Ragged, Floats2d],
    grad_factor: float = 1.0,
    transformer_config: dict[str, Any] = {},  # noqa: B006  (the config system copies defaults)
    mixed_precision: bool = False,
    grad_scaler_config: dict[str, Any] = {},  # noqa: B006
    freeze_embeddings: bool = False,
    freeze_layers: int = 0,
    learn_rate_factor: float = 1.0,
    cpu_bf16: bool | Literal["auto"] = "auto",
) -> Model[list[Doc], list[Floats2d]]:
    """Create `spacy-transformers.Tok2VecTransformer.v3` with settings for fast fine-tuning.

    name to grad_scaler_config: As in the stock architecture, which loads the saved weights.
    freeze_embeddings (bool): Leave the embeddings as they are: they are half of a small encoder's
        weights, and walking them costs much of a training step on CPU.
    freeze_layers (int): Leave that many of the lowest layers as they are.
    learn_rate_factor (float): The encoder learns at this factor of the optimizer's rate.
    cpu_bf16 (bool | "auto"): Compute in bfloat16 on CPU; "auto" where the hardware has it.
    RETURNS (Model[List[Doc], List[Floats2d]]): Per Doc an array of shape (tokens, width).
    """
    model = transformer_tok2vec_v3(
        name,
        get_spans,
        tokenizer_config,
        pooling,
        grad_factor,
        transformer_config,
        mixed_precision,
        dict(grad_scaler_config),
    )
    transformer = cast(
        TransformerModel, next(node for node in model.walk() if node.name == "transformer")
    )
    shim = _replace_shim(transformer)
    shim.freeze_embeddings = freeze_embeddings
    shim.freeze_layers = freeze_layers
    shim.learn_rate_factor = learn_rate_factor
    shim.cpu_bf16 = has_fast_bf16() if cpu_bf16 == "auto" else cpu_bf16
    transformer.attrs["set_transformer"] = partial(
        _set_transformer, transformer.attrs["set_transformer"]
    )
    return cast(Model[list[Doc], list[Floats2d]], model)


def _replace_shim(transformer: TransformerModel) -> EncoderShim:
    # The stock constructor makes its own shim; only a shim can change how the weights are used.
    wrapper = transformer.layers[0]
    shim = EncoderShim.__new__(EncoderShim)
    shim.__dict__.update(wrapper.shims[0].__dict__)
    wrapper.shims[0] = shim
    return shim


def _set_transformer(
    stock: Callable[[TransformerModel, HFObjects], None],
    model: TransformerModel,
    hf_model: HFObjects,
) -> None:
    stock(model, hf_model)
    cast(EncoderShim, model.layers[0].shims[0]).freeze()
