"""`spacy distill init`: a weasel project for your own texts."""

from pathlib import Path
from typing import TYPE_CHECKING

from spacy.cli._util import Arg, Opt
from wasabi import msg

from ..errors import UserError
from .app import command

if TYPE_CHECKING:
    from ..project.teachers import Teacher


@command(
    "init",
    examples="""
    python -m spacy distill init tickets --teacher llm.cfg --texts tickets.csv --gold gold.csv
    python -m spacy distill init tickets --labels bug,question --prompt prompt.txt --texts tickets.jsonl
    python -m spacy distill init new --labels a,b --prompt p.txt -m llama3.1 --base-url http://localhost:11434/v1
    """,
)
def init_cli(
    folder: Path = Arg(..., help="Folder of the new project"),
    teacher: Path | None = Opt(
        None, "--teacher", "-t", help="Your spacy-llm config; taken over as it is"
    ),
    component: str | None = Opt(None, "--component", "-c", help="The teacher's component"),
    labels: str | None = Opt(None, "--labels", help="Without a config: the labels, as a,b,c"),
    prompt: Path | None = Opt(
        None,
        "--prompt",
        help="With --labels: a file with an instruction, or a Jinja template with {{ text }}",
    ),
    multilabel: bool = Opt(False, "--multilabel", help="With --labels: several may apply"),
    lang: str = Opt("en", "--lang", "-l", help="With --labels: the texts' language code"),
    model: str = Opt("gpt-4o-mini", "--model", "-m", help="With --labels: the model's name"),
    base_url: str = Opt(
        "https://api.openai.com/v1",
        "--base-url",
        help="With --labels: an endpoint with OpenAI-shaped chat completions",
    ),
    key_variable: str = Opt(
        "OPENAI_API_KEY", "--key-variable", help="Environment variable that holds its key"
    ),
    texts: Path | None = Opt(None, "--texts", help="Your texts: any format that `ingest` reads"),
    gold: Path | None = Opt(None, "--gold", help="Texts with human labels: a hundred or more"),
    text_column: str = Opt("text", "--text-column", help="Column of the text, in both"),
    id_column: str = Opt("id", "--id-column", help="Column of your own ids, in both"),
    gold_column: str = Opt("label", "--gold-column", help="Column of the human labels"),
    gold_separator: str | None = Opt(
        None, "--gold-separator", help="Between several labels in one cell of a table"
    ),
) -> None:
    """Make a weasel project for your own texts, from an LLM pipeline or from labels and a prompt.

    Nothing is sent anywhere: `weasel run plan` in the new folder shows what would be.
    """
    from ..project import Sources, init
    from ..project.teachers import NewTeacher, OwnTeacher

    source: Teacher
    if teacher is not None and labels is None and prompt is None:
        source = OwnTeacher(teacher)
    elif teacher is None and labels is not None and prompt is not None:
        names = [label.strip() for label in labels.split(",")]
        exclusive = not multilabel
        source = NewTeacher(names, prompt, exclusive, lang, model, base_url, key_variable)
    else:
        raise UserError("Give either --teacher, or --labels and --prompt.")
    sources = Sources(texts, gold, text_column, id_column, gold_column, gold_separator)
    contract = init(folder, source, sources=sources, component=component)
    how = "one of" if contract.exclusive else "any of"
    msg.good(f"{folder} distils {contract.name!r}: {how} {', '.join(contract.labels)}")
    print_next(folder, sources.texts is None, sources.gold is None)


def print_next(folder: Path, no_texts: bool, no_gold: bool) -> None:
    """Print what to do next."""
    if no_texts:
        msg.warn(f"Put your texts into {folder / 'assets' / 'texts.jsonl'}, one object a line")
    if no_gold:
        msg.warn("Without gold texts there are no scores and no verdict: label a hundred by hand")
    msg.text("Next:")
    for line in (f"cd {folder}", "python -m weasel run plan", "python -m weasel run all"):
        print(f"  {line}")  # noqa: T201
