"""`spacy distill assemble`: the swap."""

from pathlib import Path

from spacy.cli._util import Arg, Opt
from wasabi import msg

from .app import command


@command(
    "assemble",
    examples="""
    python -m spacy distill assemble configs/teacher_intent.cfg training/intent/student assembled
    """,
)
def assemble_cli(
    teacher: Path = Arg(..., help="The production pipeline: a config or a saved pipeline's folder"),
    student: Path = Arg(..., help="The trained student"),
    out_dir: Path = Arg(..., help="Folder for the assembled pipeline"),
    component: str | None = Opt(None, "--component", "-c", help="The LLM component"),
    label_map: Path | None = Opt(None, "--label-map", help="JSON: old label to new label or null"),
) -> None:
    """Write the production pipeline with the student in its LLM component's place.

    Name, position and labels stay what they were; a student that does not keep them is refused. The
    result needs spaCy and, for a transformer, spacy-transformers, but neither spacy-distill nor an LLM.
    """
    from ..contract import read_label_map
    from ..deploy.swap import assemble

    built = assemble(
        teacher,
        student,
        out_dir,
        component=component,
        label_map=read_label_map(label_map) if label_map else None,
        meta={"teacher": str(teacher)},
    )
    msg.good(f"Contract kept: {built.contract.name!r} with {', '.join(built.contract.labels)}")
    msg.good(
        f"Parity kept: in the pipeline, alone and under select_pipes (within {built.parity:.0e})"
    )
    for change in built.changes:
        msg.info(change)
    msg.good(f"Pipeline {built.pipe_names}", str(built.path))
