"""`spacy distill clean`: remove what a project's commands have written."""

from pathlib import Path

from spacy.cli._util import Arg
from wasabi import msg

from .app import command


@command("clean", examples="python -m spacy distill clean .")
def clean_cli(
    project_dir: Path = Arg(Path(), help="Folder with the project.yml"),
) -> None:
    """Remove every output of a project's commands, but never the answers that were paid for."""
    from ..project import clean

    removed = clean(project_dir)
    msg.good(f"Removed {len(removed)} outputs; the answer store stays")
